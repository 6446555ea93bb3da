package daemon

import (
	"fmt"
	"time"

	"ecnutd/internal/engine"
	"ecnutd/internal/texts"
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
	if line := lineOf(state, language); line != l.told {
		l.told = line
		l.notify.Status(line)
	}
}

// end tells that the daemon ends.
func (l *statusLine) end() {
	l.notify.Status("ending: what waits is sent, the rest after the next start")
}

// lineOf is how things are, in a line.
func lineOf(state *monitor.State, language ups.Language) string {
	if state.Phase != monitor.Watching {
		return fmt.Sprintf("%s: %s", state.Phase, texts.Reason(language, state.Reason))
	}
	out := ""
	for i := range state.Supplies {
		u := &state.Supplies[i]
		if out != "" {
			out += "; "
		}
		out += u.Name + ": "
		switch {
		case u.Link == monitor.NeverHeard:
			out += "not heard yet"
		case u.Link == monitor.Lost:
			out += "link lost"
			if u.Last.Status != 0 {
				out += ", last known " + u.Last.String()
			}
		default:
			out += engine.Status(state, u).String()
			if u.Last.Charge.Known {
				out += fmt.Sprintf(", charge %d %%", u.Last.Charge.N)
			}
			if u.Last.Runtime.Known {
				out += ", runtime " + ups.Duration(u.Last.Runtime.N)
			}
		}
	}
	return out
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
