package importer

import (
	"fmt"
	"slices"

	"ecnutd/internal/nut/importer/script"
	"ecnutd/internal/nut/importer/wording"
)

// sent is a request to Free Mobile and where it stands.
type sent struct {
	script.Send
	at script.Pos
}

// clipped is the request of an effect without control characters.
func clipped(e script.Effect) script.Send {
	s := e.Send
	s.User, s.Password, s.SecretOf = wording.Printable(s.User), wording.Printable(s.Password), wording.Printable(s.SecretOf)
	return s
}

// A routePlan is the Free Mobile account of the scripts.
type routePlan struct {
	send script.Send
	from string
}

// secretFile is where the password is to be put.
const secretFile = "/etc/ecnutd/free.secret"

// account takes the account out of the requests, and tells what is wrong with
// them.
func (m *importer) account() {
	for _, s := range m.sends {
		file, line := s.at.File, s.at.Line
		if s.Insecure {
			m.note(file, line, Trap, "", "the certificate of the gateway is not checked (--insecure, -k): whoever answers gets the password; ecnutd checks it")
		}
		if s.Unencoded {
			m.note(file, line, Trap, "", "the text is put into the URL without encoding: curl refuses an address with blanks in it (exit 3 with curl 7.88), and nothing is sent; ecnutd encodes it")
		}
		if s.User == "" {
			m.note(file, line, Unsupported, "messages.routes", "the customer number (user=) cannot be read out: write the route by hand")
			continue
		}
		if m.route != nil {
			if m.route.send.User != s.User {
				m.note(file, line, Unsupported, "messages.routes", "a second account: write a second route by hand")
			}
			continue
		}
		m.route = &routePlan{s.Send, fmt.Sprintf("%s:%d", file, line)}
		m.note(file, line, Translated, "messages.routes.free.free_mobile", "the request to Free Mobile")
		m.password(s)
	}
	if m.route != nil {
		m.sends = slices.Clip(m.sends)
	}
}

func (m *importer) password(s sent) {
	const key = "messages.routes.free.free_mobile.password"
	where := "in the request"
	if s.SecretIn != "" {
		where = "of the variable " + s.SecretIn
	}
	switch {
	case s.SecretOf != "":
		m.note(s.at.File, s.at.Line, Translated, key+"_file: "+s.SecretOf, "the password is in a file already")
	case s.Password == "":
		m.note(s.at.File, s.at.Line, Unsupported, key+"_file: "+secretFile, "the password (pass=) cannot be read out: put it on the first line of %s", secretFile)
	case m.options.InlineSecrets:
		m.note(s.SecretAt.File, s.SecretAt.Line, Trap, key, "the password %s stands in a script, and in the list of processes whenever it is used; it is in the YAML now, as asked: let nobody else read that file", where)
	default:
		m.note(s.SecretAt.File, s.SecretAt.Line, Trap, key+"_file: "+secretFile, "the password %s stands in a script, and in the list of processes whenever it is used. Make the file for it: sudo install -m 640 -g ecnutd /dev/null %s, and copy the password from this line into its first line, with an editor", where, secretFile)
	}
}
