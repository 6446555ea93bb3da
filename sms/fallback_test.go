package sms

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// TestFallbackAfterFailures: the third failure in a row calls the modem; while
// the route stays dead, every further message does at once.
func TestFallbackAfterFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, modem := newFake("free"), newFake("modem")
		f.set(down)
		opts := quiet()
		opts.Every = -1
		var via []string
		opts.OnVerdict = func(e Entry) { via = append(via, e.Via) }
		o, stop := start(t, nil, opts, f, NewFallback(modem, []string{"free"}, 3, 0))
		queue(t, o, "one")
		time.Sleep(6 * time.Second) // 2 failures
		wantTexts(t, modem)
		time.Sleep(12 * time.Second) // 0 + 5 + 10 s, a fifth more at most
		wantTexts(t, modem, "one")
		queue(t, o, "two")
		wantTexts(t, modem, "one", "two")
		f.set(nil)
		queue(t, o, "three")
		wantTexts(t, f, "three")
		wantTexts(t, modem, "one", "two")
		if s := o.Routes()[0]; s.Failures != 0 {
			t.Errorf("state: %+v", s)
		}
		stop()
		if len(via) != 3 || via[0] != "modem" || via[2] != "free" {
			t.Errorf("via %q", via)
		}
	})
}

// TestTimeouts: an attempt has the time of its route: 1 s for the gateway that
// hangs, 2 min for the modem that needs 90 s.
func TestTimeouts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, modem := newFake("free"), newFake("modem")
		f.takes, modem.takes = time.Hour, 90*time.Second
		opts := quiet()
		opts.Timeout, opts.Timeouts = time.Second, map[string]time.Duration{"modem": 2 * time.Minute}
		o, _ := start(t, nil, opts, f, NewFallback(modem, []string{"free"}, 1, 0))
		queue(t, o, "one")
		time.Sleep(91*time.Second - time.Nanosecond)
		wantTexts(t, modem)
		time.Sleep(time.Nanosecond)
		wantTexts(t, modem, "one")
	})
}

// TestFallbackAfterTime: two minutes to the nanosecond, whatever the pause
// between attempts, and during the silence that a gateway asked for.
func TestFallbackAfterTime(t *testing.T) {
	for name, answer := range map[string]func(int, string) error{"down": down, "too many": tooMany} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, modem := newFake("free"), newFake("modem")
				f.set(answer)
				o, _ := start(t, nil, quiet(), f, NewFallback(modem, []string{"free"}, 0, 2*time.Minute))
				queue(t, o, "one")
				time.Sleep(2*time.Minute - time.Nanosecond)
				wantTexts(t, modem)
				time.Sleep(time.Nanosecond)
				wantTexts(t, modem, "one")
				if n := len(f.requests()); name == "too many" && n != 1 {
					t.Errorf("%d requests within the silence", n)
				}
			})
		})
	}
}

// TestFallbackAfterRefusal: an account that is wrong loses no message while
// there is a modem, and is not asked again for that message.
func TestFallbackAfterRefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, modem := newFake("free"), newFake("modem")
		f.set(refuse)
		modem.set(func(n int, text string) error {
			if n < 3 {
				return down(n, text)
			}
			return nil
		})
		o, _ := start(t, nil, quiet(), f, NewFallback(modem, []string{"free"}, 3, 0))
		queue(t, o, "one")
		time.Sleep(time.Hour)
		wantTexts(t, modem, "one")
		if n := len(f.requests()); n != 1 {
			t.Errorf("the refusing route was asked %d times", n)
		}
		if n := len(o.Refused()); n != 0 {
			t.Errorf("%d messages count as refused", n)
		}
		modem.set(refuse)
		queue(t, o, "two")
		time.Sleep(time.Hour)
		synctest.Wait()
		if r := o.Refused(); len(r) != 1 || r[0].Verdict != Refused {
			t.Errorf("refused by both: %+v", r)
		}
	})
}

// TestFlush: what is queued goes out at once, past the rate limit and the
// pauses, and Flush returns when it has.
func TestFlush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake("a")
		f.takes = time.Second
		o, _ := start(t, nil, quiet(), f)
		queue(t, o, "one")
		time.Sleep(5 * time.Second)
		queue(t, o, "two", "three")
		begin := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if err := o.Flush(ctx); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(begin); d > 2*time.Second {
			t.Errorf("took %s", d)
		}
		if n := len(o.Pending()); n != 0 {
			t.Errorf("%d left", n)
		}
	})
}

// TestFlushEnds: a dead network holds a shutdown no longer than it was told.
// The modem gets its chance at half time, even where the route only hangs.
func TestFlushEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hung, modem, dead := newFake("hung"), newFake("modem"), newFake("dead")
		hung.takes = time.Hour
		dead.set(down)
		o, _ := start(t, nil, quiet(), hung, dead, NewFallback(modem, []string{"hung"}, 3, 0))
		queue(t, o, "one")
		synctest.Wait()
		begin := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		err := o.Flush(ctx)
		if d := time.Since(begin); d != 5*time.Second || err == nil {
			t.Errorf("took %s: %v", d, err)
		}
		wantTexts(t, modem, "one")
		if at := modem.requests()[0].After; at != 2500*time.Millisecond {
			t.Errorf("the modem was asked after %s", at)
		}
		if p := o.Pending(); len(p) != 1 || p[0].Route != "dead" {
			t.Errorf("left: %+v", p)
		}
	})
}

// TestStopLetsFinish: an attempt under way when Run is told to end has a
// moment to find out, so that the message is not sent twice.
func TestStopLetsFinish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake("a")
		f.takes = time.Second
		o, stop := start(t, nil, quiet(), f)
		queue(t, o, "one", "two")
		synctest.Wait()
		stop()
		wantTexts(t, f, "one")
		if p := o.Pending(); len(p) != 1 || p[0].Text != "two" {
			t.Errorf("left: %+v", p)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		f := newFake("a")
		f.takes = time.Hour
		o, stop := start(t, nil, quiet(), f)
		queue(t, o, "one")
		synctest.Wait()
		begin := time.Now()
		stop()
		if d := time.Since(begin); d != 2*time.Second || len(o.Pending()) != 1 {
			t.Errorf("took %s, %d left", d, len(o.Pending()))
		}
	})
}
