package world

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"ecnutd/internal/sim"
)

// A Plan is a world before it is played: all that will go wrong in it.
type Plan struct {
	Seed      uint64
	Kind      string // which mix of faults it is
	Units     []UnitPlan
	Config    string // "%s" is the folder of the world
	Incidents []Incident
	Length    time.Duration
}

// A UnitPlan is a UPS.
type UnitPlan struct {
	Name    string
	Load    int     // percent
	Wear    float64 // of the battery, which the UPS does not know of
	Cancels bool    // it stops a count-down when mains returns
}

// An Incident is something that happens to the world.
type Incident struct {
	At   time.Duration // since the start of the world
	What What
	Unit int           // of the plan; -1: all
	For  time.Duration // until it is over
	N    int           // a number that What says
}

// What is the kind of an incident.
type What uint8

// The kinds.
const (
	MainsFails   What = iota // for For
	Unplugged                // the cable of a UPS is out for For
	Silent                   // a UPS answers nothing for For
	Stalls                   // report N of a UPS is refused for For
	LosesPushes              // a UPS pushes nothing for For
	Flickers                 // a UPS says for For that it is about to shut down
	GatewayDown              // nothing is taken for For
	GatewayLies              // what is taken is not confirmed, for For
	Killed                   // the process ends at its Nth call to the outside from then on
	Restarted                // the daemon is stopped and started again
	Forced                   // somebody orders a shutdown
	ClockSet                 // the time of day jumps by N seconds
	Suspended                // the host sleeps for For
	ProgramHangs             // programs of rules do not end, for For
	CommandFails             // the next shutdown command ends and does nothing
)

// String is the incident in the words of a scenario.
func (i Incident) String() string {
	unit := "all"
	if i.Unit >= 0 {
		unit = fmt.Sprintf("unit %d", i.Unit)
	}
	span := i.For.Round(100 * time.Millisecond)
	switch i.What {
	case MainsFails:
		return fmt.Sprintf("mains fails for %s", span)
	case Unplugged:
		return fmt.Sprintf("@unplug %s for %s", unit, span)
	case Silent:
		return fmt.Sprintf("@silence %s for %s", unit, span)
	case Stalls:
		return fmt.Sprintf("report %02x of %s is refused for %s", i.N, unit, span)
	case LosesPushes:
		return fmt.Sprintf("%s pushes nothing for %s", unit, span)
	case Flickers:
		return fmt.Sprintf("%s says for %s that it is about to shut down", unit, span)
	case GatewayDown:
		return fmt.Sprintf("the gateway is down for %s", span)
	case GatewayLies:
		return fmt.Sprintf("the gateway takes and does not confirm for %s", span)
	case Killed:
		return fmt.Sprintf("the daemon is killed at its call %d from here", i.N)
	case Restarted:
		return "@restart"
	case Forced:
		return "@fsd"
	case ClockSet:
		return fmt.Sprintf("the time of day jumps by %s", time.Duration(i.N)*time.Second)
	case Suspended:
		return fmt.Sprintf("the host sleeps for %s", span)
	case ProgramHangs:
		return fmt.Sprintf("programs hang for %s", span)
	case CommandFails:
		return "the next shutdown command does nothing"
	}
	return fmt.Sprintf("what %d", i.What)
}

// stream is a source of chance of its own for each part of a world.
func stream(seed uint64, part string) *rand.Rand {
	h := uint64(14695981039346656037) // FNV-1a
	for _, b := range []byte(part) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return rand.New(rand.NewPCG(seed, h))
}

// between is a span from one to another, to the nanosecond: two things at one
// instant would happen in either order.
func between(r *rand.Rand, low, high time.Duration) time.Duration {
	return low + time.Duration(r.Int64N(int64(high-low)))
}

// length of a world.
const length = 6 * time.Hour

// kinds are the mixes of faults, in their order.
var kinds = []struct {
	name string
	make func(p *Plan, r *rand.Rand)
}{
	{"plain", func(p *Plan, r *rand.Rand) { p.outages(r, nil) }},
	{"link", func(p *Plan, r *rand.Rand) { p.outages(r, []What{Unplugged, Silent, Stalls, LosesPushes, Flickers}) }},
	{"gateway", func(p *Plan, r *rand.Rand) { p.outages(r, []What{GatewayDown, GatewayLies, Killed, Restarted}) }},
	{"kills", func(p *Plan, r *rand.Rand) { p.outages(r, []What{Killed, Killed, Restarted, GatewayLies}) }},
	{"clock", func(p *Plan, r *rand.Rand) { p.outages(r, []What{ClockSet, GatewayDown, Restarted}) }},
	{"all", func(p *Plan, r *rand.Rand) {
		p.outages(r, []What{Unplugged, Silent, Stalls, LosesPushes, Flickers, GatewayDown, GatewayLies, Killed, Restarted, Forced, ClockSet, ProgramHangs})
	}},
}

// PlanOf is the world of a seed.
func PlanOf(seed uint64) Plan {
	kind := kinds[seed%uint64(len(kinds))]
	p := Plan{Seed: seed, Kind: kind.name, Length: length}
	r := stream(seed, "plan")
	p.Units = []UnitPlan{{Name: "eaton", Load: 10 + r.IntN(60), Cancels: r.IntN(3) == 0}}
	if r.IntN(4) == 0 {
		p.Units = append(p.Units, UnitPlan{Name: "right", Load: 10 + r.IntN(60)})
	}
	p.Config = p.configure(r)
	kind.make(&p, r)
	slices.SortStableFunc(p.Incidents, func(a, b Incident) int { return cmp.Compare(a.At, b.At) })
	return p
}

// outages has mains fail some times, and something of others go wrong around
// each of them.
func (p *Plan) outages(r *rand.Rand, others []What) {
	at := between(r, time.Minute, 20*time.Minute)
	for at < p.Length-2*time.Hour {
		span := between(r, 2*time.Second, 2*time.Minute)
		if r.IntN(3) > 0 {
			span = between(r, 2*time.Minute, 40*time.Minute)
		}
		p.add(Incident{At: at, What: MainsFails, Unit: -1, For: span})
		if len(others) > 0 {
			for range r.IntN(4) {
				what := others[r.IntN(len(others))]
				p.add(p.incident(r, what, at+between(r, -time.Minute, span)))
			}
		}
		at += span + between(r, 5*time.Second, 90*time.Minute)
	}
}

// incident is one of a kind at a time.
func (p *Plan) incident(r *rand.Rand, what What, at time.Duration) Incident {
	i := Incident{At: max(at, time.Second), What: what, Unit: r.IntN(len(p.Units)), For: between(r, time.Second, 3*time.Minute)}
	switch what {
	case Stalls:
		reports := []int{1, 6}
		i.N = reports[r.IntN(len(reports))]
	case Killed:
		i.N = 1 + r.IntN(60)
	case ClockSet:
		i.N = r.IntN(7200) - 3600
	case GatewayDown, GatewayLies:
		i.For = between(r, time.Second, 40*time.Minute)
	}
	return i
}

func (p *Plan) add(i Incident) { p.Incidents = append(p.Incidents, i) }

// configure is a configuration, as an administrator might have it.
func (p *Plan) configure(r *rand.Rand) string {
	var b strings.Builder
	b.WriteString("ups:\n")
	for i, u := range p.Units {
		fmt.Fprintf(&b, "  %s: {device: /dev/hidraw%d}\n", u.Name, i)
	}
	b.WriteString("state: \"%s/state.db\"\ncontrol: none\npower_down_flag: \"%s/killpower\"\nshutdown_time: 60s\n")
	if r.IntN(2) == 0 {
		b.WriteString("link_lost: strict\n")
	}
	switch r.IntN(3) {
	case 0:
		fmt.Fprintf(&b, "low_battery: {charge: %d}\n", 30+r.IntN(40))
	case 1:
		fmt.Fprintf(&b, "low_battery: {on_battery: %dm}\n", 2+r.IntN(8))
	}
	if len(p.Units) == 2 && r.IntN(2) == 0 {
		b.WriteString("min_supplies: 2\n")
	}
	b.WriteString("events: {ONBATT: {exec: [note, onbatt]}, SHUTDOWN: {exec: [note, shutdown]}}\n")
	b.WriteString("messages: {routes: {phone: {free_mobile: {user: \"12345678\", password: x}}}}\n")
	return b.String()
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

// faultOf is the fault of a simulated UPS that an incident is; ok is false for
// other incidents.
func faultOf(i Incident) (f sim.Fault, ok bool) {
	kind, ok := map[What]sim.FaultKind{
		Silent: sim.Silence, Stalls: sim.Stall, LosesPushes: sim.LostPushes, Flickers: sim.ImminentEarly,
	}[i.What]
	return sim.Fault{Kind: kind, Report: uint8(i.N)}, ok
}
