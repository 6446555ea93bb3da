package daemon

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"ecnutd/internal/store"
)

// A freezer is a disk that does not answer while it is frozen.
type freezer struct{ frozen atomic.Pointer[chan struct{}] }

func (f *freezer) freeze() (thaw func()) {
	c := make(chan struct{})
	f.frozen.Store(&c)
	return func() { f.frozen.Store(nil); close(c) }
}

func (f *freezer) wait() {
	if c := f.frozen.Load(); c != nil {
		<-*c
	}
}

type frozenDB struct {
	store.Database
	disk *freezer
}

func (d frozenDB) Update(f func(*bolt.Tx) error) error { d.disk.wait(); return d.Database.Update(f) }
func (d frozenDB) View(f func(*bolt.Tx) error) error   { d.disk.wait(); return d.Database.View(f) }
func (d frozenDB) Close() error                        { d.disk.wait(); return d.Database.Close() }

func (f *freezer) open(ctx context.Context, path string) (store.Database, error) {
	f.wait()
	db, err := store.File(ctx, path)
	return frozenDB{db, f}, err
}

const stallConfig = `
ups: {eaton: {device: /a}}
state: "%s/state.db"
control: none
low_battery: {shutdown_imminent: ignore}
messages:
  routes: {phone: {command: [/bin/true]}}
events:
  ONBATT: {message: true, start: [wait]}
  ONLINE: {message: true}
timers:
  wait: {after: 2m, shutdown: true}
`

// TestDiskStalls: with the file system of its state frozen the daemon tells the
// outage, shuts the host down when it is due and says that it cannot store; its end is
// not held up.
func TestDiskStalls(t *testing.T) {
	for name, atStart := range map[string]bool{"while it runs": false, "from the start": true} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, time.Minute, []string{"eaton"}, func(v *virtual) {
				disk := new(freezer)
				v.open = disk.open
				var thaw func()
				if atStart {
					thaw = disk.freeze()
				}
				v.start(stallConfig)
				v.pass(time.Minute)
				if !atStart {
					thaw = disk.freeze()
				}
				cut := v.at()
				v.units["eaton"].CutMains()
				v.pass(20 * time.Second)
				v.mu.Lock()
				sent := strings.Join(v.sent, "\n")
				v.mu.Unlock()
				if strings.Count(sent, "\n") != 0 || sent == "" {
					t.Errorf("the outage began at %v; sent: %s", cut, sent)
				}
				if err := v.daemon.store.Fault(); err == nil || strings.Count(v.log.String(), "does not answer") != 1 {
					t.Errorf("the fault is %v; log: %s", err, v.log)
				}
				v.pass(150 * time.Second)
				if got := v.story("shutdown", "poweroff"); !strings.Contains(got, "SHUT DOWN") || !strings.Contains(got, "poweroff") {
					t.Errorf("the host is still up: %s; log: %s", got, v.log)
				}
				begin := time.Now()
				v.stop()
				if took := time.Since(begin); took > 2*closeLimit {
					t.Errorf("the end took %v", took)
				}
				thaw()
				v.pass(time.Second) // whoever waited for the disk writes and ends, before the folder goes
			})
		})
	}
}

// TestDiskStallsForAWhile: what happened while the disk did not answer is stored when
// it does: a daemon that is killed after that goes on where this one was, and tells
// nothing twice.
func TestDiskStallsForAWhile(t *testing.T) {
	inBubble(t, time.Minute, []string{"eaton"}, func(v *virtual) {
		disk := new(freezer)
		v.open = disk.open
		v.start(stallConfig)
		v.pass(time.Minute)
		thaw := disk.freeze()
		v.units["eaton"].CutMains()
		v.pass(30 * time.Second)
		thaw()
		v.pass(time.Second)
		if v.daemon.store.Fault() != nil || strings.Count(v.log.String(), "is stored again") != 1 {
			t.Errorf("the fault is %v; log: %s", v.daemon.store.Fault(), v.log)
		}
		// What it does from now on is not stored any more: as after a kill.
		thaw = disk.freeze()
		v.stop()
		thaw()
		v.pass(time.Second)
		v.start(stallConfig)
		v.pass(100 * time.Second)
		got := v.story("event", "shutdown")
		if strings.Count(got, "ONBATT") != 1 || strings.Count(got, "SHUT DOWN") != 1 {
			t.Errorf("%s\nlog: %s", got, v.log)
		}
		v.mu.Lock()
		defer v.mu.Unlock()
		if n := strings.Count(strings.Join(v.sent, "\n"), "mains lost"); n != 1 {
			t.Errorf("sent: %q", v.sent)
		}
	})
}
