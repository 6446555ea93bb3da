package killpower

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ecnutd/config"
	"ecnutd/hid"
	"ecnutd/hid/power"
	"ecnutd/internal/host/shutdown"
)

// A fake bus: two Protection Stations (the same ids, and on every one seen the
// same serial number), a 5P and a mouse. The ids of the 5P are of another
// maker's unit that the family serves.
var (
	left  = hid.Info{Node: "/dev/hidraw0", Vendor: 0x0463, Product: 0xffff, Phys: "usb-1-1/input0", Name: "EATON Protection Station"}
	right = hid.Info{Node: "/dev/hidraw1", Vendor: 0x0463, Product: 0xffff, Phys: "usb-1-2/input0", Name: "EATON Protection Station"}
	other = hid.Info{Node: "/dev/hidraw2", Vendor: 0x0463, Product: 0x0001, Phys: "usb-1-3/input0", Name: "EATON 5P"}
	apc   = hid.Info{Node: "/dev/hidraw4", Vendor: 0x051d, Product: 0x0002, Phys: "usb-1-5/input0", Name: "American Power Conversion"}
	mouse = hid.Info{Node: "/dev/hidraw3", Vendor: 0x046d, Product: 0xc077, Phys: "usb-1-4/input0", Name: "Logitech Mouse"}
)

func moved(info hid.Info, node, port string) hid.Info {
	info.Node, info.Phys = node, port
	return info
}

// bus has devices of which those of vendor 0463 are of the family and those of
// 051d are served where both ids name them, and matches by ids, path and model.
func bus(found ...hid.Info) Devices {
	return Devices{
		Enumerate: func() ([]hid.Info, error) { return found, nil },
		Means: func(m config.Match, info hid.Info) bool {
			vendor, product := fmt.Sprintf("%04x", info.Vendor), fmt.Sprintf("%04x", info.Product)
			served := info.Vendor == 0x0463 || info.Vendor == 0x051d && m.Vendor == vendor && m.Product == product
			return served && (m.Vendor == "" || m.Vendor == vendor) && (m.Product == "" || m.Product == product) && strings.HasPrefix(info.Phys, m.Phys) && strings.Contains(info.Name, m.Model)
		},
	}
}

func planUnit(name string, info hid.Info) shutdown.PlanUnit {
	return shutdown.PlanUnit{UPS: name, Port: info.Phys, Vendor: fmt.Sprintf("%04x", info.Vendor), Product: fmt.Sprintf("%04x", info.Product), OnDelay: 90, OffDelay: 45}
}

func block(name string, change func(*config.UPS)) config.UPS {
	u := config.Minimal(name).UPS[0]
	if change != nil {
		change(&u)
	}
	return u
}

// TestFind: what the flag says where the configuration cannot be read, and the
// narrower of both where it can. A unit in neither is not cut. "NAME=NODE" is
// cut, with "-" left alone, with "?" not reachable.
func TestFind(t *testing.T) {
	at := func(port string) func(*config.UPS) { return func(u *config.UPS) { u.Match.Phys = port } }
	spare := func(u *config.UPS) { u.Power = 0 }
	both := func(f, g func(*config.UPS)) func(*config.UPS) { return func(u *config.UPS) { f(u); g(u) } }
	cut := func(units ...shutdown.PlanUnit) *shutdown.Plan {
		return &shutdown.Plan{Command: "shutdown.return", Cut: units}
	}
	typo := []config.UPS(nil)
	for name, c := range map[string]struct {
		blocks []config.UPS
		plan   *shutdown.Plan
		found  []hid.Info
		want   string
	}{
		"typo: only what the flag names":           {typo, cut(planUnit("a", right)), []hid.Info{left, right, mouse}, "a=/dev/hidraw1"},
		"typo: a spared one stays":                 {typo, &shutdown.Plan{Cut: []shutdown.PlanUnit{planUnit("a", left)}, Spared: []shutdown.PlanUnit{planUnit("b", right)}}, []hid.Info{left, right}, "a=/dev/hidraw0 -b=/dev/hidraw1"},
		"typo: the node has another number":        {typo, cut(planUnit("a", left)), []hid.Info{moved(left, "/dev/hidraw7", left.Phys), right}, "a=/dev/hidraw7"},
		"typo: another device at the port":         {typo, cut(planUnit("a", left)), []hid.Info{moved(mouse, "/dev/hidraw0", left.Phys)}, "?a="},
		"typo: another UPS at the port":            {typo, cut(planUnit("a", left)), []hid.Info{moved(other, "/dev/hidraw0", left.Phys)}, "?a="},
		"typo: ids that are no UPS's":              {typo, cut(planUnit("a", mouse)), []hid.Info{mouse}, "?a="},
		"typo: the cable is in another port":       {typo, cut(planUnit("a", left)), []hid.Info{moved(left, "/dev/hidraw5", "usb-2-1/input0"), other}, "a=/dev/hidraw5"},
		"typo: moved, and a twin is there":         {typo, cut(planUnit("a", left)), []hid.Info{moved(left, "/dev/hidraw5", "usb-2-1/input0"), right}, "?a="},
		"typo: moved, and the spared one is gone":  {typo, &shutdown.Plan{Cut: []shutdown.PlanUnit{planUnit("a", left)}, Spared: []shutdown.PlanUnit{planUnit("b", right)}}, []hid.Info{moved(left, "/dev/hidraw5", "usb-2-1/input0")}, "?a= -b="},
		"typo: moved, and the spared one is there": {typo, &shutdown.Plan{Cut: []shutdown.PlanUnit{planUnit("a", left)}, Spared: []shutdown.PlanUnit{planUnit("b", right)}}, []hid.Info{moved(left, "/dev/hidraw5", "usb-2-1/input0"), right}, "a=/dev/hidraw5 -b=/dev/hidraw1"},
		"typo: never seen, by its match":           {typo, cut(shutdown.PlanUnit{UPS: "a", Match: &shutdown.PlanMatch{Model: "5P"}, OnDelay: 30, OffDelay: 20}), []hid.Info{left, other}, "a=/dev/hidraw2"},
		"typo: never seen, and two fit":            {typo, cut(shutdown.PlanUnit{UPS: "a", Match: &shutdown.PlanMatch{}, OnDelay: 30, OffDelay: 20}), []hid.Info{left, right}, "?a="},
		"typo: another maker's, by its ids":        {typo, cut(planUnit("a", apc)), []hid.Info{left, apc}, "a=/dev/hidraw4"},
		"another maker's, named":                   {[]config.UPS{block("a", func(u *config.UPS) { u.Match.Vendor, u.Match.Product = "051d", "0002" })}, cut(planUnit("a", apc)), []hid.Info{left, apc}, "a=/dev/hidraw4"},
		"typo: none attached":                      {typo, cut(planUnit("a", left)), []hid.Info{mouse}, "?a="},
		"typo, flag of the first release, one":     {typo, nil, []hid.Info{left, mouse}, "ups=/dev/hidraw0"},
		"typo, flag of the first release, none":    {typo, nil, []hid.Info{mouse}, "?ups="},
		"typo, flag of the first release, two":     {typo, nil, []hid.Info{left, right}, "error"},
		"flag of the first release":                {[]config.UPS{block("a", at("usb-1-1"))}, nil, []hid.Info{left, right}, "a=/dev/hidraw0"},
		"both agree":                               {[]config.UPS{block("a", nil)}, cut(planUnit("a", left)), []hid.Info{left}, "a=/dev/hidraw0"},
		"the configuration means more":             {[]config.UPS{block("a", nil)}, cut(planUnit("a", left)), []hid.Info{left, right}, "a=/dev/hidraw0 -a=/dev/hidraw1"},
		"the flag means more":                      {[]config.UPS{block("a", at("usb-1-1"))}, cut(planUnit("a", left), planUnit("b", right)), []hid.Info{left, right}, "a=/dev/hidraw0 -b=/dev/hidraw1"},
		"power 0 since":                            {[]config.UPS{block("a", nil), block("b", both(at("usb-1-2"), spare))}, cut(planUnit("a", left), planUnit("b", right)), []hid.Info{left, right}, "a=/dev/hidraw0 -b=/dev/hidraw1"},
		"power 0 then":                             {[]config.UPS{block("a", at("usb-1-1")), block("b", at("usb-1-2"))}, &shutdown.Plan{Cut: []shutdown.PlanUnit{planUnit("a", left)}, Spared: []shutdown.PlanUnit{planUnit("b", right)}}, []hid.Info{left, right}, "a=/dev/hidraw0 -b=/dev/hidraw1"},
		"not attached":                             {[]config.UPS{block("a", nil)}, cut(planUnit("a", left)), []hid.Info{mouse}, "?a="},
		"another UPS in its place":                 {[]config.UPS{block("a", nil)}, cut(planUnit("a", left)), []hid.Info{other}, "?a="},
	} {
		t.Run(name, func(t *testing.T) {
			units, err := bus(c.found...).Find(c.blocks, c.plan)
			var got []string
			for _, u := range units {
				mark := ""
				switch {
				case u.Spared != "":
					mark = "-"
				case u.Open == nil:
					mark, u.Node = "?", ""
				}
				got = append(got, mark+u.Name+"="+u.Node)
			}
			text := strings.Join(got, " ")
			if errors.Is(err, ErrUnknown) {
				text = "error"
			}
			if text != c.want {
				t.Errorf("%s, want %s (%v)", text, c.want, err)
			}
		})
	}
}

// TestDelaysOfPlan: delays that cannot be are the defaults, 30 and 20 s.
func TestDelaysOfPlan(t *testing.T) {
	defaults := power.Delays{Start: 30 * time.Second, Shutdown: 20 * time.Second}
	for _, c := range []struct {
		on, off int
		want    power.Delays
	}{
		{90, 45, power.Delays{Start: 90 * time.Second, Shutdown: 45 * time.Second}},
		{0, 0, defaults}, {20, 20, defaults}, {-1, -2, defaults}, {30, -1, defaults}, {7201, 20, defaults}, {1 << 40, 1 << 39, defaults},
		{7200, 0, power.Delays{Start: 2 * time.Hour}},
	} {
		if got := delaysOfPlan(shutdown.PlanUnit{OnDelay: c.on, OffDelay: c.off}); got != c.want {
			t.Errorf("%d, %d: %v", c.on, c.off, got)
		}
	}
}

// TestTypoAtTheShutdown: with a configuration that cannot be read any more, the
// flag at its own place is found, and its command and delays are those on the
// wire: 90 s (5a) to the start in report 0a, 45 s (2d) to the cut in report 09.
func TestTypoAtTheShutdown(t *testing.T) {
	for name, c := range map[string]struct {
		command string
		want    []string
	}{
		"as it was":             {"shutdown.return", []string{"0a5a000000", "092d000000"}},
		"another command":       {"shutdown.stayoff", []string{"0affffffff", "092d000000"}},
		"a command that is not": {"beeper.disable", []string{"0a5a000000", "092d000000"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u := newUnit(t)
				l := newLate(t, u)
				if err := os.Remove(l.Config.PowerDownFlag); err != nil {
					t.Fatal(err)
				}
				l.Fault = errors.New("config.yaml:1: not YAML")
				l.Pointer = filepath.Join(l.dir, "pointer")
				place := shutdown.Place{Flag: filepath.Join(l.dir, "etc", "killpower"), Pointer: l.Pointer}
				plan := &shutdown.Plan{Command: c.command, Cut: []shutdown.PlanUnit{planUnit("a", left)}}
				if err := place.Write(shutdown.Flag{Boot: thisBoot, Reason: "battery low", Plan: plan}); err != nil {
					t.Fatal(err)
				}
				devices := bus(left, right)
				devices.Open = func(node string) (hid.Device, error) {
					if node != left.Node {
						t.Errorf("%s was opened", node)
					}
					return u.Open()
				}
				l.Stage.Units = func(_ ctx, plan *shutdown.Plan) ([]Unit, error) { return devices.Find(nil, plan) }
				if err := l.Run(t.Context()); err != nil {
					t.Fatal(err)
				}
				if got := u.Written(); strings.Join(got, " ") != strings.Join(c.want, " ") {
					t.Errorf("on the wire: %v, want %v\n%s", got, c.want, l.out)
				}
			})
		})
	}
}
