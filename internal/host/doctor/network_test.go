package doctor

import (
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"ecnutd/config"
	"ecnutd/internal/nut/server"
	"ecnutd/internal/nut/server/nuttest"
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
		{"UPS far at " + theirs + " answers: Network UPS Tools", true, ""}, {"UPS far at " + theirs, false, "refuses the login"}, {"UPS gone at 127.0.0.1:1", false, "nobody answers"},
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

// TestCertificateProblems: what clients would stumble over.
func TestCertificateProblems(t *testing.T) {
	authority := nuttest.NewAuthority(t)
	now := time.Now()
	listen := addrPorts("192.0.2.7:3493", "127.0.0.1:3493", "0.0.0.0:3494")
	for _, tc := range []struct {
		name  string
		until time.Time
		holds []string
		want  string // "" for no problem
	}{
		{"good", now.Add(1000 * time.Hour), []string{"nas.example"}, ""},
		{"for the address", now.Add(1000 * time.Hour), []string{"192.0.2.7"}, ""},
		{"for somebody else", now.Add(1000 * time.Hour), []string{"other.example"}, "it holds for other.example, and clients may know this host as nas.example, 192.0.2.7"},
		{"soon", now.Add(300 * time.Hour), []string{"nas.example"}, "it ends on "},
		{"over", now.Add(-time.Minute), []string{"nas.example"}, "it ended on "},
	} {
		cert, key := authority.Sign(t, t.TempDir(), tc.until, tc.holds...)
		got := CertificateProblems(config.Network{Listen: listen, Certificate: cert, Key: key}, []string{"nas.example"}, now)
		if text := strings.Join(got, "; "); (tc.want == "") != (text == "") || !strings.Contains(text, tc.want) {
			t.Errorf("%s: %q", tc.name, got)
		}
	}
	cert, _ := authority.Sign(t, t.TempDir(), now.Add(time.Hour), "a")
	_, key := authority.Sign(t, t.TempDir(), now.Add(time.Hour), "a")
	if got := CertificateProblems(config.Network{Certificate: cert, Key: key}, nil, now); len(got) != 1 || !strings.Contains(got[0], "cannot be used together") {
		t.Errorf("a pair that does not fit: %q", got)
	}
	if got := CertificateProblems(config.Network{}, nil, now); got != nil {
		t.Errorf("none: %q", got)
	}
	local := []netip.Addr{netip.MustParseAddr("203.0.113.7"), netip.MustParseAddr("192.168.1.2")}
	for text, want := range map[string]int{"0.0.0.0:3493": 1, "192.168.1.2:3493": 0, "203.0.113.7:3493": 1, "[::]:3493": 0} {
		n := config.Network{Listen: addrPorts(text)}
		if got := InClear(n, local); len(got) != want {
			t.Errorf("%s: in clear on %v", text, got)
		}
		if n.Certificate = cert; InClear(n, local) != nil {
			t.Errorf("%s: with a certificate too", text)
		}
	}
}
