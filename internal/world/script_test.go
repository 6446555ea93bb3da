package world

import (
	"strings"
	"testing"

	"ecnutd/config"
	"ecnutd/internal/scenario"
	"ecnutd/internal/world/plan"
)

// TestScript: what a world prints can be read and played by simulate, and the host of
// a world without faults goes down there too.
func TestScript(t *testing.T) {
	p := plan.Of(seeds(1, "plain")[0])
	r := play(t, p)
	c, _, err := config.Parse([]byte(strings.ReplaceAll(p.Config, "%s", "/tmp")), "world.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, u := range p.Units {
		names = append(names, u.Name)
	}
	s, err := scenario.Read(strings.NewReader(r.Script), "world.seq", "", names)
	if err != nil {
		t.Fatalf("%v\n%s", err, r.Script)
	}
	if len(s.Foreign()) > 0 {
		t.Errorf("foreign variables: %v", s.Foreign())
	}
	down := 0
	for _, row := range scenario.Play(c, s) {
		if row.Kind == "shutdown" {
			down++
		}
	}
	if (down > 0) != (r.Shutdowns > 0) {
		t.Errorf("%d shutdowns there and %d here:\n%s", down, r.Shutdowns, r.Script)
	}
}
