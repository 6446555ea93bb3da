package book

import (
	"time"

	"ecnutd/internal/history"
	"ecnutd/monitor"
	"ecnutd/ups"
)

// firstStep is the least time between two points of a curve at its beginning.
const firstStep = 5

// grow adds what a supply says to the curve of its outage.
func grow(o *history.Outage, u *monitor.SupplyState, now monitor.Instant) {
	on := u.OnBatteryFor(now)
	t := int(on / time.Second)
	o.Lasted = max(o.Lasted, t)
	charge, runtime, load := value(u.Last.Charge), value(u.Last.Runtime), value(u.Last.Load)
	if charge != nil && (o.Lowest == nil || *charge < *o.Lowest) {
		o.Lowest = charge
	}
	if load != nil && (o.Load == nil || *load > *o.Load) {
		o.Load = load
	}
	if charge == nil && runtime == nil && load == nil {
		return
	}
	step := max(o.Step, firstStep)
	if n := len(o.Curve); n > 0 && (t < o.Curve[n-1].T+step || o.Curve[n-1].T > t) {
		return
	}
	o.Curve = append(o.Curve, history.Point{T: t, Charge: charge, Runtime: runtime, Load: load})
	if len(o.Curve) > history.MaxPoints {
		kept := o.Curve[:0]
		for i, p := range o.Curve {
			if i%2 == 0 {
				kept = append(kept, p)
			}
		}
		o.Curve = kept
		o.Step = 2 * step
	}
}

func value(n ups.Number) *int {
	if !n.Known {
		return nil
	}
	return &n.N
}

// note adds a line to the story.
func note(o *history.Outage, m history.Moment) {
	if len(o.Moments) >= history.MaxMoments {
		o.Left.Moments++
		return
	}
	m.Text = cut(m.Text)
	o.Moments = append(o.Moments, m)
}

// queued adds a message.
func queued(o *history.Outage, m history.Message) {
	if len(o.Messages) >= history.MaxMessages {
		o.Left.Messages++
		return
	}
	m.Text = cut(m.Text)
	o.Messages = append(o.Messages, m)
}

// maxText bounds a text, in bytes.
const maxText = 300

// cut shortens a text at the end of a letter.
func cut(s string) string {
	if len(s) <= maxText {
		return s
	}
	end := 0
	for i := range s {
		if i > maxText-len("…") {
			break
		}
		end = i
	}
	return s[:end] + "…"
}
