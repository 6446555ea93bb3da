// Package address reads where clients of NUT's protocol are listened to, and where
// a UPS of another host is.
package address

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// NUTPort is the port of NUT's protocol (IANA: nut).
const NUTPort = "3493"

// ParseListen reads an address to listen on, with or without a port:
// "127.0.0.1", "0.0.0.0:3493", "::1", "[::]:3493". Names are not taken.
func ParseListen(text string) (netip.AddrPort, error) {
	if ap, err := netip.ParseAddrPort(text); err == nil {
		if ap.Port() == 0 {
			return netip.AddrPort{}, fmt.Errorf("%q: port 0 is another one at every start, and no client would find it; a port is 1 to 65535", clip(text))
		}
		return ap, nil
	}
	addr, err := netip.ParseAddr(strings.Trim(text, "[]"))
	if err != nil {
		if host, port, cut := cutLast(text, ':'); cut {
			if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil && strings.Trim(port, "0123456789") == "" && port != "" {
				return netip.AddrPort{}, fmt.Errorf("%q: a port is 1 to 65535", clip(text))
			}
		}
		return netip.AddrPort{}, fmt.Errorf("%q is not an address such as 127.0.0.1, ::1 or [::1]:%s", clip(text), NUTPort)
	}
	return netip.MustParseAddrPort(net.JoinHostPort(addr.String(), NUTPort)), nil
}

// cutLast cuts a text at the last of a character.
func cutLast(text string, sep byte) (before, after string, found bool) {
	if i := strings.LastIndexByte(text, sep); i >= 0 {
		return text[:i], text[i+1:], true
	}
	return text, "", false
}

// StandsFor reports whether all is the unspecified address (0.0.0.0 of IPv4, ::
// of IPv6) that listens for another one too.
func StandsFor(all, a netip.AddrPort) bool {
	return all != a && all.Addr().IsUnspecified() && all.Addr().Is4() == a.Addr().Is4() && all.Port() == a.Port()
}

// FormatListen is an address to listen on, without the standard port.
func FormatListen(a netip.AddrPort) string {
	if strconv.Itoa(int(a.Port())) == NUTPort {
		return a.Addr().String()
	}
	return a.String()
}

// A Remote is a UPS that another host serves, nut://user@host:port/ups.
type Remote struct{ User, Host, UPS string }

// ParseRemote reads the address of a UPS of another host. The password is no
// part of it. The zone of an IPv6 address stands behind a percent sign, as
// everywhere but in a URL: nut://user@[fe80::1%eth0]/ups.
func ParseRemote(text string) (Remote, error) {
	if before, zone, ok := strings.Cut(text, "%"); ok && strings.Contains(before, "@[") && !strings.Contains(before, "]") && !strings.HasPrefix(zone, "25") {
		text = before + "%25" + zone
	}
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
		port = NUTPort
	}
	return Remote{u.User.Username(), net.JoinHostPort(u.Hostname(), port), name}, nil
}

// String is the address, without the standard port.
func (r Remote) String() string {
	return "nut://" + r.User + "@" + strings.TrimSuffix(r.Host, ":"+NUTPort) + "/" + r.UPS
}

// ParseCard reads the hardware address of a network card, six bytes:
// 00:11:22:33:44:55, with colons or dashes.
func ParseCard(text string) (net.HardwareAddr, error) {
	card, err := net.ParseMAC(text)
	if err != nil || len(card) != 6 {
		return nil, fmt.Errorf("%q is not the hardware address of a network card, such as 00:11:22:33:44:55", clip(text))
	}
	return card, nil
}

// clip keeps errors readable.
func clip(text string) string { return strings.ToValidUTF8(text[:min(len(text), 60)], "") }
