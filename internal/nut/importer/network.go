package importer

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"ecnutd/config"
	"ecnutd/internal/address"
	"ecnutd/internal/nut/importer/directives"
	"ecnutd/internal/nut/importer/document"
	"ecnutd/internal/nut/importer/nutfile"
	"ecnutd/internal/nut/importer/report"
	"ecnutd/internal/nut/importer/wording"
	"ecnutd/internal/password"
)

// A networkPlan is what is to be written of the network.
type networkPlan struct {
	listen      []string
	listenFrom  []string
	connections setting
	users       []*userPlan
}

// A userPlan is a section of upsd.users.
type userPlan struct {
	name     string
	from     directive
	password directive
	hash     string
	role     config.Role
	actions  []string
	instcmds []string
}

// mostUsers bounds the users of an import: each costs the time of a hash.
const mostUsers = 64

func (m *importer) upsdConf() {
	const file = "upsd.conf"
	for _, l := range m.lines[file] {
		word := strings.ToUpper(l.Words[0])
		switch {
		case word == "LISTEN":
			m.listen(directive{file: file, line: l.N}, l.Words[1:])
		case word == "MAXCONN":
			value := ""
			if len(l.Words) > 1 {
				value = l.Words[1]
			}
			n, err := strconv.Atoi(value)
			if err != nil || n < 1 || n > 1000 {
				m.note(file, l.N, Unsupported, "", "MAXCONN %s: not 1 to 1000; the default stays", report.Shorten(value))
				continue
			}
			m.net.connections = setting{n, fmt.Sprintf("%s:%d", file, l.N)}
			m.note(file, l.N, Translated, fmt.Sprintf("network.max_connections: %d", n), "MAXCONN %d", n)
		case directives.UpsdConf[word] != "":
			m.note(file, l.N, NotNeeded, "", "%s: %s", word, directives.UpsdConf[word])
		case directives.UpsdTLS[word]:
			m.note(file, l.N, Unsupported, "", "%s: for encrypted connections give network.certificate and network.key, two files in PEM", word)
		default:
			m.unknown(file, l.N, l.Words[0])
		}
	}
	m.net.listen = slices.DeleteFunc(m.net.listen, func(text string) bool {
		a, err := address.ParseListen(text)
		covered := err == nil && slices.ContainsFunc(m.net.listen, func(other string) bool {
			all, err := address.ParseListen(other)
			return err == nil && address.StandsFor(all, a)
		})
		if covered {
			m.note(file, 0, NotNeeded, "", "LISTEN %s: another LISTEN is for all addresses, this one among them", text)
		}
		return covered
	})
	if m.lines[file] != nil && len(m.net.listen) == 0 {
		m.net.listen, m.net.listenFrom = []string{"127.0.0.1", "::1"}, []string{"upsd's default"}
		m.note(file, 0, Translated, "network.listen: [127.0.0.1, ::1]", "there is no LISTEN: upsd listens to this host then")
	}
}

// listen takes LISTEN ADDRESS [PORT].
func (m *importer) listen(d directive, args []string) {
	host, port := "localhost", address.NUTPort
	if len(args) > 0 {
		host = args[0]
	}
	if len(args) > 1 {
		port = args[1]
	}
	var hosts []string
	switch strings.ToLower(strings.Trim(host, "[]")) {
	case "localhost", "":
		hosts = []string{"127.0.0.1", "::1"}
	case "*":
		hosts = []string{"0.0.0.0", "::"}
	default:
		hosts = []string{strings.Trim(host, "[]")}
	}
	var taken []string
	for _, h := range hosts {
		text := h
		if port != address.NUTPort {
			text = h + ":" + port
			if strings.Contains(h, ":") {
				text = "[" + h + "]:" + port
			}
		}
		a, err := address.ParseListen(text)
		if err != nil {
			m.note(d.file, d.line, Unsupported, "", "LISTEN %s: not an address; give that of the interface in network.listen", report.Shorten(strings.Join(args, " ")))
			return
		}
		if !slices.ContainsFunc(m.net.listen, func(have string) bool { return sameAddress(have, a) }) {
			m.net.listen = append(m.net.listen, text)
		}
		taken = append(taken, text)
	}
	m.net.listenFrom = append(m.net.listenFrom, d.from())
	m.note(d.file, d.line, Translated, "network.listen: "+strings.Join(taken, ", "), "LISTEN %s", report.Shorten(strings.Join(args, " ")))
}

func sameAddress(text string, a netip.AddrPort) bool {
	have, err := address.ParseListen(text)
	return err == nil && have == a
}

func (m *importer) upsdUsers() {
	const file = "upsd.users"
	for _, e := range nutfile.Entries(m.lines[file]) {
		d := directive{file, e.N, e.Value()}
		if e.Key == "" {
			if slices.ContainsFunc(m.net.users, func(u *userPlan) bool { return u.name == wording.Clean(e.Section) }) || len(m.net.users) >= mostUsers {
				m.note(file, e.N, Unsupported, "", "[%s]: a second user of that name, or one too many", report.Shorten(e.Section))
			}
			m.net.users = append(m.net.users, &userPlan{name: wording.Clean(e.Section), from: d, role: config.NoRole})
			continue
		}
		if len(m.net.users) == 0 {
			m.unknown(file, e.N, e.Key)
			continue
		}
		m.userLine(m.net.users[len(m.net.users)-1], e, d)
	}
	m.finishUsers(file)
}

// userLine takes a line of a section of upsd.users.
func (m *importer) userLine(u *userPlan, e nutfile.Entry, d directive) {
	at := "network.users." + u.name
	switch key := strings.ToLower(e.Key); key {
	case "password":
		u.password = d
	case "upsmon":
		switch strings.ToLower(d.value) {
		case "primary", "master":
			u.role = config.Primary
		case "secondary", "slave":
			u.role = config.Secondary
		default:
			m.note(d.file, d.line, Unsupported, "", "upsmon %s: no role", report.Shorten(d.value))
			return
		}
		m.note(d.file, d.line, Translated, at+".role: "+string(u.role), "upsmon %s", d.value)
	case "actions":
		for _, a := range e.Values {
			if a = strings.ToUpper(a); a != config.ActionSet && a != config.ActionFSD {
				m.note(d.file, d.line, Unsupported, "", "actions %s: SET and FSD are known", report.Shorten(a))
				continue
			}
			u.actions = append(u.actions, a)
			m.note(d.file, d.line, Translated, at+".actions", "actions %s", a)
		}
	case "instcmds":
		for _, c := range e.Values {
			if strings.EqualFold(c, config.AllCommands) {
				c = config.AllCommands
				m.note(d.file, d.line, Trap, at+".instcmds", "instcmds ALL: in NUT whoever has this password can cut the power of this host; here ALL leaves out the commands that can, and those that are wanted have to be named (load.off.delay, shutdown.return, …)")
			} else {
				m.note(d.file, d.line, Translated, at+".instcmds", "instcmds %s", report.Shorten(c))
			}
			u.instcmds = append(u.instcmds, c)
		}
	case "allowfrom":
		m.note(d.file, d.line, NotNeeded, "", "allowfrom: upsd does not look at it any more")
	default:
		m.unknown(d.file, d.line, e.Key)
	}
}

// finishUsers hashes the passwords, and leaves out who cannot log in.
func (m *importer) finishUsers(file string) {
	var users []*userPlan
	rights := false
	for _, u := range m.net.users {
		at := "network.users." + u.name
		switch {
		case slices.ContainsFunc(users, func(other *userPlan) bool { return other.name == u.name }) || len(users) >= mostUsers:
			continue // noted
		case u.password.value == "":
			m.note(file, u.from.line, Unsupported, "", "[%s] has no password: it cannot log in, and is left out", report.Shorten(u.name))
			continue
		}
		word := u.password.value
		if !password.Sendable(word) {
			// upsd drops these characters, of the file and of what clients send.
			if word = password.Sent(word); word != "" {
				m.note(file, u.password.line, Trap, at+".password", "password: it has characters that NUT's protocol does not carry, such as accents; upsd drops them on both sides, and so any password that differs in them alone is taken; the hash is of what is left, and clients go on with what they have")
			}
		}
		hash, err := m.hash(word)
		if err != nil {
			m.note(file, u.password.line, Unsupported, "", "password: %v; give the user another one", err)
			continue
		}
		u.hash = hash
		m.note(file, u.from.line, Translated, at, "[%s]", report.Shorten(u.name))
		m.note(file, u.password.line, Translated, at+".password", "password, as a hash that the password cannot be read from")
		users = append(users, u)
		rights = rights || len(u.actions)+len(u.instcmds) > 0
	}
	m.net.users = users
	if len(users) > 0 && !rights {
		u := users[0]
		m.note(file, u.from.line, Trap, "", "[%s] has neither instcmds nor actions, and no other user has: upscmd and upsrw are refused (ACCESS-DENIED) whatever comment or guide says; ecnutd command and ecnutd set work for root", report.Shorten(u.name))
	}
	if len(users) > 0 && len(m.net.listen) == 0 && m.lines["upsd.conf"] == nil {
		m.net.listen, m.net.listenFrom = []string{"127.0.0.1", "::1"}, []string{"upsd's default"}
	}
}

// networkBlock writes the block; it is empty where nothing was said.
func (m *importer) networkBlock() document.Block {
	b := document.New()
	if len(m.net.listen) > 0 {
		var items []*yaml.Node
		for _, a := range m.net.listen {
			items = append(items, document.Text(a))
		}
		b.Put("listen", document.List(items...), strings.Join(m.net.listenFrom, ", "))
	}
	if m.net.connections.value != nil {
		b.Put("max_connections", document.Value(m.net.connections.value), m.net.connections.from)
	}
	users := document.New()
	for _, u := range m.net.users {
		one := document.New()
		one.Put("password", document.Text(u.hash), "a hash of "+u.password.from())
		one.Put("role", document.Plain(string(u.role)), "")
		for _, list := range []struct {
			key   string
			words []string
		}{{"actions", u.actions}, {"instcmds", u.instcmds}} {
			if len(list.words) > 0 {
				one.Put(list.key, document.Args(list.words), "")
			}
		}
		users.Put(u.name, one.Node, u.from.from())
	}
	if !users.Empty() {
		b.Put("users", users.Node, "")
	}
	return b
}

// A remotePlan is a UPS that another host serves.
type remotePlan struct{ user, password, host, ups string }

// remoteUPS makes a UPS of a MONITOR line for another host.
func (m *importer) remoteUPS(w *monitored) {
	at := address.Remote{User: w.remote.user, Host: w.remote.host, UPS: w.remote.ups}
	if back, err := address.ParseRemote(at.String()); err != nil || back != at {
		m.note(w.d.file, w.d.line, Unsupported, "", "MONITOR %s: the name, the host or the user has characters that an address cannot have", report.Shorten(w.system))
		return
	}
	name := wording.Clean(w.remote.ups)
	if slices.ContainsFunc(m.ups, func(u upsPlan) bool { return wording.Clean(u.name) == name }) {
		name = wording.Clean(w.remote.ups + "-" + strings.TrimSuffix(w.remote.host, ":"+address.NUTPort))
	}
	if slices.ContainsFunc(m.ups, func(u upsPlan) bool {
		return wording.Clean(u.name) == name || u.settings["remote"].value == at.String()
	}) {
		m.note(w.d.file, w.d.line, Unsupported, "", "MONITOR %s: there is one of that name already", report.Shorten(w.system))
		return
	}
	w.ups = name
	u := upsPlan{name: name, file: w.d.file, line: w.d.line, settings: map[string]setting{"remote": {at.String(), w.d.from()}}}
	if i := slices.IndexFunc(m.tls, func(d directive) bool { return d.value == "FORCESSL" || d.value == "CERTVERIFY" }); i >= 0 {
		u.settings["tls"] = setting{"require", m.tls[i].from()}
	}
	key := "ups." + name
	m.note(w.d.file, w.d.line, Translated, key+".remote: "+at.String(), "MONITOR %s %d (user, password)", report.Shorten(w.system), w.power)
	if m.options.InlineSecrets && w.remote.password != "" {
		u.settings["password"] = setting{w.remote.password, w.d.from()}
	} else {
		secret := "/etc/ecnutd/" + name + ".secret"
		u.settings["password_file"] = setting{secret, "to be made: its first line is the password of " + w.d.from()}
		m.note(w.d.file, w.d.line, Unsupported, key+".password_file: "+secret, "the password for the other host: make the file with install -m 640 -g ecnutd /dev/null %s, and copy the password from this line into its first line, with an editor", secret)
	}
	m.ups = append(m.ups, u)
}

// isLocal tells whether an address or a name is this host.
func isLocal(host string) bool {
	host = strings.Trim(host, "[]")
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback()
	}
	return host == "" || host == "localhost" || strings.HasPrefix(host, "localhost.") || host == "ip6-localhost"
}
