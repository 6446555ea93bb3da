package plan

import (
	"math/rand/v2"
	"slices"
	"time"

	"ecnutd/internal/sim"
)

// A Plan is a world before it is played: all that will go wrong in it.
type Plan struct {
	Seed        uint64
	Kind        string // which mix of faults it is
	Units       []Unit
	Config      string   // "%s" is the folder of the world
	Secondaries int      // hosts that are logged in
	Others      []string // configurations that it is reloaded with
	Incidents   []Incident
	Length      time.Duration
}

// A Unit is a UPS.
type Unit struct {
	Name    string
	Load    int     // percent
	Wear    float64 // of the battery, which the UPS does not know of
	Cancels bool    // it stops a count-down when mains returns
	NoDelay bool    // it takes ups.delay.start and does not keep it
	Quick   bool    // it answers at once, and not in 45 to 75 ms as the family does
}

// Options make the simulated UPS.
func (u Unit) Options() []sim.Option {
	list := []sim.Option{sim.WithWear(u.Wear)}
	if !u.Quick {
		list = append(list, sim.WithReplyTimes())
	}
	if u.Cancels {
		list = append(list, sim.WithMainsReturn(sim.CancelOnMains))
	}
	if u.NoDelay {
		list = append(list, sim.WithoutStartDelay())
	}
	return list
}

// Stream is a source of chance of its own for each part of a world.
func Stream(seed uint64, part string) *rand.Rand {
	h := uint64(14695981039346656037) // FNV-1a
	for _, b := range []byte(part) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return rand.New(rand.NewPCG(seed, h))
}

// Span is one from one to another, to the nanosecond: two things at one
// instant would happen in either order.
func Span(r *rand.Rand, low, high time.Duration) time.Duration {
	return low + time.Duration(r.Int64N(int64(high-low)))
}

// Shrink leaves incidents out for as long as fails says that what is left still
// breaks the same promise.
func Shrink(p Plan, fails func(Plan) bool) Plan {
	for step := max(1, len(p.Incidents)/2); step >= 1; step /= 2 {
		for i := 0; i+step <= len(p.Incidents); {
			less := p
			less.Incidents = slices.Delete(slices.Clone(p.Incidents), i, i+step)
			if fails(less) {
				p = less
			} else {
				i += step
			}
		}
	}
	return p
}
