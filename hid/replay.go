package hid

import (
	"fmt"
	"slices"
	"time"
)

// Until returns the reports of a recording that count at an instant: all of
// them for a negative at, those before the first input report for 0, and else
// those up to and including at.
func (rec *Recording) Until(at time.Duration) []RecordedReport {
	for i, r := range rec.Reports {
		switch {
		case at < 0:
		case at == 0 && r.Kind == RecordedInput, at > 0 && r.At > at:
			return rec.Reports[:i]
		}
	}
	return rec.Reports
}

// Feed gives the reports to a decoder: feature to UpdateFeature with the id
// asked for, input to UpdateInput, as a device would have answered. Reports
// that the descriptor does not accept are returned as errors and change
// nothing; that is what a recording of a sick device is for.
func Feed(reports []RecordedReport, feature func(id uint8, answer []byte) error, input func(sent []byte) error) []error {
	var refused []error
	for _, r := range reports {
		var err error
		if r.Kind == RecordedInput {
			err = input(r.Data)
		} else {
			err = feature(r.ID, r.Data)
		}
		if err != nil {
			refused = append(refused, err)
		}
	}
	return refused
}

// A Replay is a Device made of a recording. Time starts with NewReplay: input
// reports come when they came to the recorder, and a feature report is the
// last one recorded so far, an input report of its id included. What was not
// recorded is refused, and nothing can be written.
type Replay struct {
	rec    *Recording
	start  time.Time
	next   int // index into rec.Reports of the first one not delivered
	closed bool
	woken  chan struct{}
}

// NewReplay starts a replay.
func NewReplay(rec *Recording) *Replay {
	return &Replay{rec: rec, start: time.Now(), woken: make(chan struct{}, 1)}
}

// Info is what the recording says of the device.
func (r *Replay) Info() Info { return r.rec.Info }

// Descriptor is the recorded one.
func (r *Replay) Descriptor() ([]byte, error) { return r.rec.Descriptor, nil }

// Strings returns the recorded ones among the indexes asked for.
func (r *Replay) Strings(indexes []uint8) map[uint8]string {
	texts := make(map[uint8]string)
	for i, s := range r.rec.Strings {
		if slices.Contains(indexes, i) {
			texts[i] = s
		}
	}
	return texts
}

// GetFeature answers with the last report of that id recorded up to now.
func (r *Replay) GetFeature(id uint8, buf []byte) (int, error) {
	if r.closed {
		return 0, ErrGone
	}
	now := time.Since(r.start)
	for i := len(r.rec.Reports) - 1; i >= 0; i-- {
		if rep := r.rec.Reports[i]; rep.At <= now && rep.ID == id {
			return copy(buf, rep.Data), nil
		}
	}
	return 0, fmt.Errorf("hid: the recording has no feature report %02x", id)
}

// GetInput answers with the last input report of that id recorded up to now.
func (r *Replay) GetInput(id uint8, buf []byte) (int, error) {
	if r.closed {
		return 0, ErrGone
	}
	now := time.Since(r.start)
	for i := len(r.rec.Reports) - 1; i >= 0; i-- {
		if rep := r.rec.Reports[i]; rep.Kind == RecordedInput && rep.At <= now && rep.ID == id {
			return copy(buf, rep.Data), nil
		}
	}
	return 0, fmt.Errorf("hid: the recording has no input report %02x up to now", id)
}

// SetFeature refuses: what the device would have done is not recorded.
func (r *Replay) SetFeature(report []byte) error {
	return fmt.Errorf("hid: a recording cannot be written to (report % x)", report)
}

// ReadInput returns the input reports at their times.
func (r *Replay) ReadInput(buf []byte, timeout time.Duration) (int, error) {
	if r.closed {
		return 0, ErrGone
	}
	for r.next < len(r.rec.Reports) && r.rec.Reports[r.next].Kind != RecordedInput {
		r.next++
	}
	if r.next == len(r.rec.Reports) || r.rec.Reports[r.next].At-time.Since(r.start) > timeout {
		r.sleep(timeout)
		return 0, ErrTimeout
	}
	rep := r.rec.Reports[r.next]
	if !r.sleep(rep.At - time.Since(r.start)) {
		return 0, ErrTimeout
	}
	r.next++
	return copy(buf, rep.Data), nil
}

// sleep passes time, and tells whether nobody called Wake meanwhile.
func (r *Replay) sleep(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-r.woken:
		return false
	case <-timer.C:
		return true
	}
}

// Wake ends a ReadInput that waits.
func (r *Replay) Wake() {
	select {
	case r.woken <- struct{}{}:
	default:
	}
}

// Close ends the replay.
func (r *Replay) Close() error {
	r.closed = true
	return nil
}
