package world

import (
	"strings"
	"time"

	"ecnutd/internal/engine"
	"ecnutd/internal/host/shutdown"
)

// The promises, by their names.
const (
	NeverLost     = "no host loses its output while it is up"
	NeverForNone  = "none is shut down without cause"
	NeverLeftOff  = "none stays down after mains is back for good"
	AllArrives    = "every message arrives"
	OnceInOrder   = "every message arrives once and in order, save in the documented window"
	CameTrue      = "what a message says comes true"
	FlagGoes      = "the flag does not outlive its shutdown"
	GivenBack     = "files, handles and goroutines are given back"
	OthersTold    = "a host that is logged in is told before the output goes"
	OthersReturn  = "a host that was told to go down comes back with the output"
	LossTold      = "a UPS that does not say where its power comes from is told"
	AlwaysRunning = "nothing keeps the daemon from starting"
)

// promises are what is watched while a world is played.
type promises struct {
	goneAt     time.Duration // since when mains is away, or was last
	backAt     time.Duration // since when it is back
	forcedAt   time.Duration
	wasForced  bool
	askedAt    time.Duration // when the host was last ordered down by another one
	wasAsked   bool
	hadAtFirst time.Duration // runtime that the UPSs showed when mains went
	chanceAt   time.Duration // since when the UPSs themselves say that the host has to go down; 0 where they do not
	seenAt     time.Duration // the same, of what could be read of them
	still      []still       // when the host stood still, or no process was at work
	standsAt   time.Duration // since when it stands still
	standing   bool
	wokeAt     time.Duration
	ending     bool
	lateBlind  bool // a UPS could not be read in the last stage of a shutdown
	flagSince  time.Duration
	flagStood  bool
	flagLooked time.Duration

	clean     bool     // nothing but mains has gone wrong in this outage
	next      prospect // what was said last of the shutdown to come
	decidedAt time.Duration

	said     []said
	arrivals []arrival
	claims   []claim
}

// A sight is what could be known of a UPS.
type sight struct {
	blind     int           // incidents that keep it from being read
	blindAt   time.Duration // since when it cannot be
	seenAt    time.Duration // since when it can be again
	onBattery bool          // mains was away, or hardly back, when it was last lost from sight
	heard     bool          // that mains is away could be read in this outage
	linked    bool          // it could be read when mains went, and ever since
	lossTold  bool          // that its link is lost was told, and not that it is back
	silent    int           // incidents that keep its status from being read
	silentAt  time.Duration // since when it cannot be
	hiddenAt  time.Duration // the same, whatever was pushed since
	saidAt    time.Duration // since when it says that a shutdown has to begin; 0 while it does not
}

const (
	// causeFor is how long after its end a reason for a shutdown still counts:
	// what was decided on is a little older.
	causeFor = 20 * time.Second

	// openAgain is how long a UPS that is there again may go unread: a silent one
	// is left alone for a minute, and then has its fifty reports asked.
	openAgain = 80 * time.Second

	// hearsWithin is how long a UPS that is read takes to be heard on battery: a
	// push after a second, a question every 5 s, and an answer that hangs.
	hearsWithin = 15 * time.Second

	// shutdownTakes is what a shutdown takes here, from the decision: final_delay,
	// 40 s, and the way to the last stage. The configuration says 60 s.
	shutdownTakes = 5*time.Second + 40*time.Second + lastTakes

	// readTwice is how long it takes to read a number twice that has just come.
	readTwice = 11 * time.Second
)

// least is what the UPS's own figures have to leave for the host to go down.
const least = shutdownTakes + readTwice

// mainsWent begins an outage.
func (w *world) mainsWent() {
	p := &w.promises
	p.goneAt, p.chanceAt, p.seenAt, p.still, p.hadAtFirst = w.at(), 0, 0, nil, 0
	p.clean = w.active == 1 && w.host == hostUp && w.life != nil && w.at()-w.life.began > openAgain && w.at()-p.backAt > openAgain
	for _, u := range w.units {
		s := &u.sight
		s.saidAt, s.heard = 0, false
		if s.silent > 0 {
			w.hidden(u) // the change was pushed
		}
		s.linked = s.blind == 0 && (s.seenAt == 0 || w.at()-s.seenAt >= openAgain)
		if s.linked {
			s.onBattery = false
		}
		p.clean = p.clean && s.linked && u.plan.Wear == 0
		_, runtime, _ := u.Shows()
		p.hadAtFirst = max(p.hadAtFirst, time.Duration(runtime)*time.Second)
	}
	w.watch()
}

func (w *world) mainsCame() {
	w.observe()
	w.after(time.Second, w.show)
	w.promises.backAt = w.at()
	for _, u := range w.units {
		if u.sight.silent > 0 {
			w.hidden(u)
		}
	}
}

// watch looks at the UPSs every few seconds of an outage.
func (w *world) watch() {
	w.observe()
	w.show()
	if w.outages > 0 {
		w.after(2*time.Second, w.watch)
	}
}

// blind notes that a UPS begins or ends to be unreadable.
func (w *world) blind(u *unit, n, status int) { // status is 0 where it can still be read
	s := &u.sight
	before := s.blind
	s.blind += n
	if status > 0 {
		s.silent += n
		if s.silent == n && n > 0 {
			s.hiddenAt = w.at()
			w.hidden(u)
		}
	}
	p := &w.promises
	switch {
	case before == 0 && s.blind > 0:
		p.lateBlind = p.lateBlind || w.host == hostLate
		again := s.seenAt > 0 && w.at()-s.seenAt < openAgain && s.onBattery
		s.blindAt = w.at()
		s.onBattery = again || w.outages > 0 || p.backAt > 0 && w.at()-p.backAt < causeFor
	case before > 0 && s.blind == 0:
		s.seenAt = w.at()
		for i := range p.claims {
			p.claims[i].returned = p.claims[i].returned || p.claims[i].ups == u.plan.Name
		}
	}
}

// hidden notes that from now on the status of a UPS is not known, unless it is pushed.
func (w *world) hidden(u *unit) {
	since := w.at()
	u.sight.silentAt = since
	w.ends(toldWithin, func() { w.lossTold(u, since) })
}

// toldWithin is how long a loss may go untold: dead_time, twice, since a report that
// is refused now and then has been answered before, a poll, and requests that hang.
const toldWithin = time.Minute

// lossTold looks whether the loss of a UPS was told that is out of sight since an
// instant.
func (w *world) lossTold(u *unit, since time.Duration) {
	s, l := &u.sight, w.life
	if s.silent == 0 || s.silentAt != since || s.lossTold {
		return
	}
	if l == nil || w.host != hostUp || w.command.given || w.paused > 0 || w.at()-max(l.began, w.promises.wokeAt) < toldWithin {
		return
	}
	w.broken(LossTold, "%s is out of sight for %s", u.plan.Name, (w.at() - since).Round(time.Second))
}

// observe reckons by the UPSs' own figures since when the host has to go down.
func (w *world) observe() {
	p := &w.promises
	if w.outages == 0 {
		return
	}
	good, seen := 0, 0
	for i, b := range w.config.UPS {
		u := w.units[i]
		s := &u.sight
		if s.blind == 0 {
			s.heard = s.heard || w.at()-max(p.goneAt, s.seenAt) >= openAgain || s.linked && w.at()-p.goneAt >= hearsWithin
		} else {
			s.linked = false
		}
		charge, runtime, low := u.Shows()
		limits := limitsOf(w.config)
		says := low || time.Duration(runtime)*time.Second < w.config.ShutdownTime+w.config.FinalDelay ||
			limits.charge.Known && charge <= limits.charge.N || limits.onBattery > 0 && w.at()-p.goneAt >= limits.onBattery
		switch {
		case !says:
			s.saidAt = 0
		case s.saidAt == 0:
			s.saidAt = w.at()
		}
		if s.saidAt == 0 {
			good += b.Power
		}
		if s.saidAt == 0 || !s.heard {
			seen += b.Power
		}
	}
	since := func(at *time.Duration, enough bool) {
		switch {
		case enough:
			*at = 0
		case *at == 0:
			*at = w.at()
		}
	}
	since(&p.chanceAt, good >= w.config.MinSupplies)
	since(&p.seenAt, seen >= w.config.MinSupplies)
}

// A still is a time in which nothing could be done here, and why.
type still struct {
	from, to time.Duration
	why      string
}

// stoodStill is how much of the time since an instant nothing could be done, by
// reason.
func (p *promises) stoodStill(since time.Duration) (all time.Duration, why string) {
	longest := time.Duration(0)
	for _, s := range p.still {
		d := s.to - max(s.from, since)
		if d <= 0 {
			continue
		}
		all += d
		if d > longest {
			longest, why = d, s.why
		}
	}
	return all, why
}

// stands notes that the host begins or ends to stand still.
func (p *promises) stands(at time.Duration, standing bool) {
	switch {
	case standing && !p.standing:
		p.standing, p.standsAt = true, at
	case !standing && p.standing:
		p.standing, p.wokeAt = false, at
		p.still = append(p.still, still{p.standsAt, at, asleep})
		for i := range p.claims {
			p.claims[i].disturbed = true
		}
	}
}

func (p *promises) force(at time.Duration) { p.forcedAt, p.wasForced = at, true }

// acted hears of an action.
func (w *world) acted(l *life, a engine.Action) {
	w.busyAt = w.at()
	if row, ok := engine.RowOf(a, 0); ok {
		w.tell("%s", row)
	}
	p := &w.promises
	switch a := a.(type) {
	case engine.Message:
		p.say(w, l, a)
	case engine.Event:
		p.event(w, a)
	case engine.CallOff:
		p.claims = nil
	case engine.Shutdown:
		p.decided(w, a)
		if !w.cause() {
			w.broken(NeverForNone, "%s, and mains is there for %s", a.Reason, (w.at() - p.backAt).Round(time.Second))
		}
	}
}

// cause reports whether there is one for a shutdown.
func (w *world) cause() bool {
	p := &w.promises
	late := causeFor
	if p.wokeAt > 0 && w.at()-p.wokeAt < time.Minute {
		late += w.at() - p.standsAt
	}
	switch {
	case w.outages > 0, p.backAt > 0 && w.at()-p.backAt <= late:
		return true
	case p.wasForced && w.at()-p.forcedAt < 2*time.Minute, p.wasAsked && w.at()-p.askedAt < 2*time.Minute:
		return true
	}
	// A UPS that fell silent on battery is taken for one that is still on it.
	for _, u := range w.units {
		s := &u.sight
		if s.onBattery && (s.blind > 0 || w.at()-s.seenAt < openAgain) {
			return true
		}
		// And so is one whose charge fell while its status was out of sight: that
		// mains is back it cannot say.
		if s.silent > 0 && p.goneAt >= s.hiddenAt && p.goneAt > 0 {
			w.result.Excused = append(w.result.Excused, fellUnseen)
			return true
		}
	}
	return false
}

// flagged looks whether the flag stands on a host that goes on.
func (w *world) flagged() {
	p := &w.promises
	if w.at()-p.flagLooked < 20*time.Second {
		return
	}
	p.flagLooked = w.at()
	path := w.config.CutFlag()
	stands := path != "" && w.host == hostUp && shutdown.ReadFlag(path, w.boot()).State == shutdown.FlagCounts
	under := w.command.running || w.outages > 0 || w.active > 0 || w.life == nil || w.at()-w.life.began < settleFor || w.paused > 0
	switch {
	case !stands || under:
		p.flagStood = false
	case !p.flagStood:
		p.flagStood, p.flagSince = true, w.at()
	case w.at()-p.flagSince > flagMay:
		w.broken(FlagGoes, "it stands for %s on a host that is up and on mains", (w.at() - p.flagSince).Round(time.Second))
		p.flagSince = w.at() + 1000*time.Hour
	}
}

// flagMay is how long after the end of all trouble the flag may stand: the command
// has ended, nothing is pending, shutdown_time and 2 min have passed, and once more
// where it was given again.
const flagMay = 8 * time.Minute

// judge looks at the end, when all is calm.
func (w *world) judge() {
	p := &w.promises
	switch {
	case w.host != hostUp && p.lateBlind:
		w.tell("the host is off: the UPS could not be read in its last stage")
		w.result.Excused = append(w.result.Excused, "off: the UPS could not be read in the last stage")
	case w.host != hostUp:
		w.broken(NeverLeftOff, "mains is there for an hour and the host is not up (%d)", w.host)
	case shutdown.ReadFlag(w.config.PowerDownFlag, w.boot()).State == shutdown.FlagCounts:
		w.broken(FlagGoes, "it stands on a host that is up")
	}
	if w.life == nil && w.host == hostUp {
		w.broken(AlwaysRunning, "no process of it is at work")
	}
	p.judgeMessages(w)
	w.judgeOthers()
	p.ending = true
}

// judgeRest looks at what is left when no process is.
func (w *world) judgeRest() {
	for _, u := range w.units {
		if n := u.Opened(); n > 0 {
			w.broken(GivenBack, "%d handles of %s are open", n, u.plan.Name)
		}
	}
	if left := openFiles(w.dir); len(left) > 0 {
		w.broken(GivenBack, "files are open: %s", strings.Join(left, ", "))
	}
}
