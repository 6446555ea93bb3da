package daemon

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ecnutd/hid"
	"ecnutd/internal/discovery"
	"ecnutd/internal/sim"
)

// sick is a device that opens and says nothing.
type sick struct{ hid.Device }

func (sick) Info() hid.Info              { return hid.Info{Node: "/dev/hidraw0", USBBus: 1, USBAddress: 5} }
func (sick) Descriptor() ([]byte, error) { return nil, errors.New("no answer") }
func (sick) Close() error                { return nil }

// TestSilentIsLeftAlone: a UPS that does not answer is opened after 5 s, and
// then after 10 s more, whatever else is plugged in or out. Only when it has
// itself left the bus is there nobody to harass any more: a cable that is
// pulled can look like silence at first, since the kernel refuses requests
// before it has removed the node.
func TestSilentIsLeftAlone(t *testing.T) {
	for _, c := range []struct {
		name string
		left time.Duration // when the device leaves; 0 for never
		want []time.Duration
	}{
		{"it stays", 0, []time.Duration{0, 5 * time.Second, 15 * time.Second}},
		// Noticed with the event of 2 s, and silent for the first time again.
		{"it has left", 1500 * time.Millisecond, []time.Duration{0, 2 * time.Second, 7 * time.Second}},
		// What it left behind was noticed by the look before the first wait.
		{"it had left already", time.Nanosecond, []time.Duration{0, time.Nanosecond, 5*time.Second + time.Nanosecond}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began, opened := time.Now(), []time.Duration(nil)
				ctx, cancel := context.WithCancel(t.Context())
				changed := make(chan struct{}, 1)
				go func() { // other devices come and go
					for tick := time.NewTicker(time.Second); ctx.Err() == nil; {
						select {
						case <-tick.C:
							select {
							case changed <- struct{}{}:
							default:
							}
						case <-ctx.Done():
						}
					}
				}()
				w := &watcher{name: "eaton", log: slog.New(slog.DiscardHandler), ended: make(chan struct{}), report: func(context.Context, report) {}}
				w.spot = discovery.Locator{
					Changed: changed,
					Open: func(context.Context) (hid.Device, discovery.Strings, error) {
						opened = append(opened, time.Since(began))
						if c.left == time.Nanosecond && len(opened) == 1 {
							time.Sleep(c.left)
						}
						if len(opened) == len(c.want) {
							cancel()
						}
						return sick{}, nil, nil
					},
					Left: func(info hid.Info) bool {
						if info.USBAddress != 5 {
							t.Errorf("asked for %+v", info)
						}
						// Only the first one leaves.
						return c.left > 0 && len(opened) == 1 && time.Since(began) >= c.left
					},
				}
				w.run(ctx)
				if !slices.Equal(opened, c.want) {
					t.Errorf("opened at %v, want %v", opened, c.want)
				}
			})
		})
	}
}

// TestMuteIsLeftAlone: a UPS that answers a few questions after each opening and
// then falls silent (NUT issue 3573) is left alone longer and longer as well. One
// that was heard for a minute has earned a prompt look.
func TestMuteIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, err := sim.New("")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var lost time.Time
		var pauses []time.Duration
		w := &watcher{name: "eaton", log: slog.New(slog.DiscardHandler), ended: make(chan struct{})}
		w.report = func(_ context.Context, r report) {
			if r.lost {
				lost = time.Now()
			}
		}
		w.spot = discovery.Locator{Open: func(context.Context) (hid.Device, discovery.Strings, error) {
			if !lost.IsZero() {
				pauses = append(pauses, time.Since(lost))
			}
			after := time.Duration(0)
			switch len(pauses) {
			case 5: // it is well for two minutes
				after = 2 * time.Minute
			case 6:
				cancel()
			}
			time.AfterFunc(after, func() { u.Inject(sim.Fault{Kind: sim.StallThenMute, Report: 7}) })
			dev, err := u.Open()
			return dev, nil, err
		}}
		w.run(ctx)
		if want := []time.Duration{5 * time.Second, 10 * time.Second, 20 * time.Second, 40 * time.Second, 60 * time.Second, 5 * time.Second}; !slices.Equal(pauses, want) {
			t.Errorf("left alone for %s, want %s", pauses, want)
		}
	})
}

// TestNodesChangePlaces: two UPSs are pulled and come back with each other's
// node. Each has let go of its own, and is found.
func TestNodesChangePlaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		held := discovery.NewClaims(nil)
		start := time.Now()
		at := func(name string) string { // for a second as it was, then the other way round
			if (name == "eaton") == (time.Since(start) < time.Second) {
				return "/dev/hidraw0"
			}
			return "/dev/hidraw1"
		}
		found := make(map[string]string)
		var mu sync.Mutex
		for _, name := range []string{"eaton", "eco"} {
			w := &watcher{name: name, log: slog.New(slog.DiscardHandler), ended: make(chan struct{}), report: func(context.Context, report) {}}
			w.spot = discovery.Locator{
				Leave: func() { held.Drop(name) },
				Open: func(context.Context) (hid.Device, discovery.Strings, error) {
					node := at(name)
					if !held.Take(node, name) {
						return nil, nil, discovery.ErrNoneAttached
					}
					mu.Lock()
					found[name] = node
					mu.Unlock()
					time.Sleep(time.Second)
					return nil, nil, hid.ErrGone
				},
			}
			go w.run(ctx)
		}
		time.Sleep(10 * time.Second)
		cancel()
		synctest.Wait()
		time.Sleep(2 * time.Second)
		if found["eaton"] != "/dev/hidraw1" || found["eco"] != "/dev/hidraw0" {
			t.Errorf("found at %v", found)
		}
	})
}
