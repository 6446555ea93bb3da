package doctor

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"ecnutd/config"
	"ecnutd/internal/address"
	"ecnutd/internal/discovery/remote"
	"ecnutd/internal/host"
	"ecnutd/internal/nut/server"
)

// checkNetwork looks whether each address is answered on, by us, and from how
// far it can be reached; and whether the other hosts are there that this one
// follows.
func checkNetwork(ctx context.Context, c *config.Config, running bool, local []netip.Addr) (list []host.Finding) {
	for _, a := range c.Network.Listen {
		what := "network " + a.String()
		if running {
			list = append(list, checkAnswer(ctx, what, a))
		}
		if open := openTo(a.Addr(), local); open.IsValid() {
			list = append(list, host.Look(what, fmt.Sprintf("%s is an address of the internet: whoever reaches it can read, and guess passwords; listen on addresses of your own network, or have a firewall keep port %d to it", open, a.Port())))
		}
	}
	for _, u := range c.UPS {
		r, err := address.ParseRemote(u.Remote)
		if err != nil {
			continue
		}
		what := "UPS " + u.Name + " at " + r.Host
		said, err := askVersion(ctx, r.Host)
		if err != nil {
			list = append(list, host.Bad(what, host.FirstLine(err), "does the other host run, does its server listen to this one (LISTEN, or network.listen), and does a firewall let port "+server.Port+" through?"))
			continue
		}
		list = append(list, host.Good(what+" answers: "+said))
		if err := remote.CheckLogin(ctx, u); err != nil {
			list = append(list, host.Bad(what, host.FirstLine(err), "the other host would not wait for this one before it has the output cut: give it this user, with this password and the role secondary; tls and ca_file say how the connection is encrypted"))
			continue
		}
		list = append(list, host.Good(what+" lets this host log in"))
	}
	for _, problem := range CertificateProblems(c.Network, Names(), time.Now()) {
		list = append(list, host.Bad("network.certificate", problem, "a new pair is taken by itself within a minute, or by systemctl reload ecnutd"))
	}
	return list
}

// Names are those by which clients may know this host, beside its addresses.
func Names() []string {
	name, err := os.Hostname()
	if err != nil {
		return nil
	}
	return []string{name}
}

// certificateSoon is how long before its end a certificate is a problem.
const certificateSoon = 14 * 24 * time.Hour

// CertificateProblems are what is wrong with the certificate of the server: it
// cannot be used, it ends or has ended, or it holds for none of the names and
// addresses that this host has.
func CertificateProblems(n config.Network, names []string, now time.Time) (problems []string) {
	if n.Certificate == "" {
		return nil
	}
	pair, err := server.LoadCertificate(n.Certificate, n.Key)
	if err != nil {
		return []string{err.Error()}
	}
	switch until := pair.Until(); {
	case !now.Before(until):
		problems = append(problems, "it ended on "+until.Format(time.DateOnly)+": clients that check it do not connect")
	case until.Sub(now) < certificateSoon:
		problems = append(problems, "it ends on "+until.Format(time.DateOnly))
	}
	for _, a := range n.Listen {
		if !a.Addr().IsUnspecified() && !a.Addr().IsLoopback() {
			names = append(names, a.Addr().WithZone("").String())
		}
	}
	if len(names) > 0 && !slices.ContainsFunc(names, pair.HoldsFor) {
		problems = append(problems, fmt.Sprintf("it holds for %s, and clients may know this host as %s: those that check names do not connect", orNobody(pair.Names()), strings.Join(names, ", ")))
	}
	return problems
}

func orNobody(names []string) string {
	if len(names) == 0 {
		return "no name"
	}
	return strings.Join(names, ", ")
}

// InClear are the addresses of the internet on which the server is reached
// without a certificate: passwords go there in clear.
func InClear(n config.Network, local []netip.Addr) (list []netip.Addr) {
	if n.Certificate != "" {
		return nil
	}
	for _, a := range n.Listen {
		if open := openTo(a.Addr(), local); open.IsValid() {
			list = append(list, open)
		}
	}
	return list
}

// checkAnswer asks an address who is there.
func checkAnswer(ctx context.Context, what string, a netip.AddrPort) host.Finding {
	to := a
	if a.Addr().IsUnspecified() {
		to = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), a.Port())
		if a.Addr().Is6() {
			to = netip.AddrPortFrom(netip.IPv6Loopback(), a.Port())
		}
	}
	said, err := askVersion(ctx, to.String())
	switch {
	case err != nil:
		return host.Bad(what, host.FirstLine(err), "journalctl -u ecnutd says why the daemon does not listen; `ip address` lists the addresses of this host")
	case !server.IsOurs(said):
		return host.Bad(what, "another server has the port: "+said, "stop it, for NUT with systemctl disable --now nut-server; ecnutd takes the port within ten seconds")
	}
	return host.Good(what + " answers")
}

// askVersion asks a server of the protocol what it is.
func askVersion(ctx context.Context, address string) (string, error) {
	dialer := net.Dialer{Timeout: 5 * time.Second}
	c, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return "", fmt.Errorf("nobody answers: %w", err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return "", err
	}
	if _, err := c.Write([]byte("VER\n")); err != nil {
		return "", fmt.Errorf("nobody answers: %w", err)
	}
	line, err := bufio.NewReaderSize(c, 256).ReadSlice('\n')
	if err != nil {
		return "", fmt.Errorf("what is there does not speak NUT's protocol: %w", err)
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, string(line)), nil
}

// carrierNAT is what providers use behind their own translation (RFC 6598).
var carrierNAT = netip.MustParsePrefix("100.64.0.0/10")

// openTo is an address of the internet that listening on a makes reachable; the
// zero address where there is none. local are the addresses of this host.
func openTo(a netip.Addr, local []netip.Addr) netip.Addr {
	public := func(a netip.Addr) bool {
		return a.IsGlobalUnicast() && !a.IsPrivate() && !carrierNAT.Contains(a)
	}
	if !a.IsUnspecified() {
		local = []netip.Addr{a}
	}
	for _, one := range local {
		if one.Is4() == a.Is4() && public(one) {
			return one
		}
	}
	return netip.Addr{}
}

// Addresses are those of this host.
func Addresses() (list []netip.Addr) {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	for _, a := range all {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			list = append(list, p.Addr().Unmap())
		}
	}
	return list
}
