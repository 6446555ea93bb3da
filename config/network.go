package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"ecnutd/internal/nut/server"
)

// Network is how the clients of NUT reach the daemon.
type Network struct {
	Listen         []string      `key:"listen"` // addresses; none: nobody can connect
	MaxConnections int           `key:"max_connections"`
	Idle           time.Duration `key:"idle"`
	Certificate    string        `key:"certificate,path,none"`
	Key            string        `key:"key,path,none"`
	Users          []User        `key:"users"`
}

// A User is one block of network.users: who may do something over the network.
type User struct {
	Name     string
	Password Secret      `key:"password"` // a hash, or the password itself
	Role     server.Role `key:"role"`
	Actions  []string    `key:"actions"`
	InstCmds []string    `key:"instcmds"`
}

// begin sets the defaults of a user, who may do nothing.
func (u *User) begin(r *reader, name string, at place) {
	*u = User{Name: name, Role: server.NoRole}
	r.name(at, name)
}

// ServerUsers are the users as the server knows them. Those whose password
// cannot be read or is not taken are left out, each with an error.
func (n Network) ServerUsers() (users []server.User, errs []error) {
	for _, u := range n.Users {
		password, err := u.Password.Value()
		if err == nil {
			var one server.User
			if one, err = server.NewUser(u.Name, password, u.Role, u.Actions, u.InstCmds); err == nil {
				users = append(users, one)
				continue
			}
		}
		errs = append(errs, fmt.Errorf("network.users.%s: this user cannot log in: %w", u.Name, err))
	}
	return users, errs
}

// A Remote is a UPS that another host serves, nut://user@host:port/ups.
type Remote struct{ User, Host, UPS string }

// ParseRemote reads the address of a UPS of another host. The password is no
// part of it.
func ParseRemote(text string) (Remote, error) {
	u, err := url.Parse(text)
	name := ""
	if err == nil {
		name = strings.Trim(u.Path, "/")
	}
	switch {
	case err != nil, u.Scheme != "nut", u.Hostname() == "", u.User.Username() == "", name == "", strings.ContainsAny(name, "/ \""), u.RawQuery != "", u.Fragment != "":
		return Remote{}, fmt.Errorf("not an address of the form nut://USER@HOST/UPS")
	}
	if _, given := u.User.Password(); given {
		return Remote{}, fmt.Errorf("the password does not belong into the address: give password_file")
	}
	port := u.Port()
	if port == "" {
		port = server.Port
	}
	return Remote{u.User.Username(), net.JoinHostPort(u.Hostname(), port), name}, nil
}

// String is the address, without the standard port.
func (r Remote) String() string {
	return "nut://" + r.User + "@" + strings.TrimSuffix(r.Host, ":"+server.Port) + "/" + r.UPS
}

// network checks who may reach the daemon.
func (v *validator) network() {
	n := v.config.Network
	seen := map[netip.AddrPort]bool{}
	for i, text := range n.Listen {
		at := fmt.Sprintf("network.listen[%d]", i)
		a, err := server.ParseListen(text)
		switch {
		case err != nil:
			v.fail(at, "%v", err)
		case seen[a]:
			v.fail(at, "%s is there already", shorten(text))
		}
		seen[a] = true
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
	if len(n.Users) > 0 && len(n.Listen) == 0 {
		v.warn("network.listen", "there are users and no address to listen on: nobody can connect")
	}
	for _, u := range n.Users {
		at := "network.users." + u.Name
		if u.Password.IsZero() && !v.unread {
			v.fail(at, "the password is missing: password (a hash: `ecnutd password` makes one), password_file or password_credential")
		}
		if u.Password.Inline() {
			if value, _ := u.Password.Value(); !server.Hashed(value) {
				if _, err := server.NewUser(u.Name, value, u.Role, nil, nil); err != nil {
					v.fail(at+".password", "%v", err)
				} else {
					v.warn(at+".password", "a password in clear: `ecnutd password` makes a hash of it, which says nothing to who reads it")
				}
			}
		}
		for i, a := range u.Actions {
			if a := strings.ToUpper(a); a != server.ActionSet && a != server.ActionFSD {
				v.fail(fmt.Sprintf("%s.actions[%d]", at, i), "%q is none of SET, FSD", shorten(a))
			}
		}
		if u.Role == server.NoRole && len(u.Actions)+len(u.InstCmds) == 0 {
			v.warn(at, "this user may do nothing: give a role, actions or instcmds")
		}
	}
}

// remote checks a UPS of another host.
func (v *validator) remote(at string, u UPS) {
	if u.Remote == "" {
		if !u.Password.IsZero() {
			v.fail(at+".password", "a UPS on USB wants no password: it is for one with remote")
		}
		return
	}
	if _, err := ParseRemote(u.Remote); err != nil {
		v.fail(at+".remote", "%v", err)
	}
	if u.Device != Auto || u.Match != (Match{}) {
		v.fail(at+".remote", "a UPS has one place: either remote, or device and match")
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
