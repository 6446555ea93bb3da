package script

import (
	"slices"
	"strings"

	"ecnutd/internal/nut/importer/script/shelltext"
)

// freeMobile is the host that takes the messages.
const freeMobile = "smsapi.free-mobile.fr/"

// field finds the fields of the request.
var field = shelltext.Compiled(`(^|[?&])(user|pass|msg)=`)

// send reads a request to Free Mobile, whatever program makes it.
func (r *runner) send(s *state, args []value, at Pos) bool {
	if !slices.ContainsFunc(args, func(v value) bool { return strings.Contains(v.text, freeMobile) }) {
		return false
	}
	m := Send{SecretAt: at}
	s.write(value{unread: []string{base(args[0].text)}})
	for i, a := range args {
		option := ""
		if i > 0 {
			option = args[i-1].text
		}
		switch {
		case a.text == "--insecure" || a.text == "--no-check-certificate" || shortInsecure().MatchString(a.text):
			m.Insecure = true
		case i == 0 || strings.HasPrefix(a.text, "-") && !strings.Contains(a.text, "="):
		default:
			r.requestFields(s, &m, a, option == "--data-urlencode" || option == "-G")
		}
	}
	r.effect(s, Effect{Kind: Message, At: at, What: base(args[0].text), Send: m})
	return true
}

var shortInsecure = shelltext.Compiled(`^-[A-Za-z]*k[A-Za-z]*$`)

// requestFields reads user, pass and msg from one argument.
func (r *runner) requestFields(s *state, m *Send, a value, encodes bool) {
	if i := strings.Index(a.text, "--data-urlencode="); i == 0 {
		a.text, encodes = a.text[len("--data-urlencode="):], true
	}
	at := field().FindAllStringSubmatchIndex(a.text, mostNamed)
	for i, f := range at {
		end := len(a.text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		raw := a.text[f[1]:end]
		switch a.text[f[4]:f[5]] {
		case "user":
			m.User = shelltext.Decode(raw)
		case "pass":
			r.password(s, m, shelltext.Decode(raw), a.file)
		case "msg":
			part := a.within(f[1], end)
			m.Unset, m.Unread, m.Given, m.Varies = part.unset, part.unread, part.given, part.varies
			if encodes {
				m.Text = strings.ToValidUTF8(raw, "")
				continue
			}
			m.Unencoded = !a.encoded && strings.ContainsFunc(raw, func(c rune) bool { return c <= ' ' || c >= 0x7f || c == '"' })
			m.Text = shelltext.Decode(raw)
		}
	}
}

// password notes the password and where the script has it.
func (r *runner) password(s *state, m *Send, text, file string) {
	m.Password = text
	if text == "" {
		m.SecretOf = file
		return
	}
	for name, v := range s.vars {
		if v.text == text && v.at.Line > 0 && (m.SecretIn == "" || name < m.SecretIn) {
			m.SecretIn, m.SecretAt = name, v.at
		}
	}
}
