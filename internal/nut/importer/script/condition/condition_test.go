package condition

import (
	"testing"

	"pgregory.net/rapid"
)

// TestTruth: conditions that are put together mean what the logic of the parts
// means, for every way in which these can turn out; so do their alternatives.
func TestTruth(t *testing.T) {
	atoms := []Cond{On(Pos{"s", 1}), On(Pos{"s", 2}), Of(Cond{Kind: Has, Token: "LB"}), Of(Cond{Kind: Below, Variable: "battery.charge", Limit: 30})}
	type both struct {
		c    Cond
		mean func(world int) bool
	}
	rapid.Check(t, func(t *rapid.T) {
		var draw func(depth int) both
		draw = func(depth int) both {
			kind := rapid.IntRange(0, 5).Draw(t, "kind")
			if depth == 0 {
				kind = min(kind, 2)
			}
			switch kind {
			case 0:
				return both{Always, func(int) bool { return true }}
			case 1:
				return both{Never, func(int) bool { return false }}
			case 3:
				in := draw(depth - 1)
				return both{Negate(in.c), func(w int) bool { return !in.mean(w) }}
			case 4:
				a, b := draw(depth-1), draw(depth-1)
				return both{And(a.c, b.c), func(w int) bool { return a.mean(w) && b.mean(w) }}
			case 5:
				a, b := draw(depth-1), draw(depth-1)
				return both{Or(a.c, b.c), func(w int) bool { return a.mean(w) || b.mean(w) }}
			}
			i := rapid.IntRange(0, len(atoms)-1).Draw(t, "atom")
			return both{atoms[i], func(w int) bool { return w>>i&1 == 1 }}
		}
		one := draw(4)
		holds := func(c Cond, world int) bool { return meaning(t, c, atoms, world) }
		alternatives, ok := one.c.Alternatives()
		for world := range 1 << len(atoms) {
			want := one.mean(world)
			if got := holds(one.c, world); got != want {
				t.Fatalf("world %b: %v, want %v: %+v", world, got, want, one.c)
			}
			if !ok {
				continue
			}
			met := false
			for _, all := range alternatives {
				every := true
				for _, c := range all {
					every = every && holds(c, world)
				}
				met = met || every
			}
			if met != want {
				t.Fatalf("world %b: alternatives %v, want %v: %+v", world, met, want, alternatives)
			}
		}
	})
}

// meaning is whether a condition holds where these atoms do.
func meaning(t *rapid.T, c Cond, atoms []Cond, world int) bool {
	switch c.Kind {
	case IsAlways:
		return true
	case IsNever:
		return false
	case Not:
		return !meaning(t, c.Of[0], atoms, world)
	case All, Any:
		for _, one := range c.Of {
			if meaning(t, one, atoms, world) != (c.Kind == All) {
				return c.Kind == Any
			}
		}
		return c.Kind == All
	}
	for i, a := range atoms {
		if Same(a, c) {
			return world>>i&1 == 1
		}
	}
	t.Fatalf("an atom that is none: %+v", c)
	return false
}

// TestTooMuch: what grows beyond its bound is unknown, and never known.
func TestTooMuch(t *testing.T) {
	c := Always
	for i := range 200 {
		c = And(c, On(Pos{"s", i + 1}))
		if c.Size() > Most || c.Kind == IsAlways || c.Kind == IsNever {
			t.Fatalf("%d: %d parts, kind %d", i, c.Size(), c.Kind)
		}
	}
}
