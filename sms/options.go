package sms

import (
	"fmt"
	"log/slog"
	"time"
)

// Options of an outbox. What is left zero has the default named here.
type Options struct {
	// RetryMin and RetryMax bound the pause after a temporary failure. It
	// begins at RetryMin (5 s), doubles up to RetryMax (10 min), and is spread
	// by a fifth to both sides, but where Steady is set: then the same happens each
	// time.
	RetryMin, RetryMax time.Duration
	Steady             bool
	// TooManyWait is how long a route rests after ErrTooMany (15 min).
	TooManyWait time.Duration
	// Every is the least time between two messages on a route (1 min). What
	// comes sooner waits and goes out as one. After a message that was made of
	// three or more the time doubles, up to EveryMax (10 min), until things
	// are quiet again. A negative Every means no limit.
	Every, EveryMax time.Duration
	// Burst is how many messages may go before Every holds (1).
	Burst int
	// MaxAge is when a message that nobody takes is given up (7 days). It is
	// looked at only after a failed attempt.
	MaxAge time.Duration
	// Boot names this boot of the host, and Uptime is the time since it began,
	// suspend included: ages within a boot go by it, as somebody may set the clock
	// while a message waits. Both, or neither.
	Boot   string
	Uptime func() time.Duration
	// MaxPending is how many entries may wait on one route (1000). When there
	// are more, the oldest are given up.
	MaxPending int
	// MaxRefused is how many entries that got nowhere are kept to be shown
	// (50). A negative one keeps none.
	MaxRefused int
	// LateAfter is how long after its event a text says when that was (5 min).
	LateAfter time.Duration
	// Timeout bounds one attempt on one route (30 s). Timeouts are for single
	// routes, by name.
	Timeout  time.Duration
	Timeouts map[string]time.Duration
	// Grace is how long an attempt may go on after Run was told to end (2 s):
	// broken off, it might have arrived, and would be sent once more.
	Grace time.Duration
	// Touch has a store, of which the outbox is a part, ask for Changes. It must not
	// wait. Without it messages live in memory.
	Touch func()
	// NoteWait is how long the store is given to take note of a verdict before the
	// next message goes out on the route (1 s).
	NoteWait time.Duration
	// Words are what the outbox itself says (English).
	Words Words
	// Log is where it tells what happens (slog.Default).
	Log *slog.Logger
	// OnVerdict hears of every entry that leaves, once the store has taken
	// note or has had its time. It runs in the goroutine that sends.
	OnVerdict func(Entry)
	// Idle is called when an attempt has ended and none is under way: the
	// certificates and buffers of a request are as large as the rest of the
	// program's data, and the next one may be days away.
	Idle func()
}

// orDefault fills in what was left zero.
func (o Options) orDefault() Options {
	for _, d := range []struct {
		value *time.Duration
		or    time.Duration
	}{
		{&o.RetryMin, 5 * time.Second}, {&o.RetryMax, 10 * time.Minute}, {&o.TooManyWait, 15 * time.Minute},
		{&o.Every, time.Minute}, {&o.EveryMax, 10 * time.Minute}, {&o.MaxAge, 7 * 24 * time.Hour},
		{&o.LateAfter, 5 * time.Minute}, {&o.Timeout, 30 * time.Second}, {&o.Grace, 2 * time.Second}, {&o.NoteWait, time.Second},
	} {
		if *d.value == 0 {
			*d.value = d.or
		}
	}
	for _, d := range []struct {
		value *int
		or    int
	}{{&o.Burst, 1}, {&o.MaxPending, 1000}, {&o.MaxRefused, 50}} {
		if *d.value == 0 {
			*d.value = d.or
		}
	}
	if o.Words.Late == nil {
		o.Words = English
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	o.EveryMax = max(o.EveryMax, o.Every)
	return o
}

// Words are what the outbox adds to texts. All three functions have to be
// given, or none.
type Words struct {
	// Late puts when its event was into a text that is sent late.
	Late func(text string, at time.Time) string
	// Moment is an instant in a summary, short where it is near.
	Moment func(at, now time.Time) string
	// Merged is the first line of n messages in one.
	Merged func(n int) string
}

// English and French are the words for these languages. Times are local.
var (
	English = Words{
		Late:   func(text string, at time.Time) string { return at.Local().Format("(2 Jan 15:04) ") + text },
		Moment: moment("2 Jan 15:04:05"),
		Merged: func(n int) string { return fmt.Sprintf("%d messages:", n) },
	}
	French = Words{
		Late:   func(text string, at time.Time) string { return at.Local().Format("(le 02/01 à 15:04) ") + text },
		Moment: moment("02/01 15:04:05"),
		Merged: func(n int) string { return fmt.Sprintf("%d messages :", n) },
	}
)

// moment is the time of the day, and the date too where it is not today's.
func moment(far string) func(at, now time.Time) string {
	return func(at, now time.Time) string {
		at, now = at.Local(), now.Local()
		if at.YearDay() == now.YearDay() && at.Year() == now.Year() {
			return at.Format("15:04:05")
		}
		return at.Format(far)
	}
}

// timeout is how long one attempt on a route may take.
func (o Options) timeout(r Route) time.Duration {
	if t := o.Timeouts[r.Name()]; t > 0 {
		return t
	}
	return o.Timeout
}
