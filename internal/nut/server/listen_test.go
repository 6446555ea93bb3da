package server

import (
	"context"
	"net"
	"net/netip"
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
	c, err := net.Dial("tcp4", address.String())
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
