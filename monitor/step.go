package monitor

import (
	"ecnutd/ups"
)

// Step is the whole policy: what follows from an input at an instant. It
// changes nothing that it was given; the same arguments always give the same
// answer. Instants must not run backwards from one Step to the next; one that
// does counts as the one before.
func Step(r Rules, s State, now Instant, in Input) (State, []Effect) {
	t := &turn{rules: &r, state: s.fit(&r), now: max(now, s.Turned), before: s.Turned}
	t.names.of = t.state.Supplies
	_, again := in.(Restarted)
	for i := range t.state.Supplies {
		if u := &t.state.Supplies[i]; u.AwaitedAt == 0 || again && u.Line == LineUnknown {
			u.AwaitedAt = t.now
		}
	}
	if !again {
		t.gap(&s)
	}
	t.state.Turned = t.now
	switch in := in.(type) {
	case Heard:
		t.heard(in.Supply, in.Snapshot)
	case LinkLost:
		t.lost(in.Supply, loss{gone: in.Gone})
	case ForceShutdown:
		t.order(in.Reason)
	case ForceSupply:
		t.orderSupply(in.Supply, in.Reason)
	case Secondaries:
		t.secondaries(in)
	case Restarted:
		t.restarted()
	case Login:
		t.login(in)
	case CommandEnded:
		t.commandEnded(in.Err)
	case ShutdownPending:
		t.pending(in.Pending)
	case FlagFound:
		t.flagFound(in.Reason)
	case Maintain:
		t.maintain(in)
	case Elapsed:
	}
	t.expire()
	t.decide()
	return t.state, t.effects
}

// A turn is one Step in progress.
type turn struct {
	rules   *Rules
	state   State
	names   names // of its supplies
	now     Instant
	before  Instant // the turn before; 0 for none
	firing  bool    // timers are ending
	effects []Effect
}

func (t *turn) do(e Effect) { t.effects = append(t.effects, e) }

// event tells an event of supply i, -1 for the host, and does what the rules
// say that is to be done on it. What waits to be told comes first.
func (t *turn) event(i int, name ups.Event, why Reason) {
	if i >= 0 {
		t.flush(i)
	} else {
		t.flushAll()
	}
	t.tell(i, name, why)
	t.react(i, t.rules.Reaction(i, name), name, string(name), why)
}

// tell tells an event and does no more.
func (t *turn) tell(i int, name ups.Event, why Reason) {
	e := Event{Name: name, Reason: why, Tell: t.aloud(t.rules.Reaction(i, name).Tell)}
	if i >= 0 {
		e.UPS, e.Snapshot = t.state.Supplies[i].Name, t.state.Supplies[i].Last
	}
	t.do(e)
}

// flushAll tells what any supply holds.
func (t *turn) flushAll() {
	for i := range t.state.Supplies {
		t.flush(i)
	}
}

// reason begins a reason with the figures of supply i. On battery a figure that
// is too old to decide on is not told either.
func (t *turn) reason(i int, code Code) Reason {
	u := &t.state.Supplies[i]
	r := Reason{Code: code, Charge: u.Last.Charge, Runtime: u.Last.Runtime}
	if u.Link == Linked && u.stale(t.now, u.Numbers.ChargeAt, u.Last.Age.ChargePeriod) {
		r.Charge = ups.Number{}
	}
	if u.Link == Linked && u.stale(t.now, u.Numbers.RuntimeAt, u.Last.Age.RuntimePeriod) {
		r.Runtime = ups.Number{}
	}
	return r
}

// expire does what time alone brings.
func (t *turn) expire() {
	if m := t.state.Maintenance; m.Until > 0 && t.now >= m.Until {
		t.endMaintenance(MaintenanceOver)
	}
	for i := range t.state.Supplies {
		u := &t.state.Supplies[i]
		t.release(i)
		t.silence(i)
		if u.Settle > 0 && t.now > u.Settle {
			u.Settle = 0
		}
		t.noComm(i)
		t.low(i)
		t.replaceAgain(i)
		t.conditionsStand(i)
		t.wait(i)
		t.limit(i)
		t.promote(i)
	}
	t.fireTimers()
}
