package hidraw

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMerge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		events := make(chan struct{})
		look := merge(ctx, events, 0)
		start := time.Now()

		// The net beside events: 10 min.
		<-look
		if at := time.Since(start); at != 10*time.Minute {
			t.Errorf("the net came after %v", at)
		}
		// An event is passed on at once, and many of them are one.
		for range 5 {
			events <- struct{}{}
		}
		synctest.Wait()
		<-look
		if at := time.Since(start); at != 10*time.Minute {
			t.Errorf("the event came after %v", at)
		}
		select {
		case <-look:
			t.Error("five events unread were more than one")
		default:
		}
		// No events any more: the net alone, each 30 s, and nothing spins.
		time.Sleep(time.Second)
		close(events)
		<-look
		if at := time.Since(start); at != 10*time.Minute+31*time.Second {
			t.Errorf("without events the net came after %v", at)
		}
		cancel()
		if _, open := <-look; open {
			t.Error("a value after the end")
		}
	})
}

func TestWatchLeavesNothingBehind(t *testing.T) {
	defer goleak.VerifyNone(t)
	ctx, cancel := context.WithCancel(t.Context())
	look := Watch(ctx, time.Hour)
	cancel()
	for range look {
	}
}
