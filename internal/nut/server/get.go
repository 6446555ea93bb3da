package server

import (
	"strconv"
	"strings"

	"ecnutd/ups"
)

// arguments is how many words each request of GET and LIST needs behind its
// own. More are not looked at, as by upsd.
var (
	getArguments  = map[string]int{"VAR": 2, "TYPE": 2, "DESC": 2, "CMDDESC": 2, "UPSDESC": 1, "NUMLOGINS": 1, "TRACKING": 0}
	listArguments = map[string]int{"UPS": 0, "VAR": 1, "RW": 1, "CMD": 1, "CLIENT": 1, "ENUM": 2, "RANGE": 2}
)

// what takes the first word of the arguments, if the others it needs are there.
func what(args []string, needs map[string]int) (word string, rest []string) {
	if len(args) == 0 {
		return "", nil
	}
	word = strings.ToUpper(args[0])
	if n, ok := needs[word]; !ok || len(args)-1 < n {
		return "", nil
	}
	return word, args[1:]
}

func (s *session) get(args []string) string {
	word, args := what(args, getArguments)
	switch word {
	case "":
		return errArgument
	case "TRACKING":
		return s.getTracking(args)
	case "VAR":
		if text := s.getServer(args); text != "" {
			return text
		}
	}
	u := s.view().find(args[0])
	if u == nil {
		return errUnknownUPS
	}
	name := args[0]
	if word == "UPSDESC" {
		text := u.Description
		if text == "" {
			text = "Unavailable"
		}
		return "UPSDESC " + name + " " + quoted(text)
	}
	if fault := u.fault(); fault != "" {
		return fault
	}
	switch word {
	case "VAR":
		value, ok := u.value(args[1])
		if !ok {
			return errNoVariable
		}
		return "VAR " + name + " " + args[1] + " " + quoted(value)
	case "TYPE":
		return u.getType(name, args[1])
	case "DESC":
		return "DESC " + name + " " + args[1] + " " + describe(ups.Describe(args[1]))
	case "CMDDESC":
		text := ""
		if c := u.command(args[1]); c != nil {
			text = c.Description
		}
		return "CMDDESC " + name + " " + args[1] + " " + describe(text)
	default: // NUMLOGINS
		return "NUMLOGINS " + name + " " + strconv.Itoa(s.server.loginsOf(u.Name))
	}
}

func describe(text string) string {
	if text == "" {
		text = "Description unavailable"
	}
	return quoted(text)
}

// getServer answers for the variables of the server itself, which every name
// of a UPS has. Their names are answered in lower case.
func (s *session) getServer(args []string) string {
	switch variable := strings.ToLower(args[1]); variable {
	case "server.info":
		return "VAR " + args[0] + " " + variable + " " + quoted(s.serverInfo())
	case "server.version":
		return "VAR " + args[0] + " " + variable + " " + quoted(NUTVersion)
	}
	return ""
}

// getType says how a variable can be set, in the words of usbhid-ups: a text of
// a greatest length, or one of a list. Clients have no field for a RANGE, which
// LIST RANGE tells all the same. A variable that cannot be set is a number, as
// upsd has it.
func (e *entry) getType(ups, variable string) string {
	if _, ok := e.value(variable); !ok {
		return errNoVariable
	}
	text := "TYPE " + ups + " " + variable
	set := e.setting(variable)
	if set == nil {
		return text + " NUMBER"
	}
	text += " RW"
	if len(set.Enum) > 0 {
		text += " ENUM"
	}
	return text + " STRING:" + strconv.Itoa(set.Length)
}
