// Package statusline says how things are, in a line.
package statusline

import (
	"time"

	"ecnutd/internal/engine"
	"ecnutd/monitor"
	"ecnutd/ups"
)

// tellEvery is how often the status line may change though nothing happened:
// charge and runtime do all the time on battery.
const tellEvery = 5 * time.Second

// A Line tells how things are, where that has changed.
type Line struct {
	notify func(line string)
	told   string
	at     monitor.Instant // when
}

// New tells by notify, which must not wait.
func New(notify func(line string)) *Line { return &Line{notify: notify} }

// Tell tells a state. happened says that something has, so that it is told at
// once.
func (l *Line) Tell(state *monitor.State, now monitor.Instant, happened bool, language ups.Language) {
	if !happened && now.Sub(l.at) < tellEvery {
		return
	}
	l.at = now
	if line := engine.Line(state, language); line != l.told {
		l.told = line
		l.notify(line)
	}
}

// End tells that the daemon ends.
func (l *Line) End() {
	l.notify("ending: what waits is sent, the rest after the next start")
}

// Well reports whether nothing is wrong: every UPS is heard, on mains and not
// low. The dead man's signal depends on it.
func Well(state *monitor.State) bool {
	for i := range state.Supplies {
		u := &state.Supplies[i]
		if u.Link != monitor.Linked || u.Line != monitor.OnMains || u.Low.Cause != "" {
			return false
		}
	}
	return state.Phase == monitor.Watching && len(state.Supplies) > 0
}
