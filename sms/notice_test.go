package sms

import (
	"context"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// noted is a route that keeps what it is asked to send, and fails as it is told.
type noted struct {
	mu   sync.Mutex
	got  []Notice
	at   []time.Time
	fail func(n int) error
}

func (r *noted) Name() string { return "a" }

func (r *noted) Send(_ context.Context, n Notice) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got, r.at = append(r.got, n), append(r.at, time.Now())
	if r.fail == nil {
		return nil
	}
	return r.fail(len(r.got))
}

// TestNoticeID: a message that is tried again, after a restart too, has the id of
// the first try; no other message has it, not even one with the same number in a
// new store.
func TestNoticeID(t *testing.T) {
	var first, second *noted
	var later Notice
	file := filepath.Join(t.TempDir(), "state.db")
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, file)
		first = &noted{fail: func(int) error { return fail("a", nil, "down") }}
		o, stop := start(t, s, quiet(), first)
		if _, err := o.Queue(Message{Text: "one", Title: "nas:\nmains lost", Priority: High}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		stop()
		s.Close(time.Minute)
		s = openStore(t, file)
		second = &noted{}
		o, stop = start(t, s, quiet(), second)
		time.Sleep(time.Hour)
		queue(t, o, "two")
		time.Sleep(time.Hour)
		stop()
		s.Close(time.Minute)
		fresh := &noted{}
		_, stop = start(t, nil, quiet(), fresh)
		stop()
		o, stop = start(t, nil, quiet(), fresh)
		queue(t, o, "one")
		time.Sleep(time.Minute)
		stop()
		later = fresh.got[0]
	})
	if len(first.got) < 3 || len(second.got) != 2 {
		t.Fatalf("%d tries, then %d", len(first.got), len(second.got))
	}
	id := first.got[0].ID
	if len(id) != 24 {
		t.Errorf("the id is %q", id)
	}
	for _, n := range append(slices.Clone(first.got), second.got[0]) {
		if n.ID != id || n.Title != "nas: mains lost" || n.Priority != High {
			t.Errorf("a try of it: %+v", n)
		}
	}
	if second.got[1].ID == id || later.ID == id || second.got[1].Priority != Normal {
		t.Errorf("other messages: %+v, %+v", second.got[1], later)
	}
}

// TestRetryAfter: a gateway that says when is asked again then, and no sooner; one
// that says next week within an hour.
func TestRetryAfter(t *testing.T) {
	for want, after := range map[time.Duration]time.Duration{90 * time.Second: 90 * time.Second, time.Hour: 7 * 24 * time.Hour} {
		for _, kind := range []error{ErrTooMany, nil} {
			synctest.Test(t, func(t *testing.T) {
				r := &noted{fail: func(n int) error {
					if n > 1 {
						return nil
					}
					return &failure{text: "a: later", kind: kind, after: after}
				}}
				o, _ := start(t, nil, quiet(), r)
				queue(t, o, "one")
				time.Sleep(3 * time.Hour)
				r.mu.Lock()
				defer r.mu.Unlock()
				if len(r.at) != 2 || r.at[1].Sub(r.at[0]) != want {
					t.Errorf("Retry-After %s (%v): asked at %v", after, kind, r.at)
				}
			})
		}
	}
}
