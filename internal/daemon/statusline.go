package daemon

import (
	"time"

	"ecnutd/internal/engine"
	"ecnutd/monitor"
	"ecnutd/ups"
)

// tellEvery is how often the status line may change though nothing happened:
// charge and runtime do all the time on battery.
const tellEvery = 5 * time.Second

// A statusLine says in a line how things are, where that has changed.
type statusLine struct {
	notify Notify
	told   string
	at     monitor.Instant // when
}

// tell tells a state. happened says that something has, so that it is told at
// once.
func (l *statusLine) tell(state *monitor.State, now monitor.Instant, happened bool, language ups.Language) {
	if !happened && now.Sub(l.at) < tellEvery {
		return
	}
	l.at = now
	if line := engine.Line(state, language); line != l.told {
		l.told = line
		l.notify.Status(line)
	}
}

// end tells that the daemon ends.
func (l *statusLine) end() {
	l.notify.Status("ending: what waits is sent, the rest after the next start")
}

// well reports whether nothing is wrong: every UPS is heard, on mains and not
// low. The dead man's signal depends on it.
func well(state *monitor.State) bool {
	for i := range state.Supplies {
		u := &state.Supplies[i]
		if u.Link != monitor.Linked || u.Line != monitor.OnMains || u.Low.Cause != "" {
			return false
		}
	}
	return state.Phase == monitor.Watching && len(state.Supplies) > 0
}
