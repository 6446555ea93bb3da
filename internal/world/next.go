package world

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A prospect is what the message that was said last told of the shutdown to come.
type prospect struct {
	said  bool
	at    time.Duration // when it was
	wait  time.Duration
	about bool // it is an estimate
	text  string
}

var prospectSaid = regexp.MustCompile(`Next: shutdown at (about )?\S+ \(in ([^)]*)\)`)

// expects takes what a message says of the time to come; a later one corrects it.
func (p *promises) expects(w *world, text string) {
	if !strings.Contains(text, "Next: ") {
		return
	}
	p.next = prospect{}
	m := prospectSaid.FindStringSubmatch(text)
	if m == nil {
		return
	}
	wait, ok := words2span(m[2])
	if !ok || !p.clean {
		return
	}
	p.next = prospect{true, w.at(), wait, m[1] != "", text}
	was := p.next
	w.after(wait+was.slack()+time.Second, func() {
		if p.next == was && p.clean && w.outages > 0 && w.host == hostUp && !w.command.given && p.decidedAt < was.at {
			w.broken(CameTrue, "%s later nothing is shut down, and nothing else was told: %q", (w.at() - was.at).Round(time.Second), was.text)
		}
	})
}

// slack is how far from what was said a shutdown may be: what is reckoned from
// numbers that fall within a quarter, and all with the time that is known of within
// hearsWithin.
func (n prospect) slack() time.Duration {
	if n.about {
		return n.wait/4 + hearsWithin
	}
	return hearsWithin
}

// comes holds a decision against what was said of it.
func (p *promises) comes(w *world) {
	n := p.next
	p.next, p.decidedAt = prospect{}, w.at()
	if !n.said || !p.clean || p.wasForced && w.at()-p.forcedAt < 2*time.Minute {
		return
	}
	if off := w.at() - n.at - n.wait; off > n.slack() || -off > n.slack() {
		w.broken(CameTrue, "the shutdown is decided %s after it was said: %q", (w.at() - n.at).Round(time.Second), n.text)
	}
}

// words2span reads "1 h 4 min", "4 min 59 s".
func words2span(text string) (span time.Duration, ok bool) {
	units := map[string]time.Duration{"h": time.Hour, "min": time.Minute, "s": time.Second}
	words := strings.Fields(text)
	for i := 0; i+1 < len(words); i += 2 {
		n, err := strconv.Atoi(words[i])
		if err != nil || units[words[i+1]] == 0 {
			return 0, false
		}
		span += time.Duration(n) * units[words[i+1]]
	}
	return span, span > 0
}
