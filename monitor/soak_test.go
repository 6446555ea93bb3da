package monitor_test

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ecnutd/internal/texts"
	. "ecnutd/monitor"
	"ecnutd/ups"
)

var (
	soakOutages = flag.Int("soak", 3000, "how many outages TestSoak simulates")
	soakSeed    = flag.Uint64("soak-seed", 1, "what its outages are drawn from")
	soakOne     = flag.Int("soak-one", -1, "simulate only the outage of this number, and tell its story")
)

// TestSoak simulates outages, each with its own rules, load, battery, wear,
// false flags, losses of the link and restarts, and asks of each afterwards:
// did the host lose its power without the command having been given (missed)?
// Was the command given although mains was there, or for a reason that the
// world did not give (false)?
//
// Outage n is drawn from the seed and n alone, so that it can be told again by
// -soak-seed and -soak-one, and the sums do not depend on the order.
func TestSoak(t *testing.T) {
	if *soakOne >= 0 {
		w := newWorld(*soakSeed, uint64(*soakOne))
		w.tell = true
		verdict, detail := w.run()
		t.Logf("%s\noutage %d: %s %s", strings.Join(w.story, "\n"), *soakOne, verdict, detail)
		return
	}
	const workers = 2
	defer debug.SetGCPercent(debug.SetGCPercent(1000)) // much garbage, little memory
	begin := time.Now()
	var wg sync.WaitGroup
	var mu sync.Mutex
	sums := map[string]int{}
	var bad []string
	for worker := range workers {
		wg.Go(func() {
			mine := map[string]int{}
			var faults []string
			for n := worker; n < *soakOutages; n += workers {
				verdict, detail := newWorld(*soakSeed, uint64(n)).run()
				mine[verdict]++
				if verdict == missed || verdict == wrong {
					faults = append(faults, fmt.Sprintf("outage %d: %s: %s", n, verdict, detail))
				}
			}
			mu.Lock()
			defer mu.Unlock()
			for v, n := range mine {
				sums[v] += n
			}
			bad = append(bad, faults...)
		})
	}
	wg.Wait()
	took := time.Since(begin)
	t.Logf("%d outages, seed %d, %s, %.0f outages/s", *soakOutages, *soakSeed, took.Round(time.Millisecond), float64(*soakOutages)/took.Seconds())
	for _, v := range slices.Sorted(maps.Keys(sums)) {
		t.Logf("%9d %s", sums[v], v)
	}
	t.Logf("%9d missed, %d false", sums[missed], sums[wrong])
	for _, b := range bad[:min(len(bad), 20)] {
		t.Error(b)
	}
	// A soak in which something never happens proves nothing about it.
	for _, v := range []string{rodeOut, calledOff, "down: " + string(LimitReached), "down: " + string(TimerEnded), "down: " + string(LowSaid), "down: " + string(LowImminent), "down: " + string(LowCharge), "down: " + string(LowChargeFloor), "down: " + string(LowRuntimeFloor), carried, "down: " + string(SilentTooLong), blind, unseen} {
		if *soakOutages >= 3000 && sums[v] == 0 {
			t.Errorf("it never came to %q", v)
		}
	}
}

// What becomes of an outage.
const (
	missed    = "missed"
	wrong     = "false"
	rodeOut   = "mains returned, nothing was done"
	calledOff = "mains returned, a shutdown was called off"
	blind     = "down after mains had returned, before the monitor could hear of it"
	carried   = "down although mains had returned, for the secondaries that were told"
	lied      = "lost on battery, and the runtime that a worn battery had claimed was not there"
	drained   = "lost in a second outage, which began with too little in the battery for anything"
	tooLate   = "lost while on mains, and heard again when the battery was nearly empty"
	unseen    = "lost while on mains, and the outage never seen: no shutdown, by design"
)

// A unit is a UPS of the simulated world: what is true, and beside it what was
// delivered of it to the monitor.
type unit struct {
	mains    bool
	cutAt    Instant
	backAt   Instant
	capacity float64 // joules, when full
	energy   float64 // joules left
	load     float64 // watts
	err      float64 // displayed runtime by the real one
	linked   bool
	silent   bool // lost by silence: the reader says nothing
	dead     bool // battery empty
	spent    bool // tooLittle at the last cut
	trapped  bool // tooLittle when the link came back, after a wait that trusted a worn battery
	early    bool // ShutdownImminent rises with the outage, for nothing
	worn     float64
	flashes  []Instant     // when LB flashes for nothing
	flash    time.Duration // for so long
	linkedAt Instant       // when the link came back
	readAt   Instant       // when it is read next
	readings int

	heardAt  Instant    // delivered last
	batteryF Instant    // first reading on battery of the outage as delivered; 0 on mains
	low      bool       // the last reading said so and was right
	lows     [2]Instant // first and last delivered reading of a row
	imminent [2]Instant
	charges  [2]Instant
	runtimes [2]Instant    // too little to shut down in
	empties  [2]Instant    // at the UPS's own limit
	seen     [3]Instant    // the last three readings with the flag
	tells    bool          // it says what its own limit on charge is
	mute     bool          // and never that it is reached
	left     time.Duration // runtime as delivered last
}

// A happening is something that the world does at an instant.
type happening struct {
	at   Instant
	what string
	do   func(*world)
}

type world struct {
	rng    *rand.Rand
	rules  Rules
	state  State
	now    Instant
	units  []unit
	every  time.Duration // between readings
	coming []happening
	alive  bool // the daemon
	bornAt Instant
	margin time.Duration // what a right answer may take from the flag on
	slack  time.Duration // what restarts may cost in all
	sync   time.Duration // what the secondaries cost

	reason  Reason // of the shutdown under way
	said    Instant
	delay   time.Duration // the least that may lie between that and the command
	goesOn  bool          // though mains is back, for those who were told
	offs    int
	off     bool
	metAt   Instant // when the limits on battery came to demand a shutdown
	verdict string
	detail  string
	tell    bool
	story   []string
}

const lowAt = 0.2 // of the charge: BelowRemainingCapacityLimit

func (w *world) between(a, b float64) float64 { return a + w.rng.Float64()*(b-a) }

func (w *world) seconds(a, b float64) time.Duration {
	return time.Duration(w.between(a, b) * float64(time.Second)).Truncate(time.Millisecond)
}

func (w *world) chance(p float64) bool { return w.rng.Float64() < p }

func newWorld(seed, n uint64) *world {
	w := &world{rng: rand.New(rand.NewPCG(seed, n)), now: Instant(time.Hour), alive: true}
	w.drawRules()
	w.drawStory()
	return w
}

func (w *world) drawRules() {
	names := []string{"a"}
	if w.chance(0.3) {
		names = append(names, "b")
	}
	r := Defaults(names...)
	if len(names) > 1 && w.chance(0.4) {
		r.MinSupplies = 2
	}
	if w.chance(0.5) {
		r.LinkLost = Strict
	}
	r.LostCounts = w.chance(0.9)
	limit := time.Duration(0)
	if w.chance(0.4) {
		limit = w.seconds(30, 1800)
	}
	if w.chance(0.3) {
		r.Timers = []Timer{{Name: "wait", After: w.seconds(30, 1800), Fire: Reaction{GiveUp: true}}}
		on(&r, ups.EventOnBattery, Reaction{Start: []Start{{Timer: "wait"}}})
	}
	for i := range r.Supplies {
		limits := &r.Supplies[i].Limits
		limits.OnBattery = limit
		if w.chance(0.3) {
			limits.Charge = ups.Known(int(w.between(10, 70)))
		}
		switch w.rng.IntN(4) {
		case 0:
			limits.ShutdownImminent = Trust{}
		case 1:
			limits.ShutdownImminent = Trust{Ignored: true}
		}
	}
	w.rules = r
	w.every = w.seconds(1, 5)
	if w.chance(0.2) {
		w.sync = r.HostSync
		if w.chance(0.5) {
			w.rules.SecondariesTold = CancelAnyway
		}
		w.step(Secondaries{N: 1})
	}
}

// drawStory draws what the world will do. The batteries are such that a right
// answer is possible: from the flag of a low battery on they last, at the
// highest load there will be, for the worst that the rules allow: a lost link
// and its dead time, a restart with its own, two readings 2 s apart, the
// secondaries and the final delay.
func (w *world) drawStory() {
	r := &w.rules
	restarts := 0
	if w.chance(0.3) {
		restarts = 1 + w.rng.IntN(2)
	}
	const longest = 20 * time.Second // of the daemon being down
	w.slack = time.Duration(restarts) * (longest + r.DeadTime + 2*w.every + 2*time.Second)
	w.margin = 2*w.every + 2*time.Second + r.DeadTime + w.every + w.sync + r.FinalDelay + w.slack + 2*time.Second
	margin := w.margin.Seconds()
	cut := w.now.Add(w.seconds(20, 60))
	length := time.Duration(0)
	switch w.rng.IntN(3) {
	case 0:
		length = w.seconds(0.2, 60)
	case 1:
		length = w.seconds(1, 1800)
	default:
		length = w.seconds(60, 3600)
	}
	for i := range r.Supplies {
		const most = 1.3 // the highest load by the one at the cut
		u := unit{mains: true, linked: true, load: w.between(20, 500), err: w.between(0.6, 1.5), readAt: w.now.Add(w.seconds(0, w.every.Seconds()))}
		u.capacity = u.load * most * margin / lowAt * w.between(1, 4)
		u.energy = u.capacity * w.between(0.25, 1)
		if w.chance(0.15) {
			u.early = true
		}
		if !r.Supplies[i].Limits.ShutdownImminent.Ignored && w.chance(0.1) {
			// Shows much charge, says that it will shut down, and does.
			u.worn = u.load * most * (margin + 32)
			u.energy = max(u.energy, u.worn)
		}
		u.tells = w.chance(0.5)
		u.mute = u.tells && u.worn == 0 && !r.Supplies[i].Limits.Charge.Known && w.chance(0.3)
		u.flash = w.seconds(1, 1.99)
		for at := w.now; at < cut.Add(10*time.Minute) && w.chance(0.5); at = at.Add(w.seconds(8, 200) + u.flash) {
			u.flashes = append(u.flashes, at)
		}
		w.units = append(w.units, u)
	}
	only := -1 // whose feed alone is cut
	if len(w.units) > 1 && w.chance(0.3) {
		only = w.rng.IntN(2)
	}
	cuts := 1
	if w.chance(0.2) {
		cuts = 2
	}
	for begin := cut; cuts > 0; cuts-- {
		back := begin.Add(length)
		for i := range w.units {
			if only < 0 || only == i {
				w.plan(begin.Add(w.seconds(0, 1)), "cut "+r.Supplies[i].Name, func(w *world) { w.cut(i) })
				w.plan(back.Add(w.seconds(1, 2)), "back "+r.Supplies[i].Name, func(w *world) { w.back(i) })
			}
		}
		begin = back.Add(w.seconds(3, 60))
		length = w.seconds(1, 600)
	}
	for i := range w.units {
		for range w.rng.IntN(3) {
			w.plan(cut.Add(w.seconds(1, 1200)), "load", func(w *world) { w.units[i].load *= w.between(0.7, 1) })
		}
		if w.chance(0.5) {
			w.plan(cut.Add(w.seconds(1, 1200)), "more load", func(w *world) { w.units[i].load *= w.between(1, 1.3) })
		}
		// The link goes, often just when mains does, and comes back at a random
		// instant or never. It stays up long enough for two readings 2 s apart.
		at := cut.Add(w.seconds(-10, 300))
		if w.chance(0.3) {
			at = cut.Add(w.seconds(-2, 4))
		}
		for range 3 {
			if !w.chance(0.35) {
				break
			}
			w.plan(at, "link lost", func(w *world) { w.unlink(i, w.chance(0.3)) })
			at = at.Add(w.seconds(1, 400))
			w.plan(at, "link back", func(w *world) { w.link(i) })
			at = at.Add(3*w.every + 3*time.Second + w.seconds(0, 300))
		}
	}
	at := cut.Add(w.seconds(-20, 300))
	for range restarts {
		down := w.seconds(0.1, longest.Seconds())
		w.plan(at, "daemon ends", func(w *world) { w.alive = false })
		w.plan(at.Add(down), "daemon starts", (*world).start)
		at = at.Add(down + r.DeadTime + 3*w.every + w.seconds(5, 600))
	}
	slices.SortStableFunc(w.coming, func(a, b happening) int { return int(a.at - b.at) })
}

func (w *world) plan(at Instant, what string, do func(*world)) {
	w.coming = append(w.coming, happening{at, what, do})
}

func (w *world) cut(i int) {
	u := &w.units[i]
	u.mains, u.cutAt = false, w.now
	u.spent, u.trapped = w.tooLittle(u), false
	w.push(i)
}

func (w *world) back(i int) {
	u := &w.units[i]
	u.mains, u.backAt = true, w.now
	if u.dead {
		u.dead, u.energy = false, u.capacity*0.05
		w.link(i)
	}
	w.push(i)
}

// tooLittle tells whether a battery holds less than the least that a right
// answer takes.
func (w *world) tooLittle(u *unit) bool {
	least := w.margin
	if u.worn > 0 {
		least += 32 * time.Second // the grace of ShutdownImminent, and a reading
	}
	return u.energy < u.load*least.Seconds()
}

// push is a report that the device sends of itself: every second one does.
func (w *world) push(i int) {
	if u := &w.units[i]; w.alive && u.linked && w.rng.IntN(2) == 0 {
		w.read(i)
	}
}

func (w *world) unlink(i int, silent bool) {
	u := &w.units[i]
	u.linked, u.silent = false, silent
	if w.alive && !silent {
		w.step(LinkLost{i, true})
	}
}

func (w *world) link(i int) {
	if u := &w.units[i]; !u.dead {
		u.trapped = u.worn > 0 && w.rules.LinkLost == Estimate && u.batteryF > 0 && w.tooLittle(u)
		u.linked, u.linkedAt, u.readAt = true, w.now, w.now.Add(w.seconds(0.1, w.every.Seconds()))
	}
}

// start is the daemon, started again in the same boot.
func (w *world) start() {
	w.alive, w.bornAt = true, w.now
	w.state, _ = reread(w.state)
	w.step(Restarted{})
	for i := range w.units {
		u := &w.units[i]
		u.readings = 0
		switch {
		case u.linked:
			u.readAt = w.now.Add(w.seconds(0.1, w.every.Seconds()))
			if w.chance(0.3) { // the node cannot be opened at the first try
				w.step(LinkLost{i, true})
			}
		case !u.silent:
			w.step(LinkLost{i, true})
		}
	}
}

// read delivers a reading of unit i.
func (w *world) read(i int) {
	u := &w.units[i]
	u.readings++
	u.readAt = w.now.Add(w.every)
	s := ups.Snapshot{Status: ups.Online, Readings: u.readings, ChargeReadings: u.readings}
	part := u.energy / u.capacity
	shown := part
	if u.worn > 0 {
		shown = max(part, 0.6)
	}
	s.Charge = ups.Known(int(shown * 100))
	s.Runtime = ups.Known(int(shown * u.capacity / u.load * u.err))
	low := u.worn == 0 && part <= lowAt && !u.mute
	if u.tells {
		s.ChargeLow = ups.Known(int(lowAt * 100))
	}
	imminent := !u.mains && (u.early && w.now.Sub(u.cutAt) >= time.Second || u.worn > 0 && u.energy <= u.worn)
	if !u.mains {
		s.Status = ups.OnBattery
	}
	flash := slices.ContainsFunc(u.flashes, func(at Instant) bool { return w.now >= at && w.now < at.Add(u.flash) })
	if low || flash {
		s.Low |= ups.BelowCapacity
	}
	if imminent {
		s.Low |= ups.ShutdownImminent
	}
	if s.Low != 0 {
		s.Status |= ups.LowBattery
	}
	row := func(r *[2]Instant, seen bool) {
		switch {
		case !seen:
			*r = [2]Instant{}
		case r[0] == 0:
			*r = [2]Instant{w.now, w.now}
		default:
			r[1] = w.now
		}
	}
	row(&u.lows, low || flash)
	u.low = low
	row(&u.imminent, imminent)
	if low || flash {
		u.seen = [3]Instant{u.seen[1], u.seen[2], w.now}
	}
	row(&u.empties, s.Charge.N <= int(lowAt*100))
	row(&u.runtimes, time.Duration(s.Runtime.N)*time.Second < w.rules.ShutdownTime+w.rules.FinalDelay)
	limit := w.rules.Supplies[i].Limits.Charge
	row(&u.charges, limit.Known && s.Charge.N <= limit.N)
	u.heardAt, u.left = w.now, time.Duration(s.Runtime.N)*time.Second
	switch {
	case u.mains:
		u.batteryF = 0
	case u.batteryF == 0:
		u.batteryF = w.now
	}
	w.step(Heard{i, s})
}

func (w *world) step(in Input) {
	var effects []Effect
	w.state, effects = Step(w.rules, w.state, w.now, in)
	if w.tell {
		w.story = append(w.story, fmt.Sprintf("%s %T%+v -> %s", w.now.Add(-time.Hour), in, in, briefs(effects)))
	}
	for _, e := range effects {
		switch e := e.(type) {
		case Event:
			if e.Name == ups.EventShutdown {
				w.said, w.delay = w.now, w.rules.FinalDelay
				for i := range w.units {
					if u := &w.units[i]; u.batteryF > 0 { // no more than the runtime leaves
						w.delay = min(w.delay, max(0, u.left-w.now.Sub(u.heardAt)-w.rules.ShutdownTime))
					}
				}
			}
		case GoesOn:
			w.goesOn = true
		case Shutdown:
			w.reason = e.Reason
			w.judge(e.Reason)
		case CallOff:
			w.offs++
		case PowerOff:
			w.off = true
		}
	}
}

// judge asks whether the world gave the reason of a shutdown.
func (w *world) judge(why Reason) {
	twice := func(row [2]Instant) bool { return row[1].Sub(row[0]) >= 2*time.Second }
	for i := range w.units {
		u := &w.units[i]
		if u.batteryF == 0 {
			continue
		}
		limits := &w.rules.Supplies[i].Limits
		ok := false
		switch why.Code {
		case LimitReached:
			ok = limits.OnBattery > 0 && w.now.Sub(u.batteryF) >= limits.OnBattery
		case TimerEnded:
			ok = w.now.Sub(u.batteryF) >= w.rules.Timers[0].After
		case SilentTooLong:
			ok = w.now.Sub(u.heardAt) >= w.rules.DeadTime
			if len(w.units) == 1 && w.rules.LinkLost == Estimate && limits.OnBattery == 0 && len(w.rules.Timers) == 0 {
				ok = ok && w.now.Sub(u.heardAt) >= u.left/3-w.rules.ShutdownTime
			}
		case LowOnBattery:
			switch why.Cause {
			case LowSaid:
				ok = u.low && twice(u.lows)
			case LowImminent:
				ok = !limits.ShutdownImminent.Ignored && twice(u.imminent) && w.now.Sub(u.imminent[0]) >= limits.ShutdownImminent.Grace
			case LowCharge:
				ok = twice(u.charges)
			case LowChargeFloor:
				ok = u.tells && twice(u.empties)
			case LowRuntimeFloor:
				ok = twice(u.runtimes)
			case LowFlickers:
				ok = u.seen[0] > 0 && w.now.Sub(u.seen[0]) <= time.Minute+2*w.every
			}
		}
		if ok {
			return
		}
	}
	w.verdict, w.detail = wrong, fmt.Sprintf("at %s for a reason that was not there: %s", w.now.Add(-time.Hour), texts.Reason(ups.English, why))
}

// advance lets time pass: the batteries give what is asked of them.
func (w *world) advance(to Instant) {
	for i := range w.units {
		u := &w.units[i]
		if u.mains || u.dead {
			continue
		}
		u.energy -= u.load * to.Sub(w.now).Seconds()
		if u.energy <= 0 {
			u.dead = true
		}
	}
	w.now = to
	for i := range w.units {
		if u := &w.units[i]; u.dead && u.linked {
			w.unlink(i, false) // a UPS without power says nothing
		}
	}
}

// fed is how many units feed the host.
func (w *world) fed() int {
	n := 0
	for i := range w.units {
		if !w.units[i].dead {
			n++
		}
	}
	return n
}

// run plays the outage to its end and says what became of it.
func (w *world) run() (verdict, detail string) {
	for w.verdict == "" && !w.off {
		at := Instant(1<<63 - 1)
		if len(w.coming) > 0 {
			at = w.coming[0].at
		}
		reader, elapsed := -1, false
		if w.alive {
			for i := range w.units {
				if u := &w.units[i]; u.linked && u.readAt < at {
					at, reader = u.readAt, i
				}
			}
			if due, ok := w.state.Next(w.rules); ok && due < at {
				at, reader, elapsed = max(due, w.now), -1, true
			}
		}
		// The instant at which a battery is empty comes between, too.
		empty := at
		for i := range w.units {
			if u := &w.units[i]; !u.mains && !u.dead {
				empty = min(empty, w.now.Add(time.Duration(u.energy/u.load*float64(time.Second)))+1)
			}
		}
		if empty < at {
			w.advance(empty)
			w.powerless()
			continue
		}
		w.advance(at)
		switch {
		case elapsed:
			w.step(Elapsed{})
		case reader >= 0:
			w.read(reader)
		default:
			h := w.coming[0]
			w.coming = w.coming[1:]
			if w.tell {
				w.story = append(w.story, fmt.Sprintf("%s %s", w.now.Add(-time.Hour), h.what))
			}
			h.do(w)
		}
		w.powerless()
		w.limits()
		if w.over() {
			break
		}
	}
	switch {
	case w.verdict != "":
		return w.verdict, w.detail
	case w.off:
		return w.down()
	case w.offs > 0:
		return calledOff, ""
	}
	return rodeOut, ""
}

// powerless is the verdict when the host lost its power with no command given.
func (w *world) powerless() {
	if w.off || w.verdict != "" || w.fed() >= w.rules.MinSupplies {
		return
	}
	// A unit that was lost on mains counts as healthy, by the rules, and one
	// that was first heard again when it was nearly empty leaves no time.
	healthy, late, trap, empty := 0, false, false, false
	for i := range w.units {
		u := &w.units[i]
		if !u.dead || u.batteryF == 0 {
			healthy++
		} else if u.spent {
			empty = true
		} else if u.batteryF.Sub(u.cutAt) > w.slack+w.every && w.now.Sub(u.batteryF) < w.margin+32*time.Second {
			late = true
		} else if u.trapped {
			trap = true
		} else if u.worn > 0 && w.rules.LinkLost == Estimate && w.state.Supplies[i].Link == Lost && w.now.Sub(u.heardAt) < u.left/3-w.rules.ShutdownTime+w.slack+w.margin {
			trap = true // the price of an estimate: it is one of what the UPS says
		}
	}
	switch {
	case healthy >= w.rules.MinSupplies:
		w.verdict = unseen
		return
	case late:
		w.verdict = tooLate
		return
	case empty:
		w.verdict = drained
		return
	case trap:
		w.verdict = lied
		return
	}
	w.verdict, w.detail = missed, fmt.Sprintf("the host lost its power at %s, phase %s", w.now.Add(-time.Hour), w.state.Phase)
}

// limits is the verdict when a limit on battery has passed and no command was
// given in time.
func (w *world) limits() {
	met := 0
	for i := range w.units {
		u := &w.units[i]
		limit := w.rules.Supplies[i].Limits.OnBattery
		if limit > 0 && u.batteryF > 0 && w.now.Sub(u.batteryF) >= limit {
			met++
		}
	}
	switch {
	case len(w.units)-met >= w.rules.MinSupplies:
		w.metAt = 0
	case w.metAt == 0:
		w.metAt = w.now
	}
	if bound := w.sync + w.rules.FinalDelay + w.slack + w.every; w.metAt > 0 && w.now > w.metAt.Add(bound) && !w.off && w.verdict == "" {
		w.verdict, w.detail = missed, fmt.Sprintf("the limit on battery was met at %s, and no command by %s", w.metAt.Add(-time.Hour), w.now.Add(-time.Hour))
	}
}

// over tells whether all is back to normal and heard to be.
func (w *world) over() bool {
	if len(w.coming) > 0 || !w.alive || w.state.Phase != Watching {
		return false
	}
	for i := range w.units {
		u := &w.units[i]
		if !u.mains || u.linked && u.heardAt < u.backAt.Add(2*w.every) {
			return false
		}
		if !u.linked && u.batteryF > 0 {
			return false // it will be given up
		}
	}
	return true
}

// down is the verdict on a command.
func (w *world) down() (verdict, detail string) {
	if w.said == 0 || w.now < w.said.Add(w.delay) {
		return wrong, fmt.Sprintf("command at %s, SHUTDOWN at %s", w.now.Add(-time.Hour), w.said.Add(-time.Hour))
	}
	fed, known := 0, 0
	for i := range w.units {
		u := &w.units[i]
		if !u.mains || !u.linked && !w.rules.LostCounts {
			continue
		}
		fed++
		if u.batteryF == 0 {
			// One that does not count while it is lost counts when it is heard.
			if w.rules.LostCounts || u.heardAt >= u.linkedAt {
				known++
			}
		} else if u.linked && w.now.Sub(max(u.backAt, u.linkedAt, w.bornAt, u.heardAt)) > w.every {
			return wrong, fmt.Sprintf("mains was back since %s and not read", u.backAt.Add(-time.Hour))
		}
	}
	switch {
	case w.goesOn:
		return carried, ""
	case known >= w.rules.MinSupplies:
		return wrong, fmt.Sprintf("%d supplies were on mains and known to be: %s", known, texts.Reason(ups.English, w.reason))
	case fed >= w.rules.MinSupplies:
		return blind, ""
	}
	if w.reason.Code == LowOnBattery {
		return "down: " + string(w.reason.Cause), ""
	}
	return "down: " + string(w.reason.Code), ""
}
