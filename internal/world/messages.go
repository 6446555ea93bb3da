package world

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"ecnutd/internal/engine"
	"ecnutd/sms"
	"ecnutd/ups"
)

// A said is a message that the daemon has queued.
type said struct {
	text   string // as a telephone gets it
	at     time.Duration
	life   *life
	stored bool
	why    string // why it need not arrive; "" where it has to
	number int    // that makes it one of a kind
}

// An arrival is what came to the telephone.
type arrival struct {
	text  string
	at    time.Duration
	life  *life
	noted bool   // the process lived long enough to take note, and could
	why   string // why it may come again; "" where it may not
}

// say hears of a message.
func (p *promises) say(w *world, l *life, m engine.Message) {
	p.said = append(p.said, said{text: sms.Clean(m.Text), at: w.at(), life: l, number: len(p.said)})
	w.result.Messages++
	p.expects(w, m.Text)
}

// stored hears that a transaction is on the disk that was begun at an instant: what
// was queued until then is in it, and what was delivered before.
func (w *world) stored(l *life, begun time.Duration) {
	p := &w.promises
	for i := len(p.said) - 1; i >= 0 && i >= len(p.said)-64; i-- {
		if p.said[i].life == l && p.said[i].at < begun {
			p.said[i].stored = true
		}
	}
	for i := len(p.arrivals) - 1; i >= 0 && i >= len(p.arrivals)-8; i-- {
		if a := &p.arrivals[i]; a.life == l && a.at < begun {
			a.noted = true
		}
	}
	w.busyAt = w.at()
}

// arrived hears of a text that came to the telephone. lied says that whoever sent
// it was not told so.
func (p *promises) arrived(w *world, l *life, text string, lied bool) {
	a := arrival{text: text, at: w.at(), life: l}
	if lied {
		a.why = "the gateway had taken it and did not say so"
	}
	p.arrivals = append(p.arrivals, a)
	w.busyAt = w.at()
}

// storedWithin is how long a disk that works takes until what was said is on it.
const storedWithin = 2 * time.Second

// buried hears of the end of a process.
func (p *promises) buried(w *world, l *life) {
	p.clean = false
	failed := w.ills.fails() || w.ills.wasFault && w.at()-w.ills.faultAt < time.Minute
	for i := range p.said {
		switch s := &p.said[i]; {
		case s.life != l || s.stored:
		case failed:
			s.why = "the disk failed, and the process was killed"
		case w.at()-s.at < storedWithin:
			s.why = "it was not stored when the process was killed, which decides it again"
		}
	}
	for i := range p.arrivals {
		if a := &p.arrivals[i]; a.life == l && !a.noted && a.why == "" {
			a.why = "the process ended before it had taken note"
		}
	}
	for i := range p.claims {
		p.claims[i].disturbed = true
	}
}

// allArrived reports whether nothing waits to arrive.
func (p *promises) allArrived(w *world) bool {
	for i := range p.said {
		s := &p.said[i]
		if s.why == "" && !slices.ContainsFunc(p.arrivals, func(a arrival) bool { return a.at >= s.at && strings.Contains(a.text, s.text) }) {
			return false
		}
	}
	return true
}

// judgeMessages holds what arrived against what was said.
func (p *promises) judgeMessages(w *world) {
	all := ""
	for _, a := range p.arrivals {
		all += a.text + "\n"
	}
	wanted, least := make(map[string]int), make(map[string]int)
	for _, s := range p.said {
		wanted[s.text]++
		if s.why == "" {
			least[s.text]++
		} else {
			w.result.Repeated = append(w.result.Repeated, s.why)
		}
	}
	done := make(map[string]bool)
	for _, s := range p.said {
		if done[s.text] {
			continue
		}
		done[s.text] = true
		have := count(all, s.text)
		switch {
		case have < least[s.text] && w.ills.wasHarmed:
			w.result.Repeated = append(w.result.Repeated, "a sector of the state was damaged while no process ran")
		case have < least[s.text]:
			w.broken(AllArrives, "%d of %d did not: %q", least[s.text]-have, least[s.text], s.text)
		case have > wanted[s.text]:
			p.repeated(w, s.text, have-wanted[s.text])
		}
	}
	p.order(w)
}

// repeated judges a text that came more often than it was said.
func (p *promises) repeated(w *world, text string, more int) {
	reasons := 0
	for _, a := range p.arrivals {
		if n := count(a.text, text); n > 0 && a.why != "" {
			reasons += n
			w.result.Repeated = append(w.result.Repeated, a.why)
		}
	}
	if reasons < more && !w.ills.wasFault && !w.ills.wasHarmed {
		w.broken(OnceInOrder, "%d times more than it was said: %q", more, text)
	}
}

// order holds the order of what was said once against that of what came.
func (p *promises) order(w *world) {
	if w.ills.wasHarmed || w.ills.wasFault {
		return
	}
	last, before := -1, ""
	for _, s := range p.said {
		if s.why != "" || slices.ContainsFunc(p.said, func(o said) bool { return o.number != s.number && (strings.Contains(o.text, s.text)) }) {
			continue
		}
		at := slices.IndexFunc(p.arrivals, func(a arrival) bool { return strings.Contains(a.text, s.text) })
		if at < 0 {
			continue
		}
		if at < last {
			w.broken(OnceInOrder, "%q came before %q, which was said sooner", s.text, before)
			return
		}
		last, before = at, s.text
	}
}

// count is how often a text has arrived, in a summary too ("3× text").
func count(all, text string) (n int) {
	n = strings.Count(all, text)
	for line := range strings.Lines(all) {
		if i := strings.Index(line, "× "+text); i > 0 {
			times := 0
			_, _ = fmt.Sscanf(line[strings.LastIndexByte(line[:i], ' ')+1:], "%d", &times)
			n += max(0, times-1)
		}
	}
	return n
}

// A claim is what a message said of the time to come.
type claim struct {
	ups       string
	at        time.Duration
	wait      time.Duration
	text      string
	returned  bool // the link did, at least for a moment
	disturbed bool // a restart or a sleep of the host moves what was due, as documented
}

var (
	estimateSaid = regexp.MustCompile(`the host is shut down in ((?:\d+h)?(?:\d+m)?(?:\d+s)?) unless the link returns`)
	limitSaid    = regexp.MustCompile(`on battery for ((?:\d+h)?(?:\d+m)?(?:\d+s)?) \(limit ((?:\d+h)?(?:\d+m)?(?:\d+s)?)`)
)

// event hears of one: what was said before of the same UPS is corrected by it.
func (p *promises) event(w *world, e engine.Event) {
	for _, u := range w.units {
		if u.plan.Name == e.UPS && (e.Event == ups.EventCommBad || e.Event == ups.EventNoComm) {
			u.sight.lossTold = true
		}
		if u.plan.Name == e.UPS && e.Event == ups.EventCommOK {
			u.sight.lossTold = false
		}
	}
	switch e.Event {
	case ups.EventCommBad, ups.EventCommOK, ups.EventOnline, ups.EventFSD, ups.EventNotShutdown:
		p.claims = slices.DeleteFunc(p.claims, func(c claim) bool { return c.ups == e.UPS || e.UPS == "" })
	}
	if m := estimateSaid.FindStringSubmatch(e.Reason); m != nil {
		if wait, err := time.ParseDuration(m[1]); err == nil {
			c := claim{ups: e.UPS, at: w.at(), wait: wait, text: e.Reason, returned: w.unit(e.UPS).sight.blind == 0}
			p.claims = append(p.claims, c)
			w.after(wait+wait/4+claimSlack, func() { p.due(w, c) })
		}
	}
}

// claimSlack is for an estimate that is short: what is decided comes with the next
// answer.
const claimSlack = 12 * time.Second

// due looks whether what was said has come.
func (p *promises) due(w *world, was claim) {
	i := slices.IndexFunc(p.claims, func(c claim) bool { return c.at == was.at && c.ups == was.ups })
	if i < 0 || p.claims[i].disturbed || w.host != hostUp || w.command.given {
		return
	}
	if p.claims[i].returned {
		w.after(correctsWithin, func() { p.corrected(w, was) })
		return
	}
	w.broken(CameTrue, "%s later the host is up, and nothing else was told: %q", (w.at() - was.at).Round(time.Second), was.text)
}

// correctsWithin is how long a link has to stay until it is told that it is back: a
// minute where it comes and goes.
const correctsWithin = openAgain + 80*time.Second

// corrected looks whether a return of the link was told.
func (p *promises) corrected(w *world, was claim) {
	i := slices.IndexFunc(p.claims, func(c claim) bool { return c.at == was.at && c.ups == was.ups })
	s := &w.unit(was.ups).sight
	if i < 0 || p.claims[i].disturbed || w.host != hostUp || w.life == nil || w.command.given || s.blind > 0 || w.at()-s.seenAt < correctsWithin {
		return
	}
	w.broken(CameTrue, "the link is back for %s and that was not told after %q", (w.at() - s.seenAt).Round(time.Second), was.text)
}

// limitSlack is how much later than its limit a shutdown is decided: the outage is
// heard within hearsWithin of its begin.
const limitSlack = hearsWithin

// decided holds a decision against what was said of it.
func (p *promises) decided(w *world, a engine.Shutdown) {
	p.comes(w)
	if strings.Contains(a.Reason, "not heard for") {
		for _, c := range p.claims {
			if early := c.at + c.wait - c.wait/4 - claimSlack; !c.disturbed && w.at() < early && strings.Contains(a.Reason, "on battery for") {
				w.broken(CameTrue, "the host goes down %s after it was said: %q", (w.at() - c.at).Round(time.Second), c.text)
			}
		}
	}
	p.claims = nil
	m := limitSaid.FindStringSubmatch(a.Reason)
	if m == nil {
		return
	}
	limit, err := time.ParseDuration(m[2])
	if err != nil {
		return
	}
	// The limit counts from when the outage was heard, and that is soon where the
	// UPS could be read all the time.
	real := w.at() - p.goneAt
	late, _ := p.stoodStill(p.goneAt)
	seen := w.outages > 0 && w.bootedAt < p.goneAt
	for _, u := range w.units {
		seen = seen && u.sight.linked
	}
	if real < limit-time.Second || seen && real > limit+late+limitSlack {
		w.broken(CameTrue, "%s into the outage: %q", real.Round(time.Second), a.Reason)
	}
}

// openFiles are the files of a folder that this process has open.
func openFiles(dir string) (names []string) {
	fds, _ := os.ReadDir("/proc/self/fd")
	for _, fd := range fds {
		to, err := os.Readlink(filepath.Join("/proc/self/fd", fd.Name()))
		if err == nil && strings.HasPrefix(to, dir+"/") {
			names = append(names, strings.TrimPrefix(to, dir+"/"))
		}
	}
	return names
}
