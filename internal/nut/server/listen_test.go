package server

import (
	"context"
	"net"
	"sync"
	"testing"
)

// free is an address that nobody listens on.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func answers(address string) bool {
	c, err := net.Dial("tcp4", address)
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
	s.Listen = []string{taken.Addr().String(), one}
	srv := New(newFake(), s, quiet())
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { srv.Run(ctx) })
	eventually(t, "the first address", func() bool { return answers(one) })
	c := dial(t, one)
	defer c.Close()
	if got := ask(t, c, "NETVER"); got != "1.3\n" {
		t.Error(got)
	}
	s.Listen = []string{two}
	srv.Configure(s)
	eventually(t, "the second address", func() bool { return answers(two) })
	eventually(t, "the first one is given up", func() bool { return !answers(one) })
	if got := ask(t, c, "NETVER"); got != "1.3\n" {
		t.Error(got)
	}
	s.Listen = nil
	srv.Configure(s)
	eventually(t, "nobody listens", func() bool { return !answers(two) })
	s.Listen = []string{one}
	srv.Configure(s)
	eventually(t, "the first address again", func() bool { return answers(one) })
	cancel()
	wg.Wait()
	if got := ask(t, c, "NETVER"); got != "(closed)\n" {
		t.Errorf("connected after the end: %s", got)
	}
}

func TestParseListen(t *testing.T) {
	for text, want := range map[string]string{
		"127.0.0.1": "127.0.0.1:3493", "::1": "[::1]:3493", "[::1]": "[::1]:3493", "0.0.0.0:1": "0.0.0.0:1", "[::]:3493": "[::]:3493", "fe80::1%eth0": "[fe80::1%eth0]:3493",
	} {
		if got, err := ParseListen(text); err != nil || got.String() != want {
			t.Errorf("%s: got %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "localhost", "*", "127.0.0.1:", "127.0.0.1:99999", "::1:3493x", "nas.lan:3493"} {
		if got, err := ParseListen(text); err == nil {
			t.Errorf("%s: got %s", text, got)
		}
	}
}
