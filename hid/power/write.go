package power

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"ecnutd/hid"
	"ecnutd/hid/power/family"
	"ecnutd/hid/power/readback"
)

// tooLong tells a refusal from a timeout: transports do not say which it was.
// A refusal comes within milliseconds, and Linux gives up on a device that says
// nothing after 5 s. Who does not answer is not asked again: units exist that
// cut their load when they are harassed (NUT issue 1430).
const tooLong = 2 * time.Second

// readPauses are the waits before each try to read a report: a device may need
// a moment to show what was written, or refuse once.
var readPauses = [...]time.Duration{0, 250 * time.Millisecond, 750 * time.Millisecond}

// pause waits, or returns the context's error.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 || ctx.Err() != nil {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// both is two errors on one line; either may be nil.
func both(a, b error) error {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return fmt.Errorf("%w; %w", a, b)
}

// ask asks once for a feature report and returns its body, which may be shorter
// than declared. An answer that is empty or foreign is an error, and the decoder
// does not take it. again is false where asking again would be of no use, or of
// harm.
func (c *Commander) ask(id uint8) (body []byte, again bool, err error) {
	buf := make([]byte, 1+c.size(id))
	begun := time.Now()
	n, err := c.dev.GetFeature(id, buf)
	if err != nil {
		return nil, !c.ill(begun, err), fmt.Errorf("report %02x: %w", id, err)
	}
	if err := c.dec.Feature(id, buf[:n]); err != nil {
		return nil, true, err
	}
	if c.heard != nil {
		c.heard()
	}
	return buf[1:n], true, nil
}

// size is the length of a feature report without its id.
func (c *Commander) size(id uint8) int { return c.dec.values.Descriptor().Size(hid.Feature, id) }

// ill notes whether a request that was begun at an instant and failed shows
// that the device is gone or does not answer.
func (c *Commander) ill(begun time.Time, err error) bool {
	ill := errors.Is(err, hid.ErrGone) || time.Since(begun) >= tooLong
	c.sick = c.sick || ill
	return ill
}

// read asks for a report up to three times.
func (c *Commander) read(ctx context.Context, id uint8) (body []byte, err error) {
	for _, wait := range readPauses {
		if e := pause(ctx, wait); e != nil {
			return nil, both(e, err)
		}
		again := false
		if body, again, err = c.ask(id); err == nil || !again {
			break
		}
	}
	return body, err
}

// write writes one number to one field: it reads the report, changes the bits
// of the field and no others, sends it, and reads it back. Where the whole
// report cannot be read nothing is written; but for a last try, which does not
// ask for a report that the field fills.
func (c *Commander) write(ctx context.Context, t target, value int64) Write {
	w, begun, err := c.send(ctx, t, value)
	if w.Report != nil {
		c.readBack(ctx, t, &w, begun, err)
	}
	return w
}

// send is the first half of write: w.Report is nil where nothing was written, for
// the reason in w.Err; else err is that of the write, which was begun at an
// instant.
func (c *Commander) send(ctx context.Context, t target, value int64) (w Write, begun time.Time, err error) {
	w = Write{Path: t.path, Value: value}
	var body []byte
	if size := c.size(t.field.Report); c.last && t.field.Bit == 0 && t.field.Bits == 8*size {
		body, w.Blind = make([]byte, size), true
	} else {
		if body, err = c.read(ctx, t.field.Report); err == nil && len(body) < size {
			err = fmt.Errorf("report %02x: %d bytes came of %d", t.field.Report, len(body), size)
		}
		if err != nil {
			w.Err = &unreadError{"the report to change", err}
			return w, begun, nil
		}
		w.Before, _ = t.field.Raw(body)
	}
	if err := t.field.Put(body, value); err != nil {
		w.Err = err
		return w, begun, nil
	}
	w.Report = slices.Concat([]byte{t.field.Report}, body)
	begun = time.Now()
	err = c.dev.SetFeature(w.Report)
	c.wrote = time.Now()
	if err != nil {
		c.ill(begun, err)
	}
	return w, begun, err
}

// readBack completes a write that was begun at an instant and ended with err.
func (c *Commander) readBack(ctx context.Context, t target, w *Write, begun time.Time, err error) {
	w.Outcome, w.Err = Unconfirmed, err
	if errors.Is(err, hid.ErrGone) {
		return
	}
	for _, wait := range readPauses {
		if err != nil && wait > 0 {
			break // one question is all that a device is asked that has just refused
		}
		if e := pause(ctx, wait); e != nil {
			w.Err = both(w.Err, e)
			break
		}
		body, again, e := c.ask(t.field.Report)
		if e != nil {
			w.Err = both(err, e)
			if !again {
				break
			}
			continue
		}
		w.Shows, w.Known = t.field.Raw(body)
		w.Err = err
		switch c.judge(t, *w, time.Since(begun)) {
		case readback.Right:
			// It is what the device shows that counts, even after an error;
			// unless it showed the same before.
			if err == nil || w.Blind || readback.Judge(t.path, w.Value, w.Before, 0) != readback.Right {
				w.Outcome, w.Err = Done, nil
				return
			}
		case readback.Witness: // and nobody to ask
			return
		}
	}
	switch {
	case w.Known && err != nil:
		w.Outcome = Refused
	case w.Known:
		w.Outcome = Different
	}
}

// judge compares what a field shows with what was written, and where the field
// cannot tell asks its witness.
func (c *Commander) judge(t target, w Write, ago time.Duration) readback.Verdict {
	v := readback.Judge(t.path, w.Value, w.Shows, ago)
	// A timer that shows the number that it showed before may just stand still
	// there.
	if v == readback.Right && readback.MeaningOf(t.path) == readback.Timer && w.Value >= 0 && w.Shows == w.Before && !w.Blind {
		if v = readback.Wrong; w.Value == 0 {
			v = readback.Witness
		}
	}
	if v != readback.Witness {
		return v
	}
	by, ok := c.dec.family.Witnesses[t.path]
	if !ok {
		return readback.Witness
	}
	flag, ok := c.dec.feature(by.Path)
	if !ok {
		return readback.Witness
	}
	body, _, err := c.ask(flag.Report)
	if err != nil {
		return readback.Witness
	}
	if n, ok := flag.Raw(body); !ok || (n != 0) != (by.When == family.Set) {
		return readback.Wrong
	}
	return readback.Right
}

// feature is the first feature field at a path.
func (d *Decoder) feature(path string) (*hid.Field, bool) {
	all := d.values.Descriptor().Fields()
	for _, i := range d.fields[path] {
		if all[i].Type == hid.Feature {
			return &all[i], true
		}
	}
	return nil, false
}
