package config

import (
	"slices"
	"strings"

	"ecnutd/config/strict"
	"ecnutd/ups"
)

// Mail is a mailbox that is reached through a mail server.
type Mail struct {
	Host     string  `key:"host"`
	Port     int     `key:"port"` // 0: as the encryption has it (587, 465 or 25)
	TLS      MailTLS `key:"tls"`
	User     string  `key:"user"` // "" for a server that takes mail without
	Password Secret  `key:"password"`
	From     string  `key:"from"`
	To       string  `key:"to"`
	CAFile   string  `key:"ca_file,path,none"`
}

// MailTLS is how the connection to a mail server is encrypted.
type MailTLS string

// The words of mail.tls.
const (
	MailStartTLS MailTLS = "starttls" // after a greeting in clear
	MailFromOn   MailTLS = "tls"      // from the first byte on
	MailClear    MailTLS = "off"
)

func newMail() *Mail { return &Mail{TLS: MailStartTLS} }

// RouteEvents are the events that a route tells of; none are all.
type RouteEvents []ups.Event

// read takes the name of an event, or a list of them.
func (e *RouteEvents) read(r *reader, at strict.Place) {
	*e = nil
	r.oneOrMany(at, func(at strict.Place) {
		var name string
		before := len(r.Errs)
		r.Text(at, &name, strict.Key{})
		switch event := ups.Event(name); {
		case len(r.Errs) > before:
		case !slices.Contains(ups.Events, event):
			r.Fail(at, "unknown event%s", strict.Suggest(name, eventNames()))
		case slices.Contains(*e, event):
			r.Fail(at, "%s is named twice", name)
		default:
			*e = append(*e, event)
		}
	})
	if len(*e) == 0 && len(r.Errs) == 0 {
		r.Fail(at, "a route for no event: name some, or leave it out for all")
	}
}

// Takes reports whether a route has messages about an event of its own. Those that
// belong to no event (a summary, a text by hand) are for all routes.
func (o Route) Takes(e ups.Event) bool {
	return o.FallbackFor == "" && (e == "" || len(o.Events) == 0 || slices.Contains(o.Events, e))
}

// mail checks an account at a mail server.
func (v *validator) mail(at string, m *Mail) {
	if m == nil || v.unread {
		return
	}
	for _, need := range []struct{ key, value, what string }{
		{"host", m.Host, "the name of the mail server"}, {"from", m.From, "the address that the mail comes from"}, {"to", m.To, "the address that it goes to"},
	} {
		if need.value == "" {
			v.fail(at, "%s is missing: %s", need.key, need.what)
		}
	}
	if strings.ContainsAny(m.Host, ":/ ") && strings.Count(m.Host, ":") < 2 {
		v.fail(at+".host", "a name or an address alone, as in smtp.example.net; the port has a key of its own")
	}
	if m.Port > 65535 {
		v.fail(at+".port", "%d is not a port: 1 to 65535", m.Port)
	}
	if (m.User == "") != m.Password.IsZero() {
		v.fail(at, "user and password_file go together: give both, or neither where the server takes mail without")
	}
}

// told finds events that no route tells of, though they have a message.
func (v *validator) told() {
	routes := v.config.Messages.Routes
	if len(routes) == 0 {
		return
	}
	var mute []string
	for _, e := range ups.Events {
		if v.config.Events[e].Message.On && !slices.ContainsFunc(routes, func(o Route) bool { return o.Takes(e) }) {
			mute = append(mute, string(e))
		}
	}
	if v.config.FinalDelay == 0 {
		v.warn("final_delay", "0s: the messages that tell of the shutdown are not waited for and leave after the reboot, if the host comes back; give them a few seconds")
	}
	if len(mute) > 0 {
		v.warn("messages.routes", "no route takes %s: nobody is told of it; name it in the events of one", strings.Join(mute, ", "))
	}
}

// show prints the events as the file has them.
func (e RouteEvents) show() string {
	var all []string
	for _, one := range e {
		all = append(all, string(one))
	}
	return strings.Join(all, ", ")
}
