package engine

import (
	"fmt"
	"time"

	"ecnutd/internal/texts"
	"ecnutd/monitor"
	"ecnutd/ups"
)

// Line is how things are, in a line in a language.
func Line(state *monitor.State, l ups.Language) string {
	if state.Phase != monitor.Watching {
		return texts.Phase(l, state.Phase) + ": " + texts.Reason(l, state.Reason)
	}
	out := ""
	for i := range state.Supplies {
		u := &state.Supplies[i]
		if out != "" {
			out += "; "
		}
		out += u.Name + ": "
		var now ups.Number
		switch {
		case u.Link == monitor.NeverHeard:
			out += texts.NotHeard(l)
		case u.Link == monitor.Lost:
			out += texts.LinkLost(l, u.Last.Status)
			now = u.Last.Charge
		default:
			out += texts.Status(l, Status(state, u))
			now = u.Last.Charge
		}
		if now.Known {
			out += fmt.Sprintf(", %d %%", now.N)
		}
		if u.Link != monitor.NeverHeard && u.Last.Runtime.Known {
			out += ", " + texts.Span(time.Duration(u.Last.Runtime.N)*time.Second)
		}
	}
	return out
}
