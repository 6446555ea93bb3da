package shutdown

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ecnutd/config"
)

// TestNewPlan: the plan says where each UPS of this host hangs and how it is
// cut, who is spared, and nothing of those of other hosts.
func TestNewPlan(t *testing.T) {
	block := func(name string, change func(*config.UPS)) config.UPS {
		u := config.Minimal(name).UPS[0]
		if change != nil {
			change(&u)
		}
		return u
	}
	c := config.Minimal("a")
	c.KillPower = config.KillPower{Command: "shutdown.reboot", WaitThenReboot: 70 * time.Second}
	c.UPS = []config.UPS{
		block("a", func(u *config.UPS) { u.OnDelay, u.OffDelay = 90*time.Second, 45*time.Second }),
		block("never", func(u *config.UPS) { u.Match.Model = "5P" }),
		block("node", func(u *config.UPS) { u.Device = "/dev/ups" }),
		block("bench", func(u *config.UPS) { u.Power = 0 }),
		block("far", func(u *config.UPS) { u.Remote = "nut://u@other/ups" }),
	}
	got := NewPlan(c, map[string]Seen{
		"a":     {Port: "usb-0000:00:1d.2-1/input0", Vendor: 0x463, Product: 0xffff},
		"bench": {Port: "usb-0000:00:1d.2-2/input0", Vendor: 0x463, Product: 0xffff},
		"never": {},
		"far":   {Port: "x"},
	})
	want := &Plan{
		Command: "shutdown.reboot", Wait: 70,
		Cut: []PlanUnit{
			{UPS: "a", Port: "usb-0000:00:1d.2-1/input0", Vendor: "0463", Product: "ffff", OnDelay: 90, OffDelay: 45},
			{UPS: "never", Match: &PlanMatch{Model: "5P"}, OnDelay: 30, OffDelay: 20},
			{UPS: "node", Match: &PlanMatch{Device: "/dev/ups"}, OnDelay: 30, OffDelay: 20},
		},
		Spared: []PlanUnit{{UPS: "bench", Port: "usb-0000:00:1d.2-2/input0", Vendor: "0463", Product: "ffff", OnDelay: 30, OffDelay: 20}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// TestPlace: the flag is found by its path, and where that is not known or has
// changed by the pointer; a pointer of another boot leads nowhere.
func TestPlace(t *testing.T) {
	dir := t.TempDir()
	p := Place{Flag: filepath.Join(dir, "etc", "killpower"), Pointer: filepath.Join(dir, "pointer")}
	plan := &Plan{Command: "shutdown.return", Cut: []PlanUnit{{UPS: "a", Port: "p"}}}
	if err := p.Write(Flag{Boot: thisBoot, Reason: "battery low", Plan: plan}); err != nil {
		t.Fatal(err)
	}
	defaults := Place{Flag: filepath.Join(dir, "run", "killpower"), Pointer: p.Pointer}
	for name, at := range map[string]Place{"by its path": p, "by the pointer": defaults, "without a pointer": {Flag: p.Flag}} {
		if got := at.Find(thisBoot); got.State != FlagCounts || got.Flag.Reason != "battery low" || cmp.Diff(plan, got.Flag.Plan) != "" {
			t.Errorf("%s: %+v", name, got)
		}
	}
	for name, at := range map[string]Place{"none": {Pointer: p.Pointer}, "no pointer": {Flag: defaults.Flag}} {
		if got := at.Find(thisBoot); got.State != FlagAbsent {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := defaults.Find("another"); got.State != FlagAbsent {
		t.Errorf("in another boot: %+v", got)
	}
	for _, text := range []string{`{"version":2,"boot":"` + thisBoot + `","flag":"` + p.Flag + `"}`, `{"version":1,"boot":"` + thisBoot + `","flag":"killpower"}`, "{", ""} {
		if err := os.WriteFile(p.Pointer, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := defaults.Find(thisBoot); got.State != FlagAbsent {
			t.Errorf("%s: %+v", text, got)
		}
	}
	// What another boot wrote is not removed.
	if err := p.Remove("another"); err != nil || ReadFlag(p.Flag, thisBoot).State != FlagCounts {
		t.Errorf("%v", err)
	}
	if err := p.Write(Flag{Boot: thisBoot}); err != nil {
		t.Fatal(err)
	}
	if err := p.Remove(thisBoot); err != nil {
		t.Error(err)
	}
	for _, path := range []string{p.Flag, p.Pointer} {
		if _, err := os.Lstat(path); err == nil {
			t.Errorf("%s is still there", path)
		}
	}
}
