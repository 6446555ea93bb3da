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
	"ecnutd/internal/nut/importer/report"
	"ecnutd/internal/nut/importer/wording"
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
	return m.newTimer(r.args[0], r.args[0], r.d, after)
}

// newTimer finds or makes the timer that NUT calls nutName.
func (m *importer) newTimer(nutName, name string, d directive, after time.Duration) *timerPlan {
	name = wording.Clean(name)
	for _, t := range m.timers {
		if t.nutName == nutName {
			return t
		}
	}
	taken := func(name string) bool {
		return name == config.OnBatteryTimer || slices.ContainsFunc(m.timers, func(t *timerPlan) bool { return t.name == name })
	}
	first := name
	for i := 2; taken(name); i++ {
		name = fmt.Sprintf("%s-%d", first[:min(len(first), 50)], i)
	}
	t := &timerPlan{nutName: nutName, name: name, d: d, after: after}
	m.timers = append(m.timers, t)
	return t
}

func (m *importer) cancel(p *plan, r rule, key, text string) {
	var other *outcome
	if len(r.args) > 1 {
		other = m.outcome(r.args[1], r.d, circumstances{events: []ups.Event{r.event}, system: p.system})
		if other.down != nil {
			m.note(r.d.file, r.d.line, Unsupported, "", "%s: %s where the timer does not run is not translated: a cancel shuts nothing down", text, other.down.by)
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
	for _, t := range slices.Clone(m.timers) {
		if t.out == nil {
			t.out = m.outcome(t.nutName, t.d, circumstances{events: t.events, timer: true, bound: m.cancelled(t)})
			if t.out.exec != nil {
				m.note(t.d.file, t.d.line, Translated, "timers."+t.name+".exec", "when the timer %s ends, as the user ecnutd and for %s at most", t.name, config.FormatDuration(t.out.exec.Timeout))
			}
		}
		if t.out.down != nil {
			m.shutdownTimer(m.later(t))
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

// cancelled reports whether the return of mains cancels a timer.
func (m *importer) cancelled(t *timerPlan) bool {
	return slices.ContainsFunc(m.rules, func(r rule) bool {
		return r.event == ups.EventOnline && strings.HasPrefix(r.verb, "CANCEL") && r.args[0] == t.nutName
	})
}

// later is the timer that shuts down where the script waits before it does: the
// same one, if nothing else is done at its end, or a second one beside it.
func (m *importer) later(t *timerPlan) *timerPlan {
	wait := t.out.down.after
	if wait == 0 {
		return t
	}
	if t.out.text == "" && t.out.exec == nil {
		t.after += wait
		m.note(t.d.file, t.d.line, Translated, "timers."+t.name+".after: "+config.FormatDuration(t.after), "with the %s that the script waits before %s (%s)", config.FormatDuration(wait), t.out.down.by, t.out.down.from)
		return t
	}
	second := m.newTimer(t.nutName+" and its wait", t.name+"-shutdown", t.d, t.after+wait)
	second.out = &outcome{down: t.out.down, from: t.out.down.from}
	second.events = t.events
	t.out.down = nil
	for _, p := range m.reactions {
		for _, s := range slices.Clone(p.starts) {
			if s.Timer == t.name {
				after := config.Start{Timer: second.name}
				if s.After > 0 {
					after.After = s.After + wait
				}
				p.starts = append(p.starts, after)
			}
		}
		for _, c := range slices.Clone(p.cancels) {
			if c.timer == t.nutName {
				p.cancels = append(p.cancels, cancelPlan{timer: second.nutName})
			}
		}
	}
	m.note(t.d.file, t.d.line, Translated, "timers."+second.name, "%s comes %s after the timer %s (%s): a second timer, begun and cancelled with it", second.out.down.by, config.FormatDuration(wait), t.name, second.from())
	return second
}

func (t *timerPlan) from() string { return t.out.from }

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
		p.execs = append(p.execs, *o.exec)
	}
}

func (m *importer) lostCancel(at target, c cancelPlan) {
	for _, r := range m.rules {
		if r.event == at.event && strings.HasPrefix(r.verb, "CANCEL") && r.args[0] == c.timer {
			m.note(r.d.file, r.d.line, Trap, "", "AT %s CANCEL-TIMER %s: no rule starts a timer of that name", at.event, report.Shorten(c.timer))
		}
	}
}

func (m *importer) shutdownTimer(t *timerPlan) {
	key := "timers." + t.name
	others := slices.DeleteFunc(slices.Clone(t.events), onLink)
	switch {
	case len(others) == 0:
		m.note(t.d.file, t.d.line, Unsupported, key, "the timer %s shuts the host down because a link is lost (%s): not translated; on mains nothing is lost but the link, and on battery link_lost says what follows", t.name, t.out.down.by)
		return
	case !slices.ContainsFunc(others, func(e ups.Event) bool { return !inOutage(e) }):
		t.shutdown = true
		m.note(t.d.file, t.d.line, Translated, key+".shutdown: true", "%s when the timer %s ends (%s), the message before it; the timer is bound to the outage, and cannot shut the host down once mains is back", t.out.down.by, t.name, t.out.from)
	default:
		t.fsd = true
		m.note(t.d.file, t.d.line, Translated, key+".fsd: true", "%s when the timer %s ends (%s), the message before it", t.out.down.by, t.name, t.out.from)
	}
	switch runtime := m.options.Runtime; {
	case runtime > 0 && t.after >= runtime:
		m.note(t.d.file, t.d.line, Trap, key+".after", "the timer %s runs %d s, and the battery lasts %d s: it can never end, the battery is low or empty first", t.name, t.after/time.Second, runtime/time.Second)
	case runtime == 0:
		m.note(t.d.file, t.d.line, Unsupported, key+".after", "whether the battery lasts for the %d s of the timer %s is not known here: ecnutd check compares them with the UPS", t.after/time.Second, t.name)
	}
}
