package server

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"
)

// free is an address that nobody listens on.
func free(t *testing.T) netip.AddrPort {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return netip.MustParseAddrPort(l.Addr().String())
}

func answers(address netip.AddrPort) bool {
	c, err := net.Dial("tcp", address.String())
	if err == nil {
		c.Close()
	}
	return err == nil
}

// TestConfigureAddresses: a reload moves the server; who is connected stays. An
// address that somebody else has does not keep the others from being served.
func TestConfigureAddresses(t *testing.T) {
	one, two := free(t), free(t)
	taken, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	s := settings(t)
	s.Listen = []netip.AddrPort{netip.MustParseAddrPort(taken.Addr().String()), one}
	srv := New(newFake(), s, quiet())
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { srv.Run(ctx) })
	eventually(t, "the first address", func() bool { return answers(one) })
	c := dial(t, one.String())
	defer c.Close()
	if got := ask(t, c, "NETVER"); got != "1.3\n" {
		t.Error(got)
	}
	s.Listen = []netip.AddrPort{two}
	srv.Configure(s)
	eventually(t, "the second address", func() bool { return answers(two) })
	eventually(t, "the first one is given up", func() bool { return !answers(one) })
	if got := ask(t, c, "NETVER"); got != "1.3\n" {
		t.Error(got)
	}
	s.Listen = nil
	srv.Configure(s)
	eventually(t, "nobody listens", func() bool { return !answers(two) })
	s.Listen = []netip.AddrPort{one}
	srv.Configure(s)
	eventually(t, "the first address again", func() bool { return answers(one) })
	cancel()
	wg.Wait()
	if got := ask(t, c, "NETVER"); got != "(closed)\n" {
		t.Errorf("connected after the end: %s", got)
	}
}

func addrs(list ...string) (all []netip.AddrPort) {
	for _, text := range list {
		all = append(all, netip.MustParseAddrPort(text))
	}
	return all
}

// TestPlan: what a wildcard stands for is left out, of the same family and port
// alone, and the order in which addresses are given does not matter.
func TestPlan(t *testing.T) {
	for _, tc := range []struct{ given, open, left []netip.AddrPort }{
		{addrs("0.0.0.0:3493", "127.0.0.1:3493"), addrs("0.0.0.0:3493"), addrs("127.0.0.1:3493")},
		{addrs("[::]:3493", "[::1]:3493"), addrs("[::]:3493"), addrs("[::1]:3493")},
		{addrs("[::1]:3493", "0.0.0.0:3493"), addrs("0.0.0.0:3493", "[::1]:3493"), nil},
		{addrs("0.0.0.0:3493", "127.0.0.1:3494"), addrs("0.0.0.0:3493", "127.0.0.1:3494"), nil},
		{addrs("192.0.2.1:3493", "127.0.0.1:3493", "192.0.2.1:3493"), addrs("127.0.0.1:3493", "192.0.2.1:3493"), nil},
		{addrs("[fe80::1%eth0]:3493", "[fe80::1%eth1]:3493"), addrs("[fe80::1%eth0]:3493", "[fe80::1%eth1]:3493"), nil},
		{addrs("[fe80::1%eth0]:3493", "[::]:3493"), addrs("[::]:3493"), addrs("[fe80::1%eth0]:3493")},
	} {
		for range 2 {
			open, left := Plan(tc.given)
			if !slices.Equal(open, tc.open) || !slices.Equal(left, tc.left) {
				t.Errorf("%v: open %v, left out %v", tc.given, open, left)
			}
			slices.Reverse(tc.given)
		}
	}
}

// TestOverlap: of 0.0.0.0 and 127.0.0.1 the whole network is served, in every
// start, and what belongs to somebody else is a fault that stays until he has
// gone.
func TestOverlap(t *testing.T) {
	for range 8 {
		one := free(t)
		s := settings(t)
		s.Listen = []netip.AddrPort{netip.AddrPortFrom(netip.IPv4Unspecified(), one.Port()), one}
		srv := New(newFake(), s, quiet())
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { srv.Run(ctx) })
		eventually(t, "it listens", func() bool { return len(srv.Listening()) > 0 })
		if got := srv.Listening(); len(got) != 1 || got[0].Fault != nil || !got[0].Address.Addr().IsUnspecified() {
			t.Errorf("it listens on %+v", got)
		}
		// Another address of loopback, which only the wildcard stands for.
		if other := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.2"), one.Port()); !answers(other) {
			t.Errorf("%s is not served", other)
		}
		// From the wildcard to one of its addresses: the first is closed before.
		s.Listen = []netip.AddrPort{one}
		srv.Configure(s)
		eventually(t, "it listens on the other", func() bool { l := srv.Listening(); return len(l) == 1 && l[0].Address == one })
		if got := srv.Listening()[0]; got.Fault != nil {
			t.Error(got.Fault)
		}
		cancel()
		wg.Wait()
	}
	taken, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	s := settings(t)
	s.Listen = []netip.AddrPort{netip.MustParseAddrPort(taken.Addr().String()), free(t)}
	srv := New(newFake(), s, quiet())
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { srv.Run(ctx) })
	eventually(t, "it has tried both", func() bool { return len(srv.Listening()) == 2 })
	for _, l := range srv.Listening() {
		if ours := l.Address == s.Listen[1]; (l.Fault == nil) != ours {
			t.Errorf("%s: %v", l.Address, l.Fault)
		}
	}
	cancel()
	wg.Wait()
}

// TestZone: an address of IPv6 that is a network card's alone has its name
// behind it. The zone of loopback is the only one that every host has.
func TestZone(t *testing.T) {
	l, err := net.Listen("tcp6", "[::1%lo]:0")
	if err != nil {
		t.Skip("no IPv6 on loopback: ", err)
	}
	port := netip.MustParseAddrPort(l.Addr().String()).Port()
	l.Close()
	s := settings(t)
	s.Listen = []netip.AddrPort{netip.AddrPortFrom(netip.MustParseAddr("::1%lo"), port)}
	srv := New(newFake(), s, quiet())
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { srv.Run(ctx) })
	eventually(t, "it has tried", func() bool { return len(srv.Listening()) == 1 })
	if l := srv.Listening()[0]; l.Fault != nil || !answers(l.Address) {
		t.Errorf("%s: %v", l.Address, l.Fault)
	}
	cancel()
	wg.Wait()
}
