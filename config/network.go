package config

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"ecnutd/config/strict"
	"ecnutd/internal/address"
	"ecnutd/internal/password"
)

// Network is how the clients of NUT reach the daemon.
type Network struct {
	Listen         []netip.AddrPort `key:"listen"` // none: nobody can connect
	MaxConnections int              `key:"max_connections"`
	Idle           time.Duration    `key:"idle"`
	Certificate    string           `key:"certificate,path,none"`
	Key            string           `key:"key,path,none"`
	Users          []User           `key:"users"`
	Wake           []string         `key:"wake"` // network cards of hosts to start again
}

// TLS is whether the connection to another host is encrypted: off (the password
// too is in clear), try (where the other host can) or require (by a certificate
// that holds for its name, or not at all).
type TLS string

// Role is what upsd.users calls upsmon: whether a user's host shuts down when it
// is told (secondary), or is the one that tells (primary).
type Role string

// The roles.
const (
	NoRole    Role = "none"
	Secondary Role = "secondary"
	Primary   Role = "primary"
)

// The actions of a user, as upsd.users has them.
const (
	ActionSet = "SET"
	ActionFSD = "FSD"
)

// AllCommands in the instcmds of a user stands for all that cannot take power
// away from the load.
const AllCommands = "ALL"

// A User is one block of network.users: who may do something over the network.
type User struct {
	Name     string
	Password Secret   `key:"password"` // a hash, or the password itself
	Role     Role     `key:"role"`
	Actions  []string `key:"actions"`
	InstCmds []string `key:"instcmds"`
}

// begin sets the defaults of a user, who may do nothing.
func (u *User) begin(r *reader, name string, at strict.Place) {
	*u = User{Name: name, Role: NoRole}
	r.name(at, name)
}

// listen reads an address to listen on.
func (r *reader) listen(at strict.Place, into *netip.AddrPort) {
	var text string
	before := len(r.Errs)
	if r.Text(at, &text, strict.Key{}); len(r.Errs) > before {
		return
	}
	a, err := address.ParseListen(text)
	if err != nil {
		r.Fail(at, "%v", err)
	}
	*into = a
}

// network checks who may reach the daemon.
func (v *validator) network() {
	n := v.config.Network
	seen := map[netip.AddrPort]bool{}
	for i, a := range n.Listen {
		if seen[a] && a.IsValid() {
			v.fail(fmt.Sprintf("network.listen[%d]", i), "%s is there already", a)
		}
		seen[a] = true
		for _, all := range n.Listen {
			if a.IsValid() && address.StandsFor(all, a) {
				v.warn(fmt.Sprintf("network.listen[%d]", i), "%s is left out: %s stands for it", address.FormatListen(a), address.FormatListen(all))
			}
		}
	}
	if n.MaxConnections < 1 || n.MaxConnections > 1000 {
		v.fail("network.max_connections", "%d: 1 to 1000", n.MaxConnections)
	}
	if n.Idle < 10*time.Second {
		v.fail("network.idle", "%s: at least 10s, or clients that ask every few seconds are cut off", n.Idle)
	}
	if (n.Certificate == "") != (n.Key == "") {
		v.fail("network.certificate", "certificate and key belong together: one is missing")
	}
	for i, card := range n.Wake {
		if _, err := address.ParseCard(card); err != nil {
			v.fail(fmt.Sprintf("network.wake[%d]", i), "%v", err)
		}
	}
	if len(n.Users) > 0 && len(n.Listen) == 0 {
		v.warn("network.listen", "there are users and no address to listen on: nobody can connect")
	}
	for _, u := range n.Users {
		at := "network.users." + u.Name
		if u.Password.IsZero() && !v.unread {
			v.fail(at, "the password is missing: password (a hash: `ecnutd password` makes one), password_file or password_credential")
		}
		if u.Password.Inline() {
			if value, _ := u.Password.Value(); !password.Hashed(value) {
				if _, err := password.NewVerifier(value); err != nil {
					v.fail(at+".password", "%v", err)
				} else {
					v.warn(at+".password", "a password in clear: `ecnutd password` makes a hash of it, which says nothing to who reads it")
				}
			}
		}
		for i, a := range u.Actions {
			if a := strings.ToUpper(a); a != ActionSet && a != ActionFSD {
				v.fail(fmt.Sprintf("%s.actions[%d]", at, i), "%q is none of SET, FSD", strict.Shorten(a))
			}
		}
		if u.Role == NoRole && len(u.Actions)+len(u.InstCmds) == 0 {
			v.warn(at, "this user may do nothing: give a role, actions or instcmds")
		}
	}
}

// names checks the names by which clients ask for UPSs: in any case, and of the
// protocol's characters.
func (v *validator) names() {
	taken := map[string]bool{}
	for _, u := range v.config.UPS {
		taken[strings.ToLower(u.Name)] = true
	}
	for _, u := range v.config.UPS {
		for i, name := range u.Names {
			if !goodName().MatchString(name) || taken[strings.ToLower(name)] {
				v.fail(fmt.Sprintf("ups.%s.names[%d]", u.Name, i), "%q is the name of a UPS already, or cannot be one: %s", strict.Shorten(name), nameRule)
			}
			taken[strings.ToLower(name)] = true
		}
	}
}

// remote checks a UPS of another host.
func (v *validator) remote(at string, u UPS) {
	if (u.Certificate == "") != (u.Key == "") {
		v.fail(at+".certificate", "certificate and key belong together: one is missing")
	}
	if u.Remote == "" {
		if !u.Password.IsZero() {
			v.fail(at+".password", "a UPS on USB wants no password: it is for one with remote")
		}
		if u.TLS != "off" || u.CAFile != "" || u.Certificate != "" {
			v.fail(at+".tls", "tls, ca_file, certificate and key are for a UPS with remote")
		}
		return
	}
	if u.TLS == "off" && (u.CAFile != "" || u.Certificate != "") {
		v.fail(at+".tls", "ca_file and certificate are for an encrypted connection: give tls: require")
	}
	if value, err := u.Password.Value(); u.Password.Inline() && err == nil && !password.Sendable(value) {
		v.fail(at+".password", "%v", password.ErrUnsendable)
	}
	if _, err := address.ParseRemote(u.Remote); err != nil {
		v.fail(at+".remote", "%v", err)
	}
	if u.Device != Auto || u.Match != (Match{}) || u.Generic {
		v.fail(at+".remote", "a UPS has one place: either remote, or device, match and generic")
	}
	if u.Password.IsZero() && !v.unread {
		v.fail(at, "the password for the other host is missing: password_file, password_credential or password")
	}
}

// Local are the UPSs whose cable is in this host.
func (c *Config) Local() []UPS {
	var list []UPS
	for _, u := range c.UPS {
		if u.Remote == "" {
			list = append(list, u)
		}
	}
	return list
}
