package shutdown

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"
)

// A memory is a file system of its own, as /run is one.
type memory struct {
	t   *testing.T
	dir string
}

func newMemory(t *testing.T) memory {
	t.Helper()
	m := memory{t, t.TempDir()}
	if err := unix.Mount("tmpfs", m.dir, "tmpfs", 0, "size=256k,nr_inodes=64"); err != nil {
		t.Skipf("no file system of one's own here (it takes root): %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(m.dir, unix.MNT_DETACH) })
	return m
}

// sick are the ways in which a file system takes nothing. A prepared order is of
// use in those where order is true.
var sick = map[string]struct {
	make  func(m memory) error
	order bool
}{
	"full": {func(m memory) error {
		for i := 0; ; i++ {
			if err := os.WriteFile(filepath.Join(m.dir, fmt.Sprint("fill", i)), make([]byte, 4096), 0o600); err != nil {
				if errors.Is(err, unix.ENOSPC) {
					return nil
				}
				return err
			}
		}
	}, true},
	"out of inodes": {func(m memory) error {
		for i := 0; ; i++ {
			if err := os.WriteFile(filepath.Join(m.dir, fmt.Sprint("fill", i)), nil, 0o600); err != nil {
				if errors.Is(err, unix.ENOSPC) {
					return nil
				}
				return err
			}
		}
	}, true},
	"read-only": {func(m memory) error {
		return unix.Mount("", m.dir, "", unix.MS_REMOUNT|unix.MS_RDONLY, "")
	}, false},
}

// TestPreparedOrder: what was kept for an order takes it where no file can be made,
// for each of the two orders, and again after it was used.
func TestPreparedOrder(t *testing.T) {
	for name, c := range sick {
		t.Run(name, func(t *testing.T) {
			m := newMemory(t)
			path := filepath.Join(m.dir, "shutdown")
			if err := Prepare(path); err != nil {
				t.Fatal(err)
			}
			if _, there, _ := ReadOrder(path, thisBoot, time.Hour, OrderFresh); there {
				t.Fatal("what is kept ready counts as an order")
			}
			if err := c.make(m); err != nil {
				t.Fatal(err)
			}
			for _, p := range []string{path, UndoRequest(path)} {
				err := WriteOrder(p, Flag{Boot: thisBoot, Reason: "battery low"}, time.Hour)
				order, there, why := ReadOrder(p, thisBoot, time.Hour, OrderFresh)
				if got := err == nil && there && why == "" && order.Reason == "battery low"; got != c.order {
					t.Errorf("%s: %v, there %t, %s", filepath.Base(p), err, there, why)
				}
			}
			if !c.order {
				return
			}
			if err := errors.Join(os.Remove(path), os.Remove(UndoRequest(path))); err != nil { // taken
				t.Fatal(err)
			}
			if err := Prepare(path); err != nil {
				t.Error(err)
			}
			if err := WriteOrder(path, Flag{Boot: thisBoot, Reason: "again"}, time.Hour); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestNoRoomInRun: with a /run that takes nothing, an order over the socket shuts the
// host down, the flag stands where the late stage finds it, the daemon hears how far
// it is, a helper that is killed leaves what the next one goes on from, and undoing
// takes all of it away.
func TestNoRoomInRun(t *testing.T) {
	for name, c := range sick {
		t.Run(name, func(t *testing.T) {
			m := newMemory(t)
			if err := c.make(m); err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) { tryNoRoom(t, m.dir) })
		})
	}
	// The same where nobody may mount anything: a file stands where the folder is.
	t.Run("no folder", func(t *testing.T) {
		run := filepath.Join(t.TempDir(), "run")
		if err := os.WriteFile(run, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		synctest.Test(t, func(t *testing.T) { tryNoRoom(t, run) })
	})
}

func tryNoRoom(t *testing.T, run string) {
	h := newHelped(t)
	shm, state := filepath.Join(h.dir, "shm"), filepath.Join(h.dir, "state")
	for _, dir := range []string{shm, state} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	h.Request, h.Status, h.Spare = filepath.Join(run, "shutdown"), filepath.Join(run, "status.json"), filepath.Join(shm, "status.json")
	h.Config.PowerDownFlag = filepath.Join(run, "killpower")
	h.Spares = []string{filepath.Join(shm, "killpower"), filepath.Join(state, "killpower")}
	h.world(func() { h.takes = time.Hour })
	orders := make(chan Delivery)
	h.Orders = orders
	give := func(m message) string {
		m.Boot, m.Version, m.Uptime = thisBoot, FlagVersion, h.now()
		raw, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		answer := make(chan string, 1)
		orders <- Delivery{raw, func(text string) { answer <- text }}
		return <-answer
	}
	ctx, kill := context.WithCancel(t.Context())
	ended := h.run(ctx)
	if said := give(message{Flag: Flag{Reason: "battery low"}}); said != answerTaken || len(h.ran()) != 1 {
		t.Fatalf("it says %q and has run %v; the log:\n%s", said, h.ran(), &h.log)
	}
	place := Place{Flag: h.Config.PowerDownFlag, Spares: h.Spares}
	if found := place.Find(thisBoot); found.State != FlagCounts || found.Flag.Reason != "battery low" {
		t.Errorf("the flag: %+v", found)
	}
	time.Sleep(time.Minute)
	s, err := newestStatus(h.Helper.said(), thisBoot, h.now())
	if err != nil || s.Pending != ByCommand || s.Taken == nil {
		t.Errorf("%+v, %v", s, err)
	}
	// Killed: what it said last is still there, as kill -9 leaves it.
	if err := writeStatus(h.Spare, s); err != nil {
		t.Fatal(err)
	}
	kill()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := writeStatus(h.Spare, s); err != nil {
		t.Fatal(err)
	}
	adopted := make(chan error, 1)
	next := *h.Helper
	next.status, next.running = Status{}, nil
	next.Adopt = func(pid int, ticks uint64) *Running {
		if pid != s.Command.PID || ticks != s.Command.Ticks {
			t.Errorf("adopts %d", pid)
		}
		return &Running{PID: pid, Start: ticks, Ended: adopted}
	}
	go func() { ended <- next.Run(t.Context()) }()
	time.Sleep(10 * time.Second)
	if len(h.ran()) != 1 {
		t.Errorf("the next helper has begun a second command: %v", h.ran())
	}
	if said := give(message{Flag: Flag{Reason: "again"}}); said != answerTaken || len(h.ran()) != 1 {
		t.Errorf("beside the first: %q, %v", said, h.ran())
	}
	adopted <- ErrUnknownEnd
	time.Sleep(3 * statusEvery)
	if said := give(message{Undo: true, Flag: Flag{DropFlag: true}}); said != answerTaken {
		t.Errorf("undo: %q", said)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if found := place.Find(thisBoot); found.State == FlagCounts {
		t.Error("the flag is still there")
	}
	if s, err := newestStatus(h.Helper.said(), thisBoot, h.now()); err != nil || !s.Undone || !s.Final || s.Taken != nil {
		t.Errorf("%+v, %v", s, err)
	}
	time.Sleep(2 * time.Hour) // the first command
}

// TestWriteAnywhere: the first place that takes the flag has it, and the reason why
// it is not its own is told.
func TestWriteAnywhere(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	at := func(parts ...string) string { return filepath.Join(append([]string{dir}, parts...)...) }
	for _, c := range []struct {
		place  Place
		want   string
		failed bool
	}{
		{Place{Flag: at("a")}, at("a"), false},
		{Place{Flag: at("file/a"), Spares: []string{at("b"), at("c")}}, at("b"), true},
		{Place{Flag: at("file/a"), Spares: []string{at("file/b"), at("c")}}, at("c"), true},
		{Place{Flag: at("file/a"), Spares: []string{at("file/b")}}, "", true},
	} {
		got, err := c.place.WriteAnywhere(Flag{Boot: thisBoot})
		if got != c.want || (err != nil) != c.failed {
			t.Errorf("%+v: %q, %v", c.place, got, err)
		}
		if c.want != "" && ReadFlag(c.want, thisBoot).State != FlagCounts {
			t.Errorf("%s does not count", c.want)
		}
	}
}

// TestSpareOfSomebody: everybody can write to the spare place, and only what belongs
// to root counts there.
func TestSpareOfSomebody(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("it takes root to have files of others")
	}
	shm := filepath.Join(t.TempDir(), "shm")
	if err := os.Mkdir(shm, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(shm, 0o777|os.ModeSticky); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(shm, spareFlag)
	if err := writeFlag(path, Flag{Boot: thisBoot}); err != nil {
		t.Fatal(err)
	}
	place := Place{Flag: filepath.Join(shm, "none"), Spares: []string{path}}
	if got := place.Find(thisBoot); got.State != FlagCounts {
		t.Errorf("root's: %+v", got)
	}
	if err := os.Chown(path, 54321, 54321); err != nil {
		t.Fatal(err)
	}
	if got := place.Find(thisBoot); got.State == FlagCounts {
		t.Errorf("somebody's: %+v", got)
	}
	// Nor does somebody's folder of that name keep the helper from the next place.
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(path, "x"), 0o777); err != nil {
		t.Fatal(err)
	}
	place.Flag, place.Spares = filepath.Join(shm, "none", "\x00"), []string{path, filepath.Join(t.TempDir(), "flag")}
	if got, err := place.WriteAnywhere(Flag{Boot: thisBoot}); got != place.Spares[1] || !strings.Contains(err.Error(), "none") {
		t.Errorf("%q, %v", got, err)
	}
}
