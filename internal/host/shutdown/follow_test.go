package shutdown

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// TestFollow: each change is passed on once; words about an order before this
// one are not; and a helper that has fallen silent is believed for a minute.
func TestFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHelped(t)
		h.world(func() { h.takes, h.what = 3*time.Minute, "poweroff" })
		var heard []Progress
		follow := func(since time.Duration) context.CancelFunc {
			ctx, stop := context.WithCancel(t.Context())
			go Follow(ctx, []string{h.Status}, thisBoot, h.now, since, func() Progress { return Progress{Ended: true, Err: "nobody"} }, func(p Progress) {
				h.world(func() { heard = append(heard, p) })
			})
			return stop
		}
		said := func() (list []Progress) {
			h.world(func() { list = slices.Clone(heard) })
			return list
		}
		stop := follow(h.now())
		time.Sleep(time.Minute) // nobody has said anything
		synctest.Wait()
		if heard := said(); len(heard) > 0 {
			t.Errorf("heard %v", heard)
		}
		h.order(thisBoot, h.now())
		ctx, kill := context.WithCancel(t.Context())
		ended := h.run(ctx)
		time.Sleep(3*time.Minute + 10*time.Second)
		h.world(func() { h.pending = Scheduled })
		time.Sleep(10 * time.Second)
		h.world(func() { h.pending = NotPending })
		time.Sleep(10 * time.Second)
		synctest.Wait()
		want := []Progress{{Pending: true}, {Ended: true}, {Ended: true, Pending: true}, {Ended: true}}
		if heard := said(); !slices.Equal(heard, want) {
			t.Errorf("heard %+v", heard)
		}
		stop()

		// It is given again; until the helper has taken that, its words are old.
		h.world(func() { heard = nil })
		h.world(func() { h.fail, h.takes = 1000, 3*time.Second })
		since := h.now()
		stop = follow(since)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if heard := said(); len(heard) > 0 {
			t.Errorf("heard %+v of the order before", heard)
		}
		h.order(thisBoot, h.now())
		time.Sleep(time.Minute) // it is tried again, and again
		synctest.Wait()
		if want := []Progress{{Pending: true}, {Ended: true, Err: "no"}}; !slices.Equal(said(), want) {
			t.Errorf("heard %+v, want %+v", said(), want)
		}
		stop()

		// The helper is gone without a last word.
		h.world(func() { heard = nil })
		kill()
		<-ended
		stop = follow(0)
		time.Sleep(silentTime - 5*time.Second)
		synctest.Wait()
		if heard := said(); len(heard) != 1 || !heard[0].Ended {
			t.Errorf("heard %+v", heard)
		}
		time.Sleep(20 * time.Second)
		synctest.Wait()
		if heard := said(); len(heard) != 2 || heard[1].Pending || !heard[1].Ended || heard[1].Err == "" {
			t.Errorf("heard %+v", heard)
		}
		stop()
		synctest.Wait()
	})
}

// TestFollowUnanswered: where nobody says anything for a minute, nobody carries the
// order out, until somebody does.
func TestFollowUnanswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHelped(t)
		var heard []Progress
		ctx, stop := context.WithCancel(t.Context())
		go Follow(ctx, []string{h.Status}, thisBoot, h.now, h.now(), func() Progress { return Progress{Ended: true, Err: "nobody"} }, func(p Progress) {
			h.world(func() { heard = append(heard, p) })
		})
		time.Sleep(silentTime + 2*statusEvery)
		h.world(func() { h.takes = time.Hour })
		h.order(thisBoot, h.now())
		h.run(t.Context())
		time.Sleep(2 * statusEvery)
		stop()
		synctest.Wait()
		if want := []Progress{{Ended: true, Err: "nobody"}, {Pending: true}}; !slices.Equal(heard, want) {
			t.Errorf("heard %+v, want %+v", heard, want)
		}
		time.Sleep(time.Hour)
	})
}

// TestFollowAnswersEveryOrder: an order that is not carried out, because one is
// pending, is answered all the same.
func TestFollowAnswersEveryOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHelped(t)
		h.world(func() { h.pending, h.what = Scheduled, "poweroff" })
		h.order(thisBoot, h.now())
		h.run(t.Context())
		time.Sleep(time.Minute)
		since := h.now()
		h.order(thisBoot, since)
		time.Sleep(2 * statusEvery)
		if p, ok := progress([]string{h.Status}, thisBoot, h.now(), since); !ok || !p.Pending || !p.Ended || len(h.ran()) != 1 {
			t.Errorf("%+v %t, ran at %v", p, ok, h.ran())
		}
		if _, ok := progress([]string{filepath.Join(h.dir, "none")}, thisBoot, h.now(), 0); ok {
			t.Error("something was heard of nobody")
		}
	})
}
