package discovery

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ecnutd/config"
	"ecnutd/hid"
	"ecnutd/hid/power/family"
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
		{config.Match{Vendor: "0463", Product: "0002"}, ""}, // if it describes itself as a UPS
		{config.Match{Vendor: "051d"}, "both vendor and product are given, or generic: true"},
		{config.Match{Vendor: "1234"}, "no unit of this vendor is served without vendor and product"},
	} {
		got := Unserved(config.UPS{Match: c.match})
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%+v: %q, want %q", c.match, got, c.want)
		}
	}
}

// TestGeneric: a UPS of another maker is served where a block names both its ids, or is
// generic, and describes itself as a UPS or is known by its ids; a keyboard never is.
func TestGeneric(t *testing.T) {
	apc := hid.Info{Vendor: 0x051d, Product: 0x0002, Usage: hid.UsageUPS}
	named := config.Match{Vendor: "051d", Product: "0002"}
	keyboard := hid.Info{Vendor: 0x051d, Product: 0x0002, Usage: 0x00010006}
	for _, c := range []struct {
		block config.UPS
		info  hid.Info
		want  bool
	}{
		{config.UPS{}, apc, false},
		{config.UPS{Match: config.Match{Vendor: "051d"}}, apc, false},
		{config.UPS{Match: named}, apc, true},
		{config.UPS{Match: named}, keyboard, false},
		{config.UPS{Generic: true}, apc, true},
		{config.UPS{Generic: true}, keyboard, false},
		{config.UPS{Generic: true, Match: config.Match{Vendor: "0764"}}, apc, false},
		{config.UPS{Generic: true}, hid.Info{Vendor: 0x0463, Product: 0xffff}, true},
	} {
		if got := MeansBlock(c.block, c.info); got != c.want {
			t.Errorf("%+v of %+v: %v", c.block, c.info, got)
		}
	}
	for want, info := range map[string]hid.Info{
		"eaton": {Vendor: 0x0463, Product: 0xffff}, "apc": {Vendor: 0x051d, Product: 0x0003}, "cyberpower": {Vendor: 0x0764, Product: 0x0601}, "generic": {Vendor: 0x0001, Product: 0x0000},
	} {
		if f := family.Of(info, Families); f.Name != want {
			t.Errorf("%04x:%04x is read as %s, want %s", info.Vendor, info.Product, f.Name, want)
		}
	}
	if f := family.Of(hid.Info{Vendor: 0x0592, Product: 0x0004}, Families); f.Name != "eaton" {
		t.Errorf("a Powerware is read as %s", f.Name)
	}
}
