package power

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// lastTry writes all steps, whatever becomes of them, reads back what it wrote
// once all is written, and takes nothing back: see Permit.LastTry. Its outcome is
// that of the last step, which is the cut; whether the output comes back is told
// apart (Result.MayStayOff).
func (c *Commander) lastTry(ctx context.Context, steps []plannedStep, res *Result) {
	type sent struct {
		target target
		begun  time.Time
		err    error
		last   bool
	}
	var all []sent
	for i, s := range steps {
		// The pause between two timers counts even where time runs out.
		_ = pause(context.WithoutCancel(ctx), s.pause)
		for _, t := range s.targets {
			w, begun, err := c.send(ctx, t, s.value)
			res.Writes = append(res.Writes, w)
			all = append(all, sent{t, begun, err, i == len(steps)-1})
		}
	}
	res.Outcome, res.Err = NotSent, errors.New("it has no field to write")
	for i, s := range all {
		w := &res.Writes[i]
		switch {
		case w.Report == nil:
		case c.sick:
			w.Outcome, w.Err = Unconfirmed, both(s.err, errors.New("the UPS does not answer"))
		default:
			c.readBack(ctx, s.target, w, s.begun, s.err)
		}
		if s.last && res.Outcome != Done {
			res.Outcome, res.Err = w.Outcome, w.Err
		}
	}
	if res.Outcome != Done {
		res.Err = fmt.Errorf("it was tried without reading first: %w", both(res.Err, errors.New("nothing shows whether it was taken")))
	}
}
