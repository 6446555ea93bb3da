package sms

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"
)

// An Outbox keeps messages until they have a verdict, and has them sent. Its
// methods may be called from anywhere, before Run too.
type Outbox struct {
	opts  Options
	store *store // nil: memory only
	lanes []*lane
	last  atomic.Uint64 // the highest sequence number given out

	syncing sync.Mutex // held during a sync: one at a time. Before mu.

	mu       sync.Mutex // never held while a transaction begins
	waiting  map[uint64]*Entry
	orphans  []*Entry          // waiting on routes that are not configured
	lost     []Entry           // got nowhere, oldest first
	dirty    map[uint64]uint64 // what the database does not know yet, with a version
	version  uint64
	settling int // verdicts that are not stored yet
	sending  int // attempts under way
	flushing int
	fault    error         // why the database does not take anything
	damage   error         // what was found damaged at the start
	changed  chan struct{} // closed and replaced when something changes
	unstored chan struct{} // a token while dirty is worth a look
}

// NewOutbox makes an outbox with its own bucket in a database that the caller
// opened and closes, and takes up what waits there. Without a database
// messages live in memory. Trouble with the database is not an error but a
// Fault; the error tells of routes that cannot be.
func NewOutbox(db *bolt.DB, routes []Route, opts Options) (*Outbox, error) {
	o := &Outbox{
		opts: opts.orDefault(), waiting: make(map[uint64]*Entry), dirty: make(map[uint64]uint64),
		changed: make(chan struct{}), unstored: make(chan struct{}, 1),
	}
	if err := o.setRoutes(routes); err != nil {
		return nil, err
	}
	if db == nil {
		return o, nil
	}
	o.store = &store{db: db}
	entries, sequence, err := o.store.load()
	if err != nil {
		o.noteFault(fmt.Errorf("sms: cannot read the outbox: %w", err))
	}
	o.last.Store(sequence)
	o.takeUp(entries)
	return o, nil
}

// setRoutes builds the lanes.
func (o *Outbox) setRoutes(routes []Route) error {
	names := make(map[string]bool)
	for _, r := range routes {
		if names[r.Name()] {
			return fmt.Errorf("sms: two routes have the name %q", r.Name())
		}
		names[r.Name()] = true
		if _, ok := r.(*Fallback); !ok {
			o.lanes = append(o.lanes, newLane(r, o.opts))
		}
	}
	for _, r := range routes {
		f, ok := r.(*Fallback)
		if !ok {
			continue
		}
		if len(f.For) == 0 {
			return fmt.Errorf("sms: the fallback %q stands in for no route", f.Name())
		}
		for _, name := range f.For {
			l := o.lane(name)
			if l == nil {
				return fmt.Errorf("sms: the fallback %q stands in for %q, which is no route of its own", f.Name(), name)
			}
			l.fallbacks = append(l.fallbacks, f)
		}
	}
	return nil
}

// takeUp files what was stored.
func (o *Outbox) takeUp(entries []Entry) {
	unreadable := 0
	for _, e := range entries {
		switch {
		case e.Verdict == "":
			o.file(&e)
		case e.Ended.IsZero():
			unreadable++
			e.Ended = time.Now().Round(0)
			o.mark(e.Seq)
			o.lose(e)
			o.opts.Log.Error("a stored message is damaged", "id", e.ID, "left", e.Text)
		default:
			o.lose(e)
		}
	}
	if unreadable > 0 {
		o.damage = fmt.Errorf("sms: %d stored messages were damaged: what is left of them stands among the refused", unreadable)
	}
	for _, l := range o.lanes {
		l.merge = len(l.entries) > 1 && o.opts.Every > 0 // what has waited through a restart goes as one
	}
}

// file puts an entry in its lane, by its number.
func (o *Outbox) file(e *Entry) {
	o.waiting[e.Seq] = e
	l := o.lane(e.Route)
	if l == nil {
		o.orphan(e)
		return
	}
	at, _ := slices.BinarySearchFunc(l.entries, e.Seq, func(e *Entry, seq uint64) int {
		return int(int64(e.Seq - seq))
	})
	l.entries = slices.Insert(l.entries, max(at, l.taken), e)
	for len(l.entries) > max(o.opts.MaxPending, l.taken) {
		old := l.entries[l.taken]
		old.LastError = fmt.Sprintf("more than %d messages waited (the last error was: %s)", o.opts.MaxPending, old.LastError)
		o.end(l, old, Expired, "")
		o.lose(*old)
		o.opts.Log.Error("a message was given up: too many wait", "id", old.ID, "route", old.Route, "text", old.Text)
	}
	l.poke()
}

// orphan keeps an entry whose route is not configured any more, for the case
// that this is a slip of the pen. With mu.
func (o *Outbox) orphan(e *Entry) {
	e.LastError = "no route of this name is configured any more: configure it again, or drop the message"
	if time.Since(e.Queued) <= o.opts.MaxAge {
		o.orphans = append(o.orphans, e)
		return
	}
	o.end(nil, e, Expired, "")
	o.lose(*e)
}

// end takes an entry out of what waits, with its verdict. With mu.
func (o *Outbox) end(l *lane, e *Entry, v Verdict, via string) {
	e.Verdict, e.Via, e.Ended = v, via, time.Now().Round(0)
	delete(o.waiting, e.Seq)
	o.mark(e.Seq)
	if l == nil {
		return
	}
	if at := slices.Index(l.entries, e); at >= 0 {
		l.entries = slices.Delete(l.entries, at, at+1)
		if at < l.taken {
			l.taken--
		}
	}
}

// lose keeps an entry that got nowhere among those that Refused shows. With
// mu.
func (o *Outbox) lose(e Entry) {
	o.lost = append(o.lost, e)
	for len(o.lost) > max(o.opts.MaxRefused, 0) {
		o.mark(o.lost[0].Seq)
		o.lost = slices.Delete(o.lost, 0, 1)
	}
}

// lane finds a lane by name; nil if there is none.
func (o *Outbox) lane(name string) *lane {
	for _, l := range o.lanes {
		if l.route.Name() == name {
			return l
		}
	}
	return nil
}

// entries makes the entries of a message, without numbers.
func (o *Outbox) entries(m Message) ([]Entry, error) {
	if m.Text = Clean(m.Text); m.Text == "" {
		return nil, errors.New("sms: the message is empty")
	}
	now := time.Now()
	if m.At.IsZero() {
		m.At = now
	}
	if len(m.Routes) == 0 {
		for _, l := range o.lanes {
			m.Routes = append(m.Routes, l.route.Name())
		}
	}
	if len(m.Routes) == 0 {
		return nil, errors.New("sms: no route is configured")
	}
	var entries []Entry
	for _, name := range m.Routes {
		l := o.lane(name)
		if l == nil {
			return nil, fmt.Errorf("sms: there is no route %q that takes messages of its own", name)
		}
		parts := prepare(m, l.limit, o.opts.Words)
		for i, text := range parts {
			e := Entry{Route: name, Text: text, At: m.At.Round(0), Queued: now.Round(0), Urgent: m.Urgent}
			if len(parts) > 1 {
				e.Part = i + 1
			}
			entries = append(entries, e)
		}
	}
	return entries, nil
}

// Queue stores a message for delivery and returns its number. An error means
// that the message is wrong. That it could not be stored is not one: it is then
// kept in memory and sent from there, and Fault tells.
func (o *Outbox) Queue(m Message) (uint64, error) {
	entries, err := o.entries(m)
	if err != nil {
		return 0, err
	}
	err = errBroken
	if o.store != nil && !o.store.broken.Load() {
		err = o.store.update(func(tx *bolt.Tx) error { return insert(tx, entries, o.number(len(entries))) })
	}
	if err != nil {
		first := o.number(len(entries))(0)
		for i := range entries {
			entries[i].Seq, entries[i].ID = first+uint64(i), first
			entries[i].Unsaved = true
		}
		if o.store != nil {
			o.noteFault(fmt.Errorf("sms: messages cannot be stored and are kept in memory: %w", err))
		}
	}
	o.add(entries)
	return entries[0].ID, nil
}

// QueueTx is Queue inside the caller's transaction, so that a state and the
// messages that it causes are stored together or not at all. Delivery begins
// with the commit. After an error, or when the commit fails, nothing is
// queued; the caller then calls Queue, which delivers from memory.
func (o *Outbox) QueueTx(tx *bolt.Tx, m Message) (uint64, error) {
	if o.store == nil || o.store.broken.Load() {
		return 0, fmt.Errorf("sms: cannot queue in a transaction: %w", errBroken)
	}
	entries, err := o.entries(m)
	if err != nil {
		return 0, err
	}
	if err := o.store.safely(func() error { return insert(tx, entries, o.number(len(entries))) }); err != nil {
		return 0, fmt.Errorf("sms: cannot queue in a transaction: %w", err)
	}
	tx.OnCommit(func() { o.add(entries) })
	return entries[0].ID, nil
}

// number gives out n sequence numbers above all that were ever given out, and
// above a floor. It returns the first.
func (o *Outbox) number(n int) func(floor uint64) uint64 {
	return func(floor uint64) uint64 {
		for {
			old := o.last.Load()
			first := max(old, floor) + 1
			if o.last.CompareAndSwap(old, first+uint64(n)-1) {
				return first
			}
		}
	}
}

// add hands entries over to their lanes.
func (o *Outbox) add(entries []Entry) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, e := range entries {
		if e.Unsaved {
			o.mark(e.Seq)
		}
		o.file(&e)
	}
	o.broadcast()
}

// broadcast wakes whoever waits for a change. With mu.
func (o *Outbox) broadcast() {
	close(o.changed)
	o.changed = make(chan struct{})
}

// Run delivers until ctx ends, and returns when the last attempt is over, at
// the latest after Options.Grace. It is called once.
func (o *Outbox) Run(ctx context.Context) {
	var wg sync.WaitGroup
	for _, l := range o.lanes {
		wg.Go(func() { o.courier(ctx, l) })
	}
	wg.Go(func() { o.janitor(ctx) })
	wg.Wait()
}

// Kick has everything tried again at once: a network has come up. Only a
// gateway that asked for a pause gets it.
func (o *Outbox) Kick() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, l := range o.lanes {
		l.next = time.Time{}
		l.backoff.Reset()
		l.poke()
	}
}

// Flush waits until nothing waits any more, or ctx ends, which is an error with
// what is left. Meanwhile neither the rate limit nor a pause that a gateway
// asked for holds anything back, and fallbacks are asked at the first failure;
// after half of the time left they alone are. Run has to be running.
func (o *Outbox) Flush(ctx context.Context) error {
	o.mu.Lock()
	o.flushing++
	for _, l := range o.lanes {
		l.hurried, l.next = true, time.Time{}
		l.poke()
	}
	o.mu.Unlock()
	if end, ok := ctx.Deadline(); ok {
		half := time.AfterFunc(time.Until(end)/2, o.giveUpMains)
		defer half.Stop()
	}
	defer func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.flushing--; o.flushing == 0 {
			for _, l := range o.lanes {
				l.hurried, l.mainOut = false, false
			}
		}
	}()
	for {
		o.mu.Lock()
		left, changed := o.settling, o.changed
		for _, l := range o.lanes {
			left += len(l.entries)
		}
		o.mu.Unlock()
		if left == 0 {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("sms: %d messages are not delivered yet: they are sent later", left)
		}
	}
}

// giveUpMains leaves the rest of a Flush to the fallbacks.
func (o *Outbox) giveUpMains() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, l := range o.lanes {
		if o.flushing == 0 || len(l.fallbacks) == 0 {
			continue
		}
		l.mainOut, l.next = true, time.Time{}
		if l.breakOff != nil {
			l.breakOff()
		}
		l.poke()
	}
}
