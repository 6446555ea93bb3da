// Package upsd makes the block network of the files of upsd: where it listens,
// and who may do what.
package upsd

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"ecnutd/config"
	"ecnutd/internal/address"
	"ecnutd/internal/nut/importer/directives"
	"ecnutd/internal/nut/importer/document"
	"ecnutd/internal/nut/importer/nutfile"
	"ecnutd/internal/nut/importer/report"
	"ecnutd/internal/nut/importer/wording"
	"ecnutd/internal/password"
)

// Files are those of upsd, line by line; nil stands for one that is not there.
type Files struct{ Conf, Users []nutfile.Line }

// Names that the notes have for them.
const (
	confFile  = "upsd.conf"
	usersFile = "upsd.users"
)

// A plan is what is to be written of the network.
type plan struct {
	log  *report.Log
	hash func(password string) (string, error)

	addresses       []string
	addressesFrom   []string
	connections     int // 0: not given
	connectionsFrom string
	users           []*userPlan
}

// Network makes the block network of the files of upsd, empty where they say
// nothing, and notes what became of each line. hash makes of a password what the
// configuration keeps of it.
func Network(files Files, log *report.Log, hash func(password string) (string, error)) document.Block {
	p := &plan{log: log, hash: hash}
	p.conf(files)
	p.usersOf(files)
	return p.block()
}

// A place is a value and where it stands.
type place struct {
	file  string
	line  int
	value string
}

func (p place) from() string { return fmt.Sprintf("%s:%d", p.file, p.line) }

// A userPlan is a section of upsd.users.
type userPlan struct {
	name     string
	from     place
	password place
	hash     string
	role     config.Role
	actions  []string
	instcmds []string
}

// mostUsers bounds the users of an import: each costs the time of a hash.
const mostUsers = 64

func (p *plan) conf(files Files) {
	const file = confFile
	for _, l := range files.Conf {
		word := strings.ToUpper(l.Words[0])
		switch {
		case word == "LISTEN":
			p.listen(place{file: file, line: l.N}, l.Words[1:])
		case word == "MAXCONN":
			value := ""
			if len(l.Words) > 1 {
				value = l.Words[1]
			}
			n, err := strconv.Atoi(value)
			if err != nil || n < 1 || n > 1000 {
				p.log.Add(file, l.N, report.Unsupported, "", "MAXCONN %s: not 1 to 1000; the default stays", report.Shorten(value))
				continue
			}
			p.connections, p.connectionsFrom = n, fmt.Sprintf("%s:%d", confFile, l.N)
			p.log.Add(file, l.N, report.Translated, fmt.Sprintf("network.max_connections: %d", n), "MAXCONN %d", n)
		case directives.UpsdConf[word] != "":
			p.log.Add(file, l.N, report.NotNeeded, "", "%s: %s", word, directives.UpsdConf[word])
		case directives.UpsdTLS[word]:
			p.log.Add(file, l.N, report.Unsupported, "", "%s: for encrypted connections give network.certificate and network.key, two files in PEM", word)
		default:
			p.log.Unknown(file, l.N, l.Words[0])
		}
	}
	p.addresses = slices.DeleteFunc(p.addresses, func(text string) bool {
		a, err := address.ParseListen(text)
		covered := err == nil && slices.ContainsFunc(p.addresses, func(other string) bool {
			all, err := address.ParseListen(other)
			return err == nil && address.StandsFor(all, a)
		})
		if covered {
			p.log.Add(file, 0, report.NotNeeded, "", "LISTEN %s: another LISTEN is for all addresses, this one among them", text)
		}
		return covered
	})
	if files.Conf != nil && len(p.addresses) == 0 {
		p.addresses, p.addressesFrom = []string{"127.0.0.1", "::1"}, []string{"upsd's default"}
		p.log.Add(file, 0, report.Translated, "network.listen: [127.0.0.1, ::1]", "there is no LISTEN: upsd listens to this host then")
	}
}

// listen takes LISTEN ADDRESS [PORT].
func (p *plan) listen(d place, args []string) {
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
			p.log.Add(d.file, d.line, report.Unsupported, "", "LISTEN %s: not an address; give that of the interface in network.listen", report.Shorten(strings.Join(args, " ")))
			return
		}
		if !slices.ContainsFunc(p.addresses, func(have string) bool { return sameAddress(have, a) }) {
			p.addresses = append(p.addresses, text)
		}
		taken = append(taken, text)
	}
	p.addressesFrom = append(p.addressesFrom, d.from())
	p.log.Add(d.file, d.line, report.Translated, "network.listen: "+strings.Join(taken, ", "), "LISTEN %s", report.Shorten(strings.Join(args, " ")))
}

func sameAddress(text string, a netip.AddrPort) bool {
	have, err := address.ParseListen(text)
	return err == nil && have == a
}

func (p *plan) usersOf(files Files) {
	const file = usersFile
	for _, e := range nutfile.Entries(files.Users) {
		d := place{file, e.N, e.Value()}
		if e.Key == "" {
			if slices.ContainsFunc(p.users, func(u *userPlan) bool { return u.name == wording.Clean(e.Section) }) || len(p.users) >= mostUsers {
				p.log.Add(file, e.N, report.Unsupported, "", "[%s]: a second user of that name, or one too many", report.Shorten(e.Section))
			}
			p.users = append(p.users, &userPlan{name: wording.Clean(e.Section), from: d, role: config.NoRole})
			continue
		}
		if len(p.users) == 0 {
			p.log.Unknown(file, e.N, e.Key)
			continue
		}
		p.userLine(p.users[len(p.users)-1], e, d)
	}
	p.finishUsers(files)
}

// userLine takes a line of a section of upsd.users.
func (p *plan) userLine(u *userPlan, e nutfile.Entry, d place) {
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
			p.log.Add(d.file, d.line, report.Unsupported, "", "upsmon %s: no role", report.Shorten(d.value))
			return
		}
		p.log.Add(d.file, d.line, report.Translated, at+".role: "+string(u.role), "upsmon %s", d.value)
	case "actions":
		for _, a := range e.Values {
			if a = strings.ToUpper(a); a != config.ActionSet && a != config.ActionFSD {
				p.log.Add(d.file, d.line, report.Unsupported, "", "actions %s: SET and FSD are known", report.Shorten(a))
				continue
			}
			u.actions = append(u.actions, a)
			p.log.Add(d.file, d.line, report.Translated, at+".actions", "actions %s", a)
		}
	case "instcmds":
		for _, c := range e.Values {
			if strings.EqualFold(c, config.AllCommands) {
				c = config.AllCommands
				p.log.Add(d.file, d.line, report.Trap, at+".instcmds", "instcmds ALL: in NUT whoever has this password can cut the power of this host; here ALL leaves out the commands that can, and those that are wanted have to be named (load.off.delay, shutdown.return, …)")
			} else {
				p.log.Add(d.file, d.line, report.Translated, at+".instcmds", "instcmds %s", report.Shorten(c))
			}
			u.instcmds = append(u.instcmds, c)
		}
	case "allowfrom":
		p.log.Add(d.file, d.line, report.NotNeeded, "", "allowfrom: upsd does not look at it any more")
	default:
		p.log.Unknown(d.file, d.line, e.Key)
	}
}

// finishUsers hashes the passwords, and leaves out who cannot log in.
func (p *plan) finishUsers(files Files) {
	const file = usersFile
	var users []*userPlan
	rights := false
	for _, u := range p.users {
		at := "network.users." + u.name
		switch {
		case slices.ContainsFunc(users, func(other *userPlan) bool { return other.name == u.name }) || len(users) >= mostUsers:
			continue // noted
		case u.password.value == "":
			p.log.Add(file, u.from.line, report.Unsupported, "", "[%s] has no password: it cannot log in, and is left out", report.Shorten(u.name))
			continue
		}
		word := u.password.value
		if !password.Sendable(word) {
			// upsd drops these characters, of the file and of what clients send.
			if word = password.Sent(word); word != "" {
				p.log.Add(file, u.password.line, report.Trap, at+".password", "password: it has characters that NUT's protocol does not carry, such as accents; upsd drops them on both sides, and so any password that differs in them alone is taken; the hash is of what is left, and clients go on with what they have")
			}
		}
		hash, err := p.hash(word)
		if err != nil {
			p.log.Add(file, u.password.line, report.Unsupported, "", "password: %v; give the user another one", err)
			continue
		}
		u.hash = hash
		p.log.Add(file, u.from.line, report.Translated, at, "[%s]", report.Shorten(u.name))
		p.log.Add(file, u.password.line, report.Translated, at+".password", "password, as a hash that the password cannot be read from")
		users = append(users, u)
		rights = rights || len(u.actions)+len(u.instcmds) > 0
	}
	p.users = users
	if len(users) > 0 && !rights {
		u := users[0]
		p.log.Add(file, u.from.line, report.Trap, "", "[%s] has neither instcmds nor actions, and no other user has: upscmd and upsrw are refused (ACCESS-DENIED) whatever comment or guide says; ecnutd command and ecnutd set work for root", report.Shorten(u.name))
	}
	if len(users) > 0 && len(p.addresses) == 0 && files.Conf == nil {
		p.addresses, p.addressesFrom = []string{"127.0.0.1", "::1"}, []string{"upsd's default"}
	}
}

// block writes the block; it is empty where nothing was said.
func (p *plan) block() document.Block {
	b := document.New()
	if len(p.addresses) > 0 {
		b.Put("listen", document.Args(p.addresses), strings.Join(p.addressesFrom, ", "))
	}
	if p.connections > 0 {
		b.Put("max_connections", document.Value(p.connections), p.connectionsFrom)
	}
	users := document.New()
	for _, u := range p.users {
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
