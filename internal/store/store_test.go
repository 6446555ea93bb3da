package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	bolt "go.etcd.io/bbolt"
	"go.uber.org/goleak"

	"ecnutd/internal/durable"
)

// A disk is a real file behind a layer that stalls or refuses when it is told to.
type disk struct {
	mu      sync.Mutex
	frozen  chan struct{} // closed when it thaws; nil: it is not frozen
	refuses error
	updates int
	see     func(*bolt.Tx) // looks at the end of a transaction; it may be nil
}

// freeze has everything that touches the disk wait until thaw is called.
func (d *disk) freeze() (thaw func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	frozen := make(chan struct{})
	d.frozen = frozen
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.frozen = nil
		close(frozen)
	}
}

func (d *disk) refuse(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refuses = err
}

// touch waits for a frozen disk.
func (d *disk) touch() error {
	d.mu.Lock()
	frozen, err := d.frozen, d.refuses
	d.mu.Unlock()
	if frozen != nil {
		<-frozen
	}
	return err
}

func (d *disk) open(ctx context.Context, path string) (Database, error) {
	if err := d.touch(); err != nil {
		return nil, err
	}
	db, err := durable.Open(ctx, path)
	if err != nil {
		return nil, err
	}
	return diskDB{db, d}, nil
}

type diskDB struct {
	*durable.DB
	disk *disk
}

func (d diskDB) Update(f func(*bolt.Tx) error) error {
	if err := d.disk.touch(); err != nil {
		return err
	}
	d.disk.mu.Lock()
	d.disk.updates++
	d.disk.mu.Unlock()
	return d.DB.Update(func(tx *bolt.Tx) error {
		err := f(tx)
		if err == nil && d.disk.see != nil {
			d.disk.see(tx)
		}
		return err
	})
}

func (d diskDB) View(f func(*bolt.Tx) error) error {
	if err := d.disk.touch(); errors.Is(err, syscall.EIO) {
		return err
	}
	return d.DB.View(f)
}

// A number is a part that keeps one number.
type number struct {
	key string
	mu  sync.Mutex
	n   int
	old int // what the file knows
	was int // what stood there
}

var numbers = []byte("numbers")

func (p *number) set(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n = n
}

func (p *number) Load(tx *bolt.Tx, _ func(string) bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if b := tx.Bucket(numbers); b != nil {
		fmt.Sscan(string(b.Get([]byte(p.key))), &p.was)
	}
	return nil
}

func (p *number) Changes(all bool) (func(*bolt.Tx) error, func(error)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := p.n; n != p.old || all && n != 0 {
		return func(tx *bolt.Tx) error {
				b, err := tx.CreateBucketIfNotExists(numbers)
				return errors.Join(err, b.Put([]byte(p.key), fmt.Append(nil, n)))
			}, func(err error) {
				p.mu.Lock()
				defer p.mu.Unlock()
				if err == nil {
					p.old = n
				}
			}
	}
	return nil, nil
}

// A logBuffer is a log that may be read while it is written.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// A bench is a store on a disk, with two parts that always have the same number.
type bench struct {
	t    *testing.T
	disk *disk
	log  *logBuffer
	a, b *number
	*Store
	path string
}

func newBench(t *testing.T, path string) *bench {
	b := &bench{t: t, disk: new(disk), log: new(logBuffer), a: &number{key: "a"}, b: &number{key: "b"}, path: path}
	b.reopen()
	return b
}

func (b *bench) reopen() {
	b.Store = Open(Options{Path: b.path, Open: b.disk.open, Wait: 5 * time.Second, Log: slog.New(slog.NewTextHandler(b.log, nil))})
	for _, p := range []*number{b.a, b.b} {
		if err := b.Join(p); err != nil && !errors.Is(err, ErrNotYet) {
			b.t.Error(err)
		}
	}
}

func (b *bench) set(n int) <-chan struct{} {
	return b.Change(func() { b.a.set(n); b.b.set(n) })
}

// stored is what the file says, read by a store of its own.
func stored(t *testing.T, path string) (x, y int) {
	t.Helper()
	b := newBench(t, path)
	if err := b.Close(time.Second); err != nil {
		t.Error(err)
	}
	return b.a.was, b.b.was
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// TestKeeps: what was changed is stored at once, and is there for the next.
func TestKeeps(t *testing.T) {
	defer goleak.VerifyNone(t)
	path := filepath.Join(t.TempDir(), "db")
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, path)
		done := b.set(7)
		synctest.Wait()
		if !isClosed(done) || b.Fault() != nil {
			t.Errorf("not stored: %v", b.Fault())
		}
		b.set(8)
		if err := b.Close(time.Second); err != nil {
			t.Error(err)
		}
		if x, y := stored(t, path); x != 8 || y != 8 {
			t.Errorf("%d, %d", x, y)
		}
		if isClosed(b.set(9)) {
			t.Error("stored after the end")
		}
		if b.log.String() != "" {
			t.Errorf("said: %s", b.log)
		}
	})
}

// TestStall: a disk that does not answer holds up nobody. It is told once, and
// once when it is over; and what was handed over meanwhile is written, the newest in
// one transaction.
func TestStall(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, path)
		b.set(1)
		synctest.Wait()
		before := b.disk.updates
		thaw := b.disk.freeze()
		start := time.Now()
		var last <-chan struct{}
		for n := 2; n <= 100; n++ {
			last = b.set(n)
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("the caller waited %v", took)
		}
		time.Sleep(999 * time.Millisecond)
		if err := b.Fault(); err != nil {
			t.Errorf("told too soon: %v", err)
		}
		time.Sleep(2 * time.Millisecond)
		if err := b.Fault(); err == nil || !strings.Contains(err.Error(), "does not answer") {
			t.Errorf("fault: %v", err)
		}
		time.Sleep(time.Hour)
		b.set(101)
		thaw()
		synctest.Wait()
		if !isClosed(last) || b.Fault() != nil {
			t.Errorf("it answers again, and still: %v", b.Fault())
		}
		if n := b.disk.updates - before; n > 3 {
			t.Errorf("%d transactions for what is one", n)
		}
		if n := strings.Count(b.log.String(), "does not answer"); n != 1 || strings.Count(b.log.String(), "stored again") != 1 {
			t.Errorf("said: %s", b.log)
		}
		if err := b.Close(time.Second); err != nil {
			t.Error(err)
		}
		if x, y := stored(t, path); x != 101 || y != 101 {
			t.Errorf("%d, %d", x, y)
		}
	})
}

// TestRefuses: a full disk is told once however often it is tried, and what it did
// not take is written when it has room.
func TestRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, path)
		b.disk.refuse(syscall.ENOSPC)
		first := b.set(1)
		b.set(2)
		time.Sleep(10 * time.Minute)
		if err := b.Fault(); !errors.Is(err, syscall.ENOSPC) || isClosed(first) {
			t.Errorf("fault: %v", err)
		}
		b.disk.refuse(nil)
		time.Sleep(31 * time.Second)
		if b.Fault() != nil || !isClosed(first) {
			t.Errorf("it takes again, and still: %v", b.Fault())
		}
		if n := strings.Count(b.log.String(), "no space left"); n != 1 || strings.Count(b.log.String(), "stored again") != 1 {
			t.Errorf("said: %s", b.log)
		}
		b.Close(time.Second)
		if x, y := stored(t, path); x != 2 || y != 2 {
			t.Errorf("%d, %d", x, y)
		}
	})
}

// TestCloseIsBounded: a frozen file system does not hold up the end.
func TestCloseIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, path)
		thaw := b.disk.freeze()
		b.set(1)
		start := time.Now()
		if err := b.Close(3 * time.Second); err == nil || time.Since(start) != 3*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		thaw()
		<-b.ended
	})
}

// TestSlowStart: a disk that does not answer at the start is waited for as long as
// the caller says. What is stored there is loaded when it answers, and what was
// changed meanwhile is written on top of it.
func TestSlowStart(t *testing.T) {
	for name, fail := range map[string]func(d *disk) (mend func()){
		"frozen": (*disk).freeze,
		"refuses": func(d *disk) func() {
			d.refuse(os.ErrPermission)
			return func() { d.refuse(nil) }
		},
		"cannot be read": func(d *disk) func() {
			d.refuse(syscall.EIO)
			return func() { d.refuse(nil) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "db")
			synctest.Test(t, func(t *testing.T) {
				first := newBench(t, path)
				first.set(5)
				first.Close(time.Second)
				b := &bench{t: t, disk: new(disk), log: new(logBuffer), a: &number{key: "a"}, b: &number{key: "b"}, path: path}
				mend := fail(b.disk)
				start := time.Now()
				b.reopen()
				if took := time.Since(start); took > 6*time.Second {
					t.Errorf("the start took %v", took)
				}
				if b.Fault() == nil {
					t.Error("no fault is told")
				}
				b.a.set(6)
				b.Touch()
				time.Sleep(time.Minute)
				mend()
				time.Sleep(time.Minute)
				if b.Fault() != nil || b.a.was != 5 || b.b.was != 5 {
					t.Errorf("fault %v, loaded %d, %d", b.Fault(), b.a.was, b.b.was)
				}
				b.Close(time.Second)
				if x, y := stored(t, path); x != 6 || y != 5 {
					t.Errorf("%d, %d", x, y)
				}
				if n := strings.Count(b.log.String(), "cannot be stored"); n != 1 {
					t.Errorf("said: %s", b.log)
				}
			})
		})
	}
}

// TestLocked: a file that another process has open for a moment is waited for.
func TestLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	synctest.Test(t, func(t *testing.T) {
		first := newBench(t, path)
		first.set(5)
		time.AfterFunc(3*time.Second, func() { first.Close(time.Second) })
		b := newBench(t, path)
		if b.Fault() != nil || b.a.was != 5 || b.log.String() != "" {
			t.Errorf("fault %v, loaded %d, said: %s", b.Fault(), b.a.was, b.log)
		}
		// One that stays locked is tried again, and told.
		late := newBench(t, path)
		if err := late.Fault(); !errors.Is(err, durable.ErrLocked) {
			t.Errorf("fault: %v", err)
		}
		late.set(6)
		b.Close(time.Second)
		time.Sleep(31 * time.Second)
		if late.Fault() != nil || late.a.was != 5 {
			t.Errorf("fault %v, loaded %d", late.Fault(), late.a.was)
		}
		late.Close(time.Second)
		if x, y := stored(t, path); x != 6 || y != 6 {
			t.Errorf("%d, %d", x, y)
		}
	})
}

// TestReplaced: where a damaged file was replaced while all ran, the parts write all
// they have, though nothing of it has changed.
func TestReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, path)
		b.set(5)
		synctest.Wait()
		if err := os.WriteFile(path, make([]byte, 32<<10), 0o600); err != nil {
			t.Fatal(err)
		}
		b.Change(func() { b.a.set(6) })
		synctest.Wait()
		if b.Fault() != nil || b.Recovered() == nil || !strings.Contains(b.log.String(), "set aside") {
			t.Errorf("fault %v, recovered %v", b.Fault(), b.Recovered())
		}
		b.Close(time.Second)
		if x, y := stored(t, path); x != 6 || y != 5 {
			t.Errorf("%d, %d", x, y)
		}
	})
}

// TestTogether: what one change has made is never half in the file, however
// the disk and the changes meet.
func TestTogether(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	b := newBench(t, path)
	halves := 0
	b.disk.see = func(tx *bolt.Tx) {
		if n := tx.Bucket(numbers); string(n.Get([]byte("a"))) != string(n.Get([]byte("b"))) {
			halves++
		}
	}
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for n := range 50 {
				b.set(1 + g*1000 + n)
				time.Sleep(100 * time.Microsecond)
			}
		})
	}
	wg.Wait()
	if err := b.Close(time.Minute); err != nil {
		t.Error(err)
	}
	if halves > 0 || b.disk.updates < 2 {
		t.Errorf("%d times one half was stored, of %d", halves, b.disk.updates)
	}
	if x, y := stored(t, path); x != y || x == 0 {
		t.Errorf("%d, %d", x, y)
	}
}

// TestNoFile: without a file all works, and nothing is a fault.
func TestNoFile(t *testing.T) {
	b := newBench(t, "")
	b.set(1)
	if b.Fault() != nil || b.Kept() {
		t.Errorf("%v", b.Fault())
	}
	if err := b.Close(time.Second); err != nil {
		t.Error(err)
	}
}

// TestSwap: a part that takes the place of another one writes what it has, and is not
// loaded.
func TestSwap(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, path)
		b.set(5)
		synctest.Wait()
		next := &number{key: "a"}
		b.Swap(b.a, next, func() { next.set(b.a.n + 2) })
		b.Touch()
		b.a.set(99)
		synctest.Wait()
		if next.was != 0 {
			t.Error("it was loaded")
		}
		b.Close(time.Second)
		if x, y := stored(t, path); x != 7 || y != 5 {
			t.Errorf("%d, %d", x, y)
		}
	})
}
