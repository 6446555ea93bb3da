package power

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ecnutd/hid"
	"ecnutd/hid/power/family"
	"ecnutd/ups"
)

// asked is a planned report and its state.
type asked struct {
	planned
	next     time.Time // zero: never again
	fails    int       // in a row
	failed   time.Time // when it last did
	answered time.Time // when it last was; zero: never
}

// askable reports whether a report may be counted on to be answered.
func (a *asked) askable() bool { return !a.answered.IsZero() || a.fails == 0 }

// Flags that have changed are asked for at once soonBurst times in a row: mains
// that goes often goes and comes a few times. Over a long time it is once in
// soonEvery.
const (
	soonEvery = time.Second
	soonBurst = 3
)

// failedEvery is between two questions because of flags that have changed, for
// a report that was refused.
const failedEvery = 5 * time.Second

// confirmAfter is when a warning that has just come is asked for again: the
// monitor believes one that two readings say, this far apart.
const confirmAfter = 2 * time.Second

// due is the report to ask for next, -1 for none. One that has answered before
// is asked in good time before the device would count as silent, where nothing
// else is.
func (r *Reader) due() (index int, at time.Time) {
	index = -1
	for i, a := range r.asks {
		if !a.next.IsZero() && (index < 0 || a.next.Before(at)) {
			index, at = i, a.next
		}
	}
	if w := r.witness(-1); w >= 0 {
		alive := latest(r.heardAt.Add(r.opt.SilentAfter*2/3), r.askedAt.Add(r.opt.SilentAfter/6))
		if index < 0 || alive.Before(at) {
			return w, alive
		}
	}
	return index, at
}

// witness is the report that shows whether the device answers at all: the last
// that did, other than one; -1 where none has.
func (r *Reader) witness(other int) int {
	best := -1
	better := func(a, b *asked) bool { // one that did not fail since goes before
		if (a.fails == 0) != (b.fails == 0) {
			return a.fails == 0
		}
		return a.answered.After(b.answered)
	}
	for i := range r.asks {
		if i != other && !r.asks[i].answered.IsZero() && (best < 0 || better(&r.asks[i], &r.asks[best])) {
			best = i
		}
	}
	return best
}

// request asks for one report and reports whether it came. A refusal or a wrong
// answer is that report's trouble; an error means that the device as a whole
// is lost.
func (r *Reader) request(ctx context.Context, i int) (came bool, err error) {
	came, err = r.get(i)
	if err != nil || came || r.streak < 2 || ctx.Err() != nil {
		return came, err
	}
	// Two failures in a row: reports that the device does not have, or a
	// device that has stopped answering. A report that has answered before
	// tells, and one question is all that is asked of a sick device.
	if w := r.witness(i); w >= 0 {
		if came, err = r.get(w); err != nil || came {
			return came, err
		}
	} else if r.took < tooLong {
		return false, nil // it refuses, so it is there
	}
	return false, fmt.Errorf("%w: %d requests in a row failed", ErrSilent, r.streak)
}

// get asks once and plans the next time.
func (r *Reader) get(i int) (ok bool, err error) {
	a := &r.asks[i]
	r.askedAt = time.Now()
	n, err := r.question(a)
	now := time.Now()
	r.took = now.Sub(r.askedAt)
	if errors.Is(err, hid.ErrGone) {
		return false, err
	}
	if err == nil {
		r.streak = 0 // it answers, whatever it says
		r.decoder.link.slowest = max(r.decoder.link.slowest, r.took)
		if err = r.decoder.answer(a.typ, a.id, r.buf[:n]); err != nil {
			r.odd = err
		}
	} else {
		r.streak++
	}
	if err != nil {
		a.fails++
		a.failed = now
		a.next = now.Add(r.later(a))
		return false, nil
	}
	a.fails, a.answered = 0, now
	r.heard(now)
	r.answeredAt = now
	onBattery := r.decoder.Snapshot().Status.Has(ups.OnBattery)
	a.next = time.Time{}
	if every := r.decoder.ask(a.planned, r.poll(onBattery), onBattery); every > 0 {
		a.next = now.Add(every)
	}
	if again := r.alertAt.Add(confirmAfter); a.class == family.Quick && now.Before(again) && again.Before(a.next) {
		a.next = again
	}
	return true, nil
}

// question is the request itself.
func (r *Reader) question(a *asked) (n int, err error) {
	if a.typ == hid.Input {
		return r.inputs.GetInput(a.id, r.buf)
	}
	return r.dev.GetFeature(a.id, r.buf)
}

// poll is between two questions for the flags.
func (r *Reader) poll(onBattery bool) time.Duration {
	if onBattery {
		return r.opt.PollOnBattery
	}
	return r.opt.Poll
}

// The longest time until a report that failed is asked for again: one with the
// flags, and another one that has answered before.
const (
	flagsAgain  = 30 * time.Second
	reportAgain = time.Minute
)

// later is when to ask again for a report that failed: less and less often. One
// that the device has refused twice and never given it does not have; who took
// the kernel's whole patience is left alone for longer.
func (r *Reader) later(a *asked) time.Duration {
	most := reportAgain
	switch {
	case a.class == family.Quick:
		most = flagsAgain
	case !a.answered.IsZero():
	case a.fails < 2:
		return r.opt.Poll
	default:
		return settingEvery
	}
	doubled := a.fails - 1
	if r.took >= tooLong {
		doubled *= 2
	}
	return min(time.Second<<min(doubled, 10), most)
}

// changed plans what a change of the snapshot asks for at once.
//
// Flags that have changed are asked for again: decisions want two readings, and
// waiting for the next round would waste seconds of battery. At a transfer, and
// when the battery becomes low, the figures of mains say nothing any more:
// charge, runtime and load are asked for next, and then what else is measured.
func (r *Reader) changed(s ups.Snapshot, now time.Time) {
	if r.flags.Readings == 0 {
		return // all is being asked for anyway
	}
	if s.Status == r.flags.Status && s.Low == r.flags.Low {
		return
	}
	// Flags that flicker must not have the device asked without end.
	soon := r.soon.Next(now)
	transfer := (s.Status^r.flags.Status)&(ups.Online|ups.OnBattery) != 0
	figures := transfer || s.Low&^r.flags.Low != 0
	var round time.Time
	if transfer {
		round = r.round.Next(now)
	}
	for i := range r.asks {
		switch a := &r.asks[i]; {
		case a.class == family.Quick:
			at := soon
			if figures {
				// A message waits for the figures, and nobody for the second
				// reading of the flags: they are next after those.
				at = at.Add(1)
			}
			if a.fails > 0 {
				at = latest(at, a.failed.Add(failedEvery))
			}
			r.sooner(a, at)
		case !figures || !a.askable():
		case a.figure:
			r.sooner(a, soon)
		case a.class == family.Full && transfer:
			r.sooner(a, round)
		}
	}
}

// ReadAgain has charge and runtime asked for once more in a moment: what they said
// counts when it is said twice. It may be called from anywhere while Run runs.
func (r *Reader) ReadAgain() {
	if !r.again.Swap(true) {
		r.dev.Wake()
	}
}

// figuresAgain plans the second reading of charge and runtime. A report that has
// failed keeps its pause.
func (r *Reader) figuresAgain(now time.Time) {
	for i := range r.asks {
		if a := &r.asks[i]; a.figure && a.fails == 0 {
			r.sooner(a, now.Add(confirmAfter))
		}
	}
}

// sooner asks for a report at an instant, where that is before it is due.
func (r *Reader) sooner(a *asked, at time.Time) {
	if a.next.IsZero() || at.Before(a.next) {
		a.next = at
	}
}

// heard notes a valid report.
func (r *Reader) heard(now time.Time) { r.heardAt, r.odd = now, nil }

// weigh tells the decoder what it cannot know of the device: see link.
func (r *Reader) weigh() {
	l := &r.decoder.link
	l.heardAt = r.heardAt
	l.chargePeriod, l.runtimePeriod = r.period(r.decoder.family.ChargePaths()), r.period(r.decoder.family.RuntimePaths())
	l.pushedStatus = true
	var can, failed ups.LowReason // reasons that can be asked for; and that failed since they came
	for i := range r.asks {
		a := &r.asks[i]
		if a.status && a.askable() {
			l.pushedStatus = false
		}
		if a.low == 0 {
			continue
		}
		can |= a.low
		if a.fails > 0 && !a.failed.Before(r.alertAt) {
			failed |= a.low
		}
	}
	l.unasked = 0
	if !r.answeredAt.Before(r.alertAt) {
		l.unasked = failed | ^can
	}
}

// period is how often what stands at some paths is asked for on battery; 0 where it
// is not.
func (r *Reader) period(paths []string) (every time.Duration) {
	for i := range r.asks {
		if a := &r.asks[i]; a.figure && a.askable() && r.decoder.says(a.typ, a.id, paths...) {
			if p := r.decoder.ask(a.planned, r.opt.PollOnBattery, true); every == 0 || p < every {
				every = p
			}
		}
	}
	return every
}
