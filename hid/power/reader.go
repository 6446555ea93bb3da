package power

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"ecnutd/hid"
	"ecnutd/hid/power/family"
	"ecnutd/hid/power/pace"
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
	inputs  hid.InputGetter // nil where input reports cannot be asked for
	asks    []asked
	streak  int           // requests in a row that failed
	took    time.Duration // the last request
	odd     error         // what was wrong with the last answer that was none of the report asked for; nil once a report came
	buf     []byte
	flags   ups.Snapshot

	heardAt    time.Time // when the last valid report came
	askedAt    time.Time // when the last request was made
	answeredAt time.Time // when the last one was answered with its report
	alertAt    time.Time // when a warning of the battery last came or went
	soon       pace.Pace // of asking for flags, and figures, because flags have changed
	round      pace.Pace // and for everything that is measured

	commander *Commander
	commanded bool        // the commander has heard the device
	jobs      chan job    // from Do to Run
	again     atomic.Bool // from ReadAgain to Run
	ended     chan struct{}
}

// Bind reads the report descriptor of an opened device and binds to it the
// tables of the family that it calls itself; the first of those given where it
// calls itself none of them.
func Bind(dev hid.Device, families ...*family.Family) (*Decoder, error) {
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
func NewReader(dev hid.Device, opt Options, families ...*family.Family) (*Reader, error) {
	decoder, err := Bind(dev, families...)
	if err != nil {
		return nil, err
	}
	r := &Reader{dev: dev, opt: opt.withDefaults(), decoder: decoder, heardAt: time.Now()}
	r.soon = pace.Pace{Every: soonEvery, Burst: soonBurst}
	r.round = pace.Pace{Every: dischargeEvery, Burst: 1}
	r.commander = r.newCommander(opt.Delays)
	r.jobs, r.ended = make(chan job, 1), make(chan struct{})
	r.inputs, _ = dev.(hid.InputGetter)
	for _, p := range r.decoder.plan(r.inputs != nil) {
		r.asks = append(r.asks, asked{planned: p, next: r.heardAt})
	}
	if len(r.asks) == 0 {
		return nil, decoder.notUPS()
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
	any := false
	for i := range r.asks {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		came, err := r.request(ctx, i)
		if err != nil {
			return nil, err
		}
		any = any || came
	}
	switch {
	case any:
	case r.odd != nil:
		return nil, r.silent(0)
	default:
		return nil, ErrSilent
	}
	r.weigh()
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
		if r.again.Swap(false) {
			r.figuresAgain(now)
		}
		if now.Sub(r.heardAt) > r.opt.SilentAfter {
			return r.silent(now.Sub(r.heardAt))
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
			came, err := r.request(ctx, i)
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
			if err := r.decoder.Input(r.buf[:n]); err == nil {
				r.heard(time.Now())
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

// told passes a valid report on, and plans what its changes ask for.
func (r *Reader) told(heard func(*Decoder)) {
	now := time.Now()
	s := r.decoder.Snapshot()
	r.changed(s, now)
	if s.Low != r.flags.Low || s.Status.Has(ups.ReplaceBattery) != r.flags.Status.Has(ups.ReplaceBattery) {
		r.alertAt = now
	}
	r.flags = s
	r.weigh()
	heard(r.decoder)
}

// silent is the error of a device that says nothing of use.
func (r *Reader) silent(since time.Duration) error {
	text := fmt.Sprintf("%s: no valid report for %s", ErrSilent, since.Round(time.Second))
	if r.odd != nil {
		text = fmt.Sprintf("the UPS answers, but not with what it was asked for, for %s: %s", since.Round(time.Second), r.odd)
	}
	return &silentError{text}
}

// A silentError is an ErrSilent that says what the device does instead.
type silentError struct{ text string }

func (e *silentError) Error() string        { return e.text }
func (e *silentError) Is(target error) bool { return target == ErrSilent }
