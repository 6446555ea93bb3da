package discovery

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ecnutd/config"
	"ecnutd/hid"
)

func at(node, name string) hid.Info {
	return hid.Info{Node: node, Name: name, Phys: "usb-0000:00:14.0-" + node + "/input0", Bus: hid.BusUSB, Vendor: 0x0463, Product: 0xffff}
}

func auto(name string, m config.Match) config.UPS {
	return config.UPS{Name: name, Device: config.Auto, Match: m}
}

// TestShare: which block gets which device follows from the file and from what
// is there, never from who asks first. So each case is asked in every order.
func TestShare(t *testing.T) {
	one, two := at("/dev/hidraw0", "EATON Protection Station"), at("/dev/hidraw1", "EATON Ellipse ECO")
	dell := hid.Info{Node: "/dev/hidraw2", Bus: hid.BusUSB, Vendor: 0x047c, Product: 0xffff}
	ellipse := config.Match{Model: "ellipse"}
	link := filepath.Join(t.TempDir(), "ups")
	if err := os.Symlink("/dev/null", link); err != nil { // stands for a node that is there
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		blocks []config.UPS
		found  []hid.Info
		want   map[string]string
	}{
		"the only device":            {[]config.UPS{auto("a", config.Match{}), auto("b", config.Match{}), auto("c", config.Match{})}, []hid.Info{one}, map[string]string{"a": "/dev/hidraw0"}},
		"as many as blocks":          {[]config.UPS{auto("a", config.Match{}), auto("b", config.Match{})}, []hid.Info{one, two}, map[string]string{"a": "/dev/hidraw0", "b": "/dev/hidraw1"}},
		"one match for two":          {[]config.UPS{auto("a", ellipse), auto("b", ellipse)}, []hid.Info{one, two}, map[string]string{"a": "/dev/hidraw1"}},
		"a match before any":         {[]config.UPS{auto("any", config.Match{}), auto("eco", ellipse)}, []hid.Info{two}, map[string]string{"eco": "/dev/hidraw1"}},
		"a path is kept for its own": {[]config.UPS{auto("any", config.Match{}), {Name: "there", Device: "/dev/hidraw0"}}, []hid.Info{one, two}, map[string]string{"any": "/dev/hidraw1"}},
		"through a symbolic link":    {[]config.UPS{auto("any", config.Match{}), {Name: "there", Device: link}}, []hid.Info{at("/dev/null", "EATON Ellipse ECO")}, map[string]string{}},
		"another host's":             {[]config.UPS{{Name: "far", Device: config.Auto, Remote: "nut://u@h/ups"}, auto("a", config.Match{})}, []hid.Info{one}, map[string]string{"a": "/dev/hidraw0"}},
		"of another maker":           {[]config.UPS{auto("any", config.Match{}), auto("half", config.Match{Vendor: "047c"}), auto("dell", config.Match{Vendor: "047C", Product: "ffff"})}, []hid.Info{dell}, map[string]string{"dell": "/dev/hidraw2"}},
		"of another family":          {[]config.UPS{auto("a", config.Match{})}, []hid.Info{{Node: "/dev/hidraw0", Bus: hid.BusUSB, Vendor: 0x046d, Product: 0xc31c}}, map[string]string{}},
	} {
		t.Run(name, func(t *testing.T) {
			for first := range c.blocks {
				claims := NewClaims(c.blocks)
				for i := range c.blocks {
					u := c.blocks[(first+i)%len(c.blocks)]
					if u.Device != config.Auto || u.Remote != "" {
						continue
					}
					if got := claims.choose(u, c.found); got != c.want[u.Name] {
						t.Errorf("%s begins: %s gets %q, want %q", c.blocks[first].Name, u.Name, got, c.want[u.Name])
					}
				}
			}
		})
	}
}

// TestClaimsChange: what is given up goes to whom the file gives it; what is
// held is not taken away, also not by another plan.
func TestClaimsChange(t *testing.T) {
	a, b := auto("a", config.Match{}), auto("b", config.Match{Model: "ellipse"})
	eco := at("/dev/hidraw0", "EATON Ellipse ECO")
	c := NewClaims([]config.UPS{a})
	if got := c.choose(a, []hid.Info{eco}); got != "/dev/hidraw0" {
		t.Fatalf("a gets %q", got)
	}
	c.Plan([]config.UPS{a, b})
	if got := c.choose(b, []hid.Info{eco}); got != "" {
		t.Errorf("b is given %q, which a holds", got)
	}
	c.Drop("a")
	if got := c.choose(a, []hid.Info{eco}); got != "" {
		t.Errorf("a is given %q, which b means more narrowly", got)
	}
	if got := c.choose(b, []hid.Info{eco}); got != "/dev/hidraw0" {
		t.Errorf("b gets %q", got)
	}
	// It comes back at another node.
	if got := c.choose(b, []hid.Info{at("/dev/hidraw3", "EATON Ellipse ECO")}); got != "/dev/hidraw3" {
		t.Errorf("b gets %q after the node has changed", got)
	}
}

// TestUnserved: a match that no device can be is told, by its ids.
func TestUnserved(t *testing.T) {
	for _, c := range []struct {
		match config.Match
		want  string // a part; "": served
	}{
		{config.Match{}, ""},
		{config.Match{Model: "Ellipse", Phys: "usb-1"}, ""},
		{config.Match{Vendor: "0463"}, ""},
		{config.Match{Product: "0001"}, ""},
		{config.Match{Vendor: "047C", Product: "FFFF"}, ""},
		{config.Match{Vendor: "047c"}, "both vendor and product"},
		{config.Match{Product: "1fe5"}, "both vendor and product"},
		{config.Match{Vendor: "0463", Product: "0002"}, "no unit of this vendor with this product"},
		{config.Match{Vendor: "051d"}, "no unit of this vendor is served"},
	} {
		got := Unserved(c.match)
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%+v: %q, want %q", c.match, got, c.want)
		}
	}
}
