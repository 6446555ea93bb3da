package power

import (
	"context"
	"ecnutd/hid/power/family"
	"ecnutd/hid/power/readback"
	"fmt"
	"slices"
	"time"
)

// undoTime bounds the taking back; the context of the command may have ended.
const undoTime = 3 * time.Second

// undo takes back what a command that was not completed left on the device, as
// far as that is safe and of use:
//
// A timer that cuts the output is stopped where it is seen to count, and what
// it shows is not what was ordered, unless it counted before: nobody ordered
// that cut. It is stopped too where it is as ordered, and the start delay
// before it was lost. Where the timer
// cannot be read it is left alone: the device is sick, and what it may have
// taken is a cut that somebody did order. Where it is seen to stand still
// there is nothing to stop.
//
// A start delay is left to run out: while no cut is pending it switches on an
// output that is on. Writing -1 to it while a cut could be pending would leave
// the host without power for good.
//
// A setting (AutomaticRestart) would stay for ever; it gets back the number
// that it had, once it is sure that no cut is pending: a cut must find the
// setting that it was ordered with.
//
// To a device that has stopped answering nothing is written at all.
func (c *Commander) undo(res *Result) {
	if c.sick {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), undoTime)
	defer cancel()
	done := res.Writes[:len(res.Writes):len(res.Writes)]
	v, known := c.dec.Number(family.PathShutdown)
	still := !known || v < 0 // no cut is pending
	for _, w := range done {
		if !readback.CutsOutput(w.Path) || w.Report == nil {
			continue
		}
		if w.Known && w.Shows >= 0 && (w.Before < 0 || w.Outcome == Done) {
			w = c.takeBack(ctx, w, -1, res)
		}
		still = w.Known && w.Shows < 0
	}
	if !still {
		return
	}
	for _, w := range slices.Backward(done) {
		if w.Outcome == Done && readback.MeaningOf(w.Path) == readback.Setting && w.Before != w.Value && c.dec.family.Restores(w.Path) {
			c.takeBack(ctx, w, w.Before, res)
		}
	}
}

// takeBack writes a number over an earlier write.
func (c *Commander) takeBack(ctx context.Context, w Write, value int64, res *Result) Write {
	t, ok := c.dec.target(w.Path)
	back := Write{Path: w.Path, Value: value, Err: fmt.Errorf("%s is not there any more", w.Path)}
	if ok {
		back = c.write(ctx, t, value)
	}
	back.Undo = true
	res.Writes = append(res.Writes, back)
	return back
}
