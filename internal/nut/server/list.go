package server

import (
	"strconv"
	"strings"
)

// list answers between BEGIN and END. Names stand there as the client typed
// them, but for that of the UPS in CLIENT.
func (s *session) list(args []string) string {
	word, args := what(args, listArguments)
	var b strings.Builder
	title := "LIST " + word
	b.WriteString("BEGIN ")
	switch word {
	case "":
		return errArgument
	case "UPS":
		b.WriteString(title + "\n")
		for _, u := range s.view().list {
			b.WriteString("UPS " + u.Name + " " + describe(u.Description) + "\n")
		}
		b.WriteString("END " + title)
		return b.String()
	}
	u := s.view().find(args[0])
	if u == nil {
		return errUnknownUPS
	}
	title += " " + args[0]
	if word == "CLIENT" {
		b.WriteString(title + "\n")
		for _, address := range s.server.clientsOf(u.Name) {
			b.WriteString("CLIENT " + u.Name + " " + address + "\n")
		}
		b.WriteString("END " + title)
		return b.String()
	}
	if fault := u.fault(); fault != "" {
		return fault
	}
	line := word + " " + args[0] + " "
	var set *Setting
	if word == "ENUM" || word == "RANGE" {
		if _, ok := u.value(args[1]); !ok {
			return errNoVariable
		}
		title, line, set = title+" "+args[1], line+args[1]+" ", u.setting(args[1])
	}
	b.WriteString(title + "\n")
	switch word {
	case "VAR":
		for _, name := range u.layout().names {
			b.WriteString(line + name + " " + quoted(u.Variables[name]) + "\n")
		}
	case "RW":
		for _, set := range u.layout().settings {
			if value, ok := u.value(set.Name); ok {
				b.WriteString(line + set.Name + " " + quoted(value) + "\n")
			}
		}
	case "CMD":
		for _, c := range u.layout().commands {
			b.WriteString(line + c.Name + "\n")
		}
	case "ENUM":
		if set != nil {
			for _, value := range set.Enum {
				b.WriteString(line + quoted(value) + "\n")
			}
		}
	case "RANGE":
		if set != nil && set.Range {
			b.WriteString(line + quoted(strconv.FormatInt(set.Min, 10)) + " " + quoted(strconv.FormatInt(set.Max, 10)) + "\n")
		}
	}
	b.WriteString("END " + title)
	return b.String()
}
