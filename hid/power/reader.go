package power

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ecnutd/hid"
	"ecnutd/ups"
)

// Options tell a Reader how to go about it. Zero values take the defaults.
type Options struct {
	Poll          time.Duration // between questions for the status flags on mains; 5 s
	PollOnBattery time.Duration // the same on battery; 5 s

	// SilentAfter is how long no valid report may come before the device
	// counts as silent; 15 s, upsmon's DEADTIME.
	SilentAfter time.Duration

	// Strings reads USB strings by index, in any goroutine; nil where there
	// is no way to. It may take its time: the reader does not wait for it.
	Strings func(ctx context.Context, indexes []uint8) (map[uint8]string, error)

	// Delays are ups.delay.start and ups.delay.shutdown; the zero value is 30 s
	// and 20 s.
	Delays Delays
}

func (o Options) withDefaults() Options {
	if o.Poll <= 0 {
		o.Poll = 5 * time.Second
	}
	if o.PollOnBattery <= 0 {
		o.PollOnBattery = 5 * time.Second
	}
	if o.SilentAfter <= 0 {
		o.SilentAfter = 15 * time.Second
	}
	return o
}

// ErrSilent says that the device is on the bus and does not answer. It must be
// closed, left alone for a while and opened afresh: units exist that fall
// silent after a stall and answer again only to a new opening (NUT issue
// 3573), and units that cut their load when they are harassed (1430).
var ErrSilent = errors.New("the UPS does not answer")

// A Reader asks one opened device and listens to it. It owns the device's
// handle: everything happens in the goroutine that calls its methods.
type Reader struct {
	dev     hid.Device
	opt     Options
	decoder *Decoder
	asks    []asked
	probe   int // index into asks of a report that has answered before
	streak  int // requests in a row that failed
	buf     []byte
	heardAt time.Time // when the last valid report came
	flags   ups.Snapshot
	alertAt time.Time // when a warning of the battery last came or went
	soonAt  time.Time // when flags were last asked for because they had changed

	commander *Commander
	commanded bool     // the commander has heard the device
	jobs      chan job // from Do to Run
	ended     chan struct{}
}

// asked is a planned report and its state.
type asked struct {
	planned
	next  time.Time // zero: never again
	fails int       // in a row
}

// Bind reads the report descriptor of an opened device and binds to it the
// tables of the family that it calls itself; the first of those given where it
// calls itself none of them.
func Bind(dev hid.Device, families ...*Family) (*Decoder, error) {
	raw, err := dev.Descriptor()
	if err != nil {
		return nil, fmt.Errorf("power: reading the report descriptor: %w", err)
	}
	desc, err := hid.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("power: %w", err)
	}
	return NewDecoder(desc, dev.Info(), families...), nil
}

// NewReader reads the report descriptor of an opened device and plans its
// questions. The caller closes dev.
func NewReader(dev hid.Device, opt Options, families ...*Family) (*Reader, error) {
	decoder, err := Bind(dev, families...)
	if err != nil {
		return nil, err
	}
	r := &Reader{dev: dev, opt: opt.withDefaults(), decoder: decoder, heardAt: time.Now()}
	r.commander = r.newCommander(opt.Delays)
	r.jobs, r.ended = make(chan job, 1), make(chan struct{})
	for _, p := range r.decoder.plan() {
		r.asks = append(r.asks, asked{planned: p, next: r.heardAt})
	}
	if len(r.asks) == 0 {
		return nil, errors.New("power: the report descriptor has no field of a UPS; is this another kind of HID device?")
	}
	desc := decoder.values.Descriptor()
	longest := 0
	for id := range 256 {
		longest = max(longest, desc.Size(hid.Feature, uint8(id)), desc.Size(hid.Input, uint8(id)))
	}
	// One byte for the id, and one more so that an answer that is too long
	// does not look like the right one.
	r.buf = make([]byte, longest+2)
	return r, nil
}

// Decoder holds what the reader has heard.
func (r *Reader) Decoder() *Decoder { return r.decoder }

// Sweep asks every planned report once and reads the strings. It is what a
// single look at a device needs. Reports that the device refuses stay
// unknown; an error means that the device as a whole cannot be read. The error
// of the strings comes back apart, since nothing else depends on it.
func (r *Reader) Sweep(ctx context.Context) (stringsErr, err error) {
	for i := range r.asks {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if _, err := r.request(i); err != nil {
			return nil, err
		}
	}
	if r.streak == len(r.asks) {
		return nil, ErrSilent
	}
	if r.opt.Strings != nil {
		texts, err := r.opt.Strings(ctx, r.decoder.StringIndexes())
		r.decoder.SetStrings(texts)
		stringsErr = err
	}
	return stringsErr, nil
}

// Run reads until ctx ends, the device is gone (hid.ErrGone) or falls silent
// (ErrSilent). heard is called in this goroutine after every valid report; it
// must not block. stringsFailed is called when the USB strings could not be
// read, which costs a few names and nothing else. Run may be called once; while
// it runs, it serves Do.
func (r *Reader) Run(ctx context.Context, heard func(*Decoder), stringsFailed func(error)) error {
	defer close(r.ended)
	defer context.AfterFunc(ctx, r.dev.Wake)()
	texts := make(chan map[uint8]string, 1)
	asking := false
	for {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		now := time.Now()
		if now.Sub(r.heardAt) > r.opt.SilentAfter {
			return fmt.Errorf("%w: no valid report for %s", ErrSilent, now.Sub(r.heardAt).Round(time.Second))
		}
		i, at := r.due()
		wait := time.Duration(0)
		if i < 0 || at.After(now) {
			// All reports have been asked once: now their string indexes are
			// known.
			if !asking && r.opt.Strings != nil {
				asking = true
				go r.readStrings(ctx, r.decoder.StringIndexes(), texts, stringsFailed)
			}
			// Until something is due, and at the latest when the device has been
			// silent for too long.
			wait = r.heardAt.Add(r.opt.SilentAfter).Sub(now) + time.Millisecond
			if i >= 0 {
				wait = min(wait, at.Sub(now))
			}
		} else {
			came, err := r.request(i)
			if err != nil {
				return err
			}
			if came {
				r.told(heard)
			}
		}
		select {
		case t := <-texts:
			r.decoder.SetStrings(t)
			heard(r.decoder)
		case j := <-r.jobs:
			r.serve(j, heard)
			continue // what is due may have changed
		default:
		}
		n, err := r.dev.ReadInput(r.buf, wait)
		switch {
		case err == nil:
			if r.decoder.Input(r.buf[:n]) == nil {
				r.heardAt = time.Now()
				r.told(heard)
			}
		case errors.Is(err, hid.ErrTimeout):
		case errors.Is(err, hid.ErrGone):
			return err
		default:
			return fmt.Errorf("power: listening: %w", err)
		}
	}
}

// readStrings runs beside the reader: the strings come over another handle.
func (r *Reader) readStrings(ctx context.Context, indexes []uint8, texts chan<- map[uint8]string, failed func(error)) {
	t, err := r.opt.Strings(ctx, indexes)
	if err != nil && failed != nil {
		failed(err)
	}
	texts <- t
	r.dev.Wake()
}

// told passes a valid report on. A change of the flags that decide about the
// host is asked for again at once: decisions want two readings, and waiting
// for the next round would waste seconds of battery.
func (r *Reader) told(heard func(*Decoder)) {
	s := r.decoder.Snapshot()
	if s.Status != r.flags.Status || s.Low != r.flags.Low {
		// Not more often than once a second: flags that flicker would have the
		// device asked without end.
		now := time.Now()
		soon := r.soonAt.Add(soonEvery)
		if soon.Before(now) {
			soon = now
		}
		for i := range r.asks {
			a := &r.asks[i]
			if a.class == Quick && r.flags.Readings > 0 && a.fails == 0 && (soon.Before(a.next) || a.next.IsZero()) {
				a.next, r.soonAt = soon, soon
			}
		}
	}
	if s.Low != r.flags.Low || s.Status.Has(ups.ReplaceBattery) != r.flags.Status.Has(ups.ReplaceBattery) {
		r.alertAt = time.Now()
	}
	r.flags = s
	heard(r.decoder)
}

// soonEvery is between two questions because of flags that have changed.
const soonEvery = time.Second

// confirmAfter is when a warning that has just come is asked for again: the
// monitor believes one that two readings say, this far apart.
const confirmAfter = 2 * time.Second

// due is the report to ask for next, -1 for none.
func (r *Reader) due() (index int, at time.Time) {
	index = -1
	for i, a := range r.asks {
		if !a.next.IsZero() && (index < 0 || a.next.Before(at)) {
			index, at = i, a.next
		}
	}
	return index, at
}

// request asks for one report and reports whether it came. A refusal or a wrong
// answer is that report's trouble; an error means that the device as a whole
// is lost.
func (r *Reader) request(i int) (came bool, err error) {
	came, err = r.get(i)
	if err != nil || came || r.streak < 2 {
		return came, err
	}
	// Two failures in a row: reports that the device does not have, or a
	// device that has stopped answering. A report that has answered before
	// tells, and one question is all that is asked of a sick device.
	if i != r.probe {
		if came, err = r.get(r.probe); err != nil || came {
			return came, err
		}
	}
	return false, fmt.Errorf("%w: %d requests in a row failed", ErrSilent, r.streak)
}

// get asks once and plans the next time.
func (r *Reader) get(i int) (ok bool, err error) {
	a := &r.asks[i]
	n, err := r.dev.GetFeature(a.id, r.buf)
	now := time.Now()
	if errors.Is(err, hid.ErrGone) {
		return false, err
	}
	if err == nil {
		r.streak = 0 // it answers, whatever it says
		err = r.decoder.Feature(a.id, r.buf[:n])
	} else {
		r.streak++
	}
	if err != nil {
		a.fails++
		a.next = now.Add(r.later(a))
		return false, nil
	}
	a.fails = 0
	r.heardAt = now
	r.probe = i
	onBattery := r.decoder.Snapshot().Status.Has(ups.OnBattery)
	poll := r.opt.Poll
	if onBattery {
		poll = r.opt.PollOnBattery
	}
	a.next = time.Time{}
	if every := r.decoder.ask(a.planned, poll, onBattery); every > 0 {
		a.next = now.Add(every)
	}
	if again := r.alertAt.Add(confirmAfter); a.class == Quick && now.Before(again) && again.Before(a.next) {
		a.next = again
	}
	return true, nil
}

// later is when to ask again for a report that failed: soon for the flags that
// decide, and for the others less and less often, since a device that refuses
// a report twice does not have it.
func (r *Reader) later(a *asked) time.Duration {
	if a.class == Quick {
		return time.Second
	}
	if a.fails < 2 {
		return r.opt.Poll
	}
	return settingEvery
}
