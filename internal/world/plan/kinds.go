package plan

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"
)

// Length is that of a world.
const Length = 24 * time.Hour

// A kind is a mix of what goes wrong, with its share of all worlds.
type kind struct {
	name  string
	share int // of the sum of all
	units func(p *Plan, r *rand.Rand)
	mix   []What
	rate  int // how many of the mix there are in an outage, at most
	more  func(p *Plan, r *rand.Rand, at, long time.Duration)
}

// kinds are the mixes. Those with a name of their own are what hosts were lost by.
var kinds = []kind{
	{name: "plain", share: 2},
	{name: "link", share: 3, rate: 4, mix: []What{Unplugged, Silent, Stalls, Hangs, LosesPushes, Flickers, AnswersSlowly}},
	{name: "answers", share: 2, rate: 4, mix: []What{AnswersShort, AnswersLong, AnswersEmpty, AnswersForeign, PushesShort, PushesLong, PushesForeign, RefusesInputs, AnswersSlowly}},
	{name: "gateway", share: 2, rate: 4, mix: []What{GatewayDown, GatewayLies, GatewayBusy, GatewayHangs, Killed, Restarted}},
	{name: "kills", share: 3, rate: 5, mix: []What{Killed, Killed, Restarted, GatewayLies}, more: (*Plan).killAtEach},
	{name: "disk", share: 2, rate: 4, mix: []What{DiskFull, DiskReadOnly, DiskStalls, DiskDamaged, Killed, GatewayDown}},
	{name: "clock", share: 1, rate: 3, mix: []What{ClockSet, GatewayDown, Restarted, Suspended, Paused}},
	{name: "reloads", share: 1, rate: 4, mix: []What{Reloaded, Reloaded, Restarted, GatewayDown, Killed}},
	{name: "batteries", share: 1, rate: 2, mix: []What{Flickers, Killed}, units: func(p *Plan, r *rand.Rand) {
		for i := range p.Units {
			p.Units[i].Wear = r.Float64() * 0.6
		}
	}},
	{name: "jumps at the transfer", share: 2, rate: 3, mix: []What{LosesPushes, AnswersSlowly, Flickers, Stalls}, more: (*Plan).jump},
	{name: "loose links", share: 2, rate: 2, mix: []What{Flickers, GatewayDown, Killed}, more: (*Plan).loosen},
	{name: "slow second feeds", share: 2, rate: 3, mix: []What{AnswersSlowly, Hangs, Silent, Unplugged}, units: func(p *Plan, r *rand.Rand) { p.second(r) }},
	{name: "thrashing hosts", share: 2, rate: 6, mix: []What{Paused, Paused, ProgramHangs, DiskStalls, Restarted}},
	{name: "slow and pending shutdowns", share: 2, rate: 3, mix: []What{CommandFails, CommandDoesNothing, CommandHangs, Killed, Restarted, Forced}},
	{name: "secondaries told", share: 2, rate: 3, mix: []What{HostGoes, Killed, Restarted, Forced, HostComes}, units: func(p *Plan, r *rand.Rand) { p.Secondaries = 1 + r.IntN(3) }},
	{name: "upgrades in an outage", share: 2, rate: 2, mix: []What{Upgraded, Upgraded, Killed, Unplugged}},
	{name: "units that disobey", share: 1, rate: 2, mix: []What{Killed, Unplugged}, units: func(p *Plan, r *rand.Rand) {
		for i := range p.Units {
			p.Units[i].NoDelay, p.Units[i].Cancels = r.IntN(2) == 0, r.IntN(2) == 0
		}
	}},
	{name: "all", share: 4, rate: 6, mix: []What{
		Unplugged, Silent, Stalls, Hangs, AnswersShort, AnswersLong, AnswersEmpty, AnswersForeign, AnswersSlowly, LosesPushes, PushesShort, PushesForeign, Flickers,
		GatewayDown, GatewayLies, GatewayBusy, GatewayHangs, Killed, Restarted, Upgraded, Reloaded, Forced, ClockSet, Suspended, Paused, ProgramHangs,
		CommandFails, CommandDoesNothing, CommandHangs, DiskFull, DiskReadOnly, DiskStalls, DiskDamaged, HostComes, HostGoes,
	}, units: func(p *Plan, r *rand.Rand) { p.Secondaries = r.IntN(2) }},
}

// kindOf is the kind of a seed: each has its share of as many seeds as there are
// shares.
func kindOf(seed uint64) kind {
	all := 0
	for _, k := range kinds {
		all += k.share
	}
	n := int(seed % uint64(all))
	for _, k := range kinds {
		if n -= k.share; n < 0 {
			return k
		}
	}
	panic("unreachable")
}

// KindOf is the name of the kind of a seed.
func KindOf(seed uint64) string { return kindOf(seed).name }

// Of is the world of a seed.
func Of(seed uint64) Plan {
	k := kindOf(seed)
	p := Plan{Seed: seed, Kind: k.name, Length: Length}
	r := Stream(seed, "plan")
	p.Units = []Unit{{Name: "eaton", Load: 10 + r.IntN(60), Cancels: r.IntN(3) == 0, Quick: r.IntN(8) == 0}}
	if r.IntN(4) == 0 {
		p.second(r)
	}
	if k.units != nil {
		k.units(&p, r)
	}
	p.Config = p.configure(r)
	for range 2 {
		p.Others = append(p.Others, p.configure(r))
	}
	p.draw(r, k)
	slices.SortStableFunc(p.Incidents, func(a, b Incident) int { return cmp.Compare(a.At, b.At) })
	return p
}

// second gives the host a second feed.
func (p *Plan) second(r *rand.Rand) {
	if len(p.Units) == 1 {
		p.Units = append(p.Units, Unit{Name: "right", Load: 10 + r.IntN(60)})
	}
}

// draw has mains fail some times, and something of the mix go wrong around each of
// them.
func (p *Plan) draw(r *rand.Rand, k kind) {
	at := Span(r, time.Minute, 40*time.Minute)
	for at < p.Length-2*time.Hour {
		long := Span(r, 2*time.Second, 2*time.Minute)
		if r.IntN(3) > 0 {
			long = Span(r, 2*time.Minute, 40*time.Minute)
		}
		p.add(Incident{At: at, What: MainsFails, Unit: -1, For: long})
		if k.rate > 0 {
			for range r.IntN(k.rate) {
				p.add(p.incident(r, k.mix[r.IntN(len(k.mix))], at+Span(r, -time.Minute, long)))
			}
		}
		if k.more != nil {
			k.more(p, r, at, long)
		}
		if r.IntN(4) == 0 { // it comes and goes
			at += long + Span(r, 5*time.Second, 5*time.Minute)
			continue
		}
		at += long + Span(r, 10*time.Minute, 8*time.Hour)
	}
}

// incident is one of a kind at a time.
func (p *Plan) incident(r *rand.Rand, what What, at time.Duration) Incident {
	i := Incident{At: max(at, time.Second), What: what, Unit: r.IntN(len(p.Units)), For: Span(r, time.Second, 3*time.Minute)}
	reports := []int{ReportStatus, ReportBattery, ReportBattery, ReportLoad}
	switch what {
	case Stalls, Hangs, AnswersShort, AnswersLong, AnswersEmpty, AnswersForeign, PushesShort, PushesLong, PushesForeign:
		i.N = reports[r.IntN(len(reports))]
	case AnswersSlowly:
		i.N = 100 + r.IntN(1500)
	case Unplugged:
		i.N = r.IntN(2)
	case Killed:
		i.N = 1 + r.IntN(25)
	case Reloaded:
		i.N = r.IntN(3)
	case ClockSet:
		i.N = r.IntN(7200) - 3600
	case DiskDamaged:
		i.N = r.IntN(1 << 16)
	case GatewayDown, GatewayLies, GatewayBusy, GatewayHangs, DiskFull, DiskReadOnly, DiskStalls:
		i.For = Span(r, time.Second, 40*time.Minute)
	case Suspended:
		i.For = Span(r, 5*time.Second, 20*time.Minute)
	case Paused:
		i.For = Span(r, time.Second, time.Minute)
	case CommandHangs:
		i.For = Span(r, 30*time.Second, 15*time.Minute)
	case HostGoes:
		i.For = Span(r, 10*time.Second, 20*time.Minute)
	}
	return i
}

func (p *Plan) add(i Incident) { p.Incidents = append(p.Incidents, i) }

// jump has the reports of an outage come late and wrong for its first seconds.
func (p *Plan) jump(r *rand.Rand, at, _ time.Duration) {
	unit := r.IntN(len(p.Units))
	for range 1 + r.IntN(2) {
		what := []What{Stalls, Hangs, AnswersForeign, AnswersShort, AnswersEmpty, PushesForeign}[r.IntN(6)]
		i := p.incident(r, what, at+Span(r, -2*time.Second, 3*time.Second))
		i.Unit, i.For = unit, Span(r, time.Second, 30*time.Second)
		p.add(i)
	}
}

// loosen has a cable drop out again and again, in any rhythm.
func (p *Plan) loosen(r *rand.Rand, at, long time.Duration) {
	unit, what := r.IntN(len(p.Units)), []What{Unplugged, Silent, Stalls}[r.IntN(3)]
	for begin, until := at+Span(r, -time.Minute, time.Minute), at+min(long, 10*time.Minute); begin < until; {
		i := p.incident(r, what, begin)
		i.Unit, i.For = unit, Span(r, 500*time.Millisecond, 40*time.Second)
		if what == Stalls {
			i.N = ReportStatus
		}
		p.add(i)
		begin = i.At + i.For + Span(r, 500*time.Millisecond, 40*time.Second)
	}
}

// killAtEach has the process killed at one effect of each outage: worlds of seeds in
// a row have one after the other.
func (p *Plan) killAtEach(_ *rand.Rand, at, _ time.Duration) {
	p.add(Incident{At: at, What: Killed, Unit: -1, N: 1 + int(p.Seed/7+uint64(len(p.Incidents)))%100})
}
