package monitor

import (
	"time"

	"ecnutd/ups"
)

// A shutdown command is not the end: it can return and shut nothing down, or be
// taken back. The host is watched on until it goes, and until then a shutdown is
// pending while its command runs, or the system has one scheduled or a job for it.

// afterQuiet is how long, beyond Rules.ShutdownTime, nothing is pending before the
// host has evidently not gone down.
const afterQuiet = 2 * time.Minute

// AfterState is what is known after the command was given.
type AfterState struct {
	GivenAt Instant `json:"given_at,omitempty"` // the last time
	QuietAt Instant `json:"quiet_at,omitempty"` // since when nothing is pending
	Running bool    `json:"running,omitempty"`  // the command has not ended
	Pending bool    `json:"pending,omitempty"`  // the system goes down
	Unsure  bool    `json:"unsure,omitempty"`   // nobody knows whether the command was begun: the process ended then
	Asked   bool    `json:"asked,omitempty"`    // and that nothing is pending
	Looked  bool    `json:"looked,omitempty"`   // the time has come, and no supply said where its power comes from
	Err     string  `json:"err,omitempty"`      // of the command
}

// commandEnded takes the end of the shutdown command.
func (t *turn) commandEnded(err string) {
	a := &t.state.After
	if t.state.Phase != Down {
		return
	}
	a.Running, a.Unsure, a.Asked, a.Err = false, false, false, err
	a.quiet(t.now)
}

// pending takes whether the system goes down.
func (t *turn) pending(is bool) {
	a := &t.state.After
	if t.state.Phase != Down {
		return
	}
	was := a.Pending
	a.Pending = is
	switch {
	case is:
		a.Unsure, a.Asked, a.Looked = false, false, false
	case was:
		a.quiet(t.now)
	default:
		a.Asked = a.Unsure
	}
}

// quiet begins to wait for the host to go.
func (a *AfterState) quiet(now Instant) { a.QuietAt, a.Looked = now, false }

// restartedAfter takes a start of the process after the command: the command that
// the process before had begun may have ended with it, or never begun.
func (t *turn) restartedAfter() {
	if t.state.Phase != Down {
		return
	}
	a := &t.state.After
	a.Running, a.Pending, a.Unsure, a.Asked = false, false, true, false
	if a.GivenAt == 0 {
		a.GivenAt = t.now
	}
	a.quiet(t.now)
}

// flagFound takes a power down flag of this boot that the state knows nothing of:
// the process before wrote it, and ended before the disk had that. Whether it
// came to the command nobody knows.
func (t *turn) flagFound(text string) {
	s := &t.state
	switch s.Phase {
	case Down:
		return
	case Watching:
		s.Reason = Reason{Code: FoundFlag, Text: text}
	}
	s.Phase, s.PhaseDue = Down, 0
	s.After = AfterState{GivenAt: t.now, QuietAt: t.now, Unsure: true}
}

// againDue is when a host that has not gone down is looked at.
func (s *State) againDue(r *Rules) (due Instant, ok bool) {
	a := &s.After
	due = a.QuietAt.Add(r.ShutdownTime + afterQuiet)
	for i := range s.Supplies {
		if settle := s.Supplies[i].Settle; settle > 0 {
			due = max(due, settle+1) // it is heard first
		}
	}
	return due, !a.Running && !a.Pending && !a.Looked
}

// after decides about a host that should be down. While a shutdown is pending
// nothing is.
func (t *turn) after() {
	a := &t.state.After
	due := a.QuietAt.Add(t.rules.ShutdownTime + afterQuiet)
	if a.Running || a.Pending || !t.hearing() {
		return
	}
	if t.now < due {
		if a.Asked && t.power() == OnBattery {
			t.giveAgain() // the process ended between the decision and the deed
		}
		return
	}
	switch t.power() {
	case OnBattery:
		t.giveAgain()
	case OnMains:
		t.survived()
	default:
		a.Looked = true // the next word decides
	}
}

// hearing reports whether every supply was heard, or had its time to be, since the
// process started.
func (t *turn) hearing() bool {
	for i := range t.state.Supplies {
		if t.state.Supplies[i].Settle > 0 {
			return false
		}
	}
	return true
}

// power is where the host's power comes from: mains, where supplies enough say so;
// battery, where one was last heard on it and the others do not suffice; else
// nobody knows.
func (t *turn) power() Line {
	need := t.rules.MinSupplies
	if t.state.Forced != "" {
		need = max(need, 1) // else a host that only watches has no need of any
	}
	mains, possible, battery := 0, 0, false
	for i := range t.state.Supplies {
		u, power := &t.state.Supplies[i], t.rules.Supplies[i].Power
		switch {
		case u.Line == OnBattery:
			battery = true
			continue
		case u.Line == OnMains && u.Link == Linked:
			mains += power
		}
		if t.feeds(i) {
			possible += power
		}
	}
	switch {
	case mains >= need:
		return OnMains
	case battery && possible < need:
		return OnBattery
	}
	return LineUnknown
}

// giveAgain gives the command again: the host is still there, on battery.
func (t *turn) giveAgain() {
	why := Reason{Code: GivenAgain, Was: t.state.Reason.Code, For: since(t.now, t.state.After.GivenAt), Text: t.state.After.Err}
	t.event(-1, ups.EventShutdown, why)
	t.command()
}

// survived ends a shutdown that did not come about, with mains there: what may
// still be scheduled is undone first, then it is told, then the flag goes, which
// would have the output cut at the next power-off.
func (t *turn) survived() {
	why := Reason{Code: Survived, Was: t.state.Reason.Code, For: since(t.now, t.state.After.GivenAt), Text: t.state.After.Err, Hosts: t.went()}
	t.do(UndoShutdown{})
	t.state.Phase, t.state.Reason, t.state.PhaseDue, t.state.After, t.state.Forced = Watching, Reason{}, 0, AfterState{}, ""
	t.state.Others.Told, t.state.Others.Went = false, nil
	for i := range t.state.Supplies {
		u := &t.state.Supplies[i]
		u.Ordered = ""
		u.recover()
		if !u.Last.Status.Has(ups.ForcedShutdown) {
			u.Told &^= ups.ForcedShutdown
		}
	}
	for j := len(t.state.Timers) - 1; j >= 0; j-- {
		if t.state.Timers[j].Due <= t.now {
			t.stop(j) // what it was for is long past
		}
	}
	t.event(-1, ups.EventNotShutdown, why)
	t.do(RemoveFlag{})
}
