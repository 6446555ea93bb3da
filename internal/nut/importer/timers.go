package importer

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"ecnutd/config"
	"ecnutd/ups"
)

type cancelPlan struct {
	timer string
	other *outcome // what is done where it does not run; nil: nothing
}

// A timerPlan is a timer of upssched.
type timerPlan struct {
	nutName, name string
	d             directive
	after         time.Duration
	events        []ups.Event // that start it
	out           *outcome
	shutdown, fsd bool
}

func onLink(e ups.Event) bool   { return e == ups.EventCommBad || e == ups.EventNoComm }
func inOutage(e ups.Event) bool { return e == ups.EventOnBattery || e == ups.EventLowBattery }

func (m *importer) start(p *plan, r rule, key, text string) {
	n, err := strconv.Atoi(r.args[1])
	after := time.Duration(n) * time.Second
	switch {
	case err == nil && n < 0:
		m.note(r.d.file, r.d.line, Trap, "", "%s: upssched ignores a negative time", text)
		return
	case err == nil && n > 365*24*3600:
		m.note(r.d.file, r.d.line, Unsupported, "", "%s: longer than a year", text)
		return
	case err != nil || n == 0:
		after = time.Second
		m.note(r.d.file, r.d.line, Trap, "", "%s: not a number of seconds above 0, for upssched that is at once; the import writes 1s", text)
	}
	t := m.timer(r, after)
	if !slices.Contains(t.events, r.event) {
		t.events = append(t.events, r.event)
	}
	s := config.Start{Timer: t.name}
	if after != t.after {
		s.After = after
	}
	if slices.ContainsFunc(p.starts, func(have config.Start) bool { return have.Timer == s.Timer }) {
		m.note(r.d.file, r.d.line, Trap, "", "%s: a second timer of that name on the same event: upssched runs both, and one CANCEL-TIMER ends one; ecnutd keeps the first", text)
		return
	}
	p.starts = append(p.starts, s)
	m.note(r.d.file, r.d.line, Translated, key+".start", "%s", text)
}

// timer finds or makes the timer that a rule starts.
func (m *importer) timer(r rule, after time.Duration) *timerPlan {
	nutName := r.args[0]
	name := clean(nutName)
	for _, t := range m.timers {
		if t.nutName == nutName {
			return t
		}
	}
	taken := func(name string) bool {
		return name == config.OnBatteryTimer || slices.ContainsFunc(m.timers, func(t *timerPlan) bool { return t.name == name })
	}
	for i := 2; taken(name); i++ {
		name = fmt.Sprintf("%s-%d", clean(nutName)[:min(len(clean(nutName)), 50)], i)
	}
	t := &timerPlan{nutName: nutName, name: name, d: r.d, after: after}
	m.timers = append(m.timers, t)
	t.out = m.outcome(nutName, r.d)
	return t
}

func (m *importer) cancel(p *plan, r rule, key, text string) {
	var other *outcome
	if len(r.args) > 1 {
		other = m.outcome(r.args[1], r.d)
		if other.down {
			m.note(r.d.file, r.d.line, Unsupported, "", "%s: %s where the timer does not run is not translated: a cancel shuts nothing down", text, other.by)
		}
		if other.text == "" && other.exec == nil {
			other = nil
		}
	}
	p.cancels = append(p.cancels, cancelPlan{r.args[0], other})
	m.note(r.d.file, r.d.line, Translated, key+".cancel", "%s", text)
}

// finishTimers settles what each timer does, and drops cancels of none.
func (m *importer) finishTimers() {
	for _, t := range m.timers {
		if t.out.down {
			m.shutdownTimer(t)
		}
	}
	for _, at := range m.targets() {
		p := m.reactions[at]
		var kept []cancelPlan
		for _, c := range p.cancels {
			i := slices.IndexFunc(m.timers, func(t *timerPlan) bool { return t.nutName == c.timer })
			if i < 0 {
				m.lostCancel(at, c)
				if c.other != nil {
					p.take(c.other)
				}
				continue
			}
			kept = append(kept, cancelPlan{m.timers[i].name, c.other})
		}
		p.cancels = kept
	}
}

// targets are the keys of the reactions, in a fixed order.
func (m *importer) targets() []target {
	return slices.SortedFunc(maps.Keys(m.reactions), func(a, b target) int {
		return cmp.Or(cmp.Compare(a.ups, b.ups), cmp.Compare(a.event, b.event))
	})
}

// take does what an EXECUTE of the outcome would.
func (p *plan) take(o *outcome) {
	if o.text != "" {
		p.texts = append(p.texts, o.text)
	}
	if o.exec != nil {
		x := config.NewExec()
		x.Command = literalArgs(o.exec)
		p.execs = append(p.execs, x)
	}
}

func (m *importer) lostCancel(at target, c cancelPlan) {
	for _, r := range m.rules {
		if r.event == at.event && strings.HasPrefix(r.verb, "CANCEL") && r.args[0] == c.timer {
			m.note(r.d.file, r.d.line, Trap, "", "AT %s CANCEL-TIMER %s: no rule starts a timer of that name", at.event, shorten(c.timer))
		}
	}
}

func (m *importer) shutdownTimer(t *timerPlan) {
	key := "timers." + t.name
	others := slices.DeleteFunc(slices.Clone(t.events), onLink)
	switch {
	case len(others) == 0:
		m.note(t.d.file, t.d.line, Unsupported, key, "the timer %s shuts the host down because a link is lost (%s): not translated; on mains nothing is lost but the link, and on battery link_lost says what follows", t.name, t.out.by)
		return
	case !slices.ContainsFunc(others, func(e ups.Event) bool { return !inOutage(e) }):
		t.shutdown = true
		m.note(t.d.file, t.d.line, Translated, key+".shutdown: true", "%s when the timer %s ends (%s), the message before it; the timer is bound to the outage, and cannot shut the host down once mains is back", t.out.by, t.name, t.out.from)
	default:
		t.fsd = true
		m.note(t.d.file, t.d.line, Translated, key+".fsd: true", "%s when the timer %s ends (%s), the message before it", t.out.by, t.name, t.out.from)
	}
	switch runtime := m.options.Runtime; {
	case runtime > 0 && t.after >= runtime:
		m.note(t.d.file, t.d.line, Trap, key+".after", "the timer %s runs %d s, and the battery lasts %d s: it can never end, the battery is low or empty first", t.name, t.after/time.Second, runtime/time.Second)
	case runtime == 0:
		m.note(t.d.file, t.d.line, Unsupported, key+".after", "whether the battery lasts for the %d s of the timer %s is not known here: ecnutd check compares them with the UPS", t.after/time.Second, t.name)
	}
}
