package doctor

import (
	"net"
	"net/netip"
	"strings"
	"testing"

	"ecnutd/config"
	"ecnutd/internal/nut/server"
)

// TestCheckNetwork: who answers, and from how far.
func TestCheckNetwork(t *testing.T) {
	answer := func(text string) string {
		l, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				_, _ = c.Write([]byte(text))
				c.Close()
			}
		}()
		return l.Addr().String()
	}
	ours, theirs, other := answer(server.Banner("1.0")+"\n"), answer("Network UPS Tools upsd 2.8.0 - x\n"), answer("SSH-2.0-x\x1b[31m")
	_, port, _ := net.SplitHostPort(ours)
	c := &config.Config{
		Network: config.Network{Listen: addrPorts(ours, "0.0.0.0:"+port, theirs, other, "127.0.0.1:1")},
		UPS:     []config.UPS{{Name: "far", Remote: "nut://u@" + theirs + "/ups"}, {Name: "gone", Remote: "nut://u@127.0.0.1:1/ups"}, {Name: "near"}},
	}
	list := checkNetwork(t.Context(), c, true, []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("192.168.1.2"), netip.MustParseAddr("203.0.113.7")})
	want := []struct {
		what string
		ok   bool
		text string
	}{
		{ours + " answers", true, ""}, {"0.0.0.0:" + port + " answers", true, ""}, {"0.0.0.0:" + port, true, "203.0.113.7 is an address of the internet"},
		{theirs, false, "another server has the port: Network UPS Tools upsd 2.8.0"}, {other, false, "does not speak NUT's protocol"}, {"127.0.0.1:1", false, "nobody answers"},
		{"UPS far at " + theirs + " answers: Network UPS Tools", true, ""}, {"UPS gone at 127.0.0.1:1", false, "nobody answers"},
	}
	if len(list) != len(want) {
		t.Fatalf("%+v", list)
	}
	for i, w := range want {
		f := list[i]
		if !strings.Contains(f.What, w.what) || f.OK != w.ok || !strings.Contains(f.Problem+f.Fix, w.text) || !f.OK && f.Fix == "" {
			t.Errorf("got %+v, want %+v", f, w)
		}
	}
	for text, open := range map[string]bool{
		"127.0.0.1": false, "::1": false, "10.1.2.3": false, "192.168.0.1": false, "172.31.0.1": false, "100.64.0.1": false, "169.254.1.1": false, "fe80::1": false, "fd00::1": false,
		"8.8.8.8": true, "2001:db8::1": true, "172.32.0.1": true,
	} {
		if got := openTo(netip.MustParseAddr(text), nil).IsValid(); got != open {
			t.Errorf("%s: open to the internet is %t", text, got)
		}
	}
}

func addrPorts(texts ...string) (list []netip.AddrPort) {
	for _, text := range texts {
		list = append(list, netip.MustParseAddrPort(text))
	}
	return list
}
