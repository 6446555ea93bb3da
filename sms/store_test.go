package sms

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	bolt "go.etcd.io/bbolt"
	"golang.org/x/sys/unix"

	"ecnutd/internal/durable"
	"ecnutd/internal/store"
)

// stored is how many entries stand in a bucket of a file that nobody has open.
func stored(t *testing.T, file string, bucket []byte) (n int) {
	t.Helper()
	atFile(t, file, func(tx *bolt.Tx) error {
		if top := tx.Bucket(topBucket); top != nil && top.Bucket(bucket) != nil {
			n = top.Bucket(bucket).Stats().KeyN
		}
		return nil
	})
	return n
}

// atFile runs a transaction on a file that nobody has open.
func atFile(t *testing.T, file string, f func(*bolt.Tx) error) {
	t.Helper()
	db, err := durable.Open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(f), db.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestRestart: what waits is there after a restart, in order, with what was
// known about it, and goes as one text; what was delivered is not.
func TestRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "db")
		s := openStore(t, file)
		f := newFake("a")
		o, stop := start(t, s, quiet(), f)
		queue(t, o, "delivered")
		synctest.Wait()
		f.set(down)
		begin := time.Now()
		id := queue(t, o, "mains lost")
		queue(t, o, "shutting down")
		time.Sleep(2 * time.Minute)
		stop()
		s.Close(time.Second)
		if n := stored(t, file, waitBucket); n != 2 {
			t.Errorf("%d entries stored", n)
		}
		again := newFake("a")
		s = openStore(t, file)
		o = newOutbox(t, s, quiet(), again)
		p := o.Pending()
		if len(p) != 2 || p[0].ID != id || p[0].Text != "mains lost" || p[0].Attempts == 0 || p[0].LastError == "" || !p[0].At.Equal(begin) {
			t.Fatalf("pending: %+v", p)
		}
		stop = run(t, o)
		clock := begin.Local().Format("15:04:05")
		wantTexts(t, again, fmt.Sprintf("2 messages:\n%s mains lost\n%s shutting down", clock, clock))
		stop()
		s.Close(time.Second)
		if n := stored(t, file, waitBucket); n != 0 {
			t.Errorf("%d entries stored after delivery", n)
		}
		o = newOutbox(t, openStore(t, file), quiet(), again)
		if next := queue(t, o, "next"); next <= id+1 {
			t.Errorf("number %d was given out twice", next)
		}
	})
}

// TestRefusedIsStored, up to the number that is kept.
func TestRefusedIsStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "db")
		s := openStore(t, file)
		f := newFake("a")
		f.set(refuse)
		opts := quiet()
		opts.MaxRefused, opts.Every = 2, -1
		o, stop := start(t, s, opts, f)
		queue(t, o, "one", "two", "three")
		synctest.Wait()
		stop()
		s.Close(time.Second)
		if n := stored(t, file, lostBucket); n != 2 {
			t.Errorf("%d refused entries stored", n)
		}
		s = openStore(t, file)
		o = newOutbox(t, s, opts, f)
		r := o.Refused()
		if len(r) != 2 || r[0].Text != "two" || r[1].Text != "three" || r[1].LastError != "fake: no such account" {
			t.Errorf("refused: %+v", r)
		}
		o.Drop(r[0].ID)
		s.Close(time.Second)
		if n := stored(t, file, lostBucket); n != 1 {
			t.Errorf("%d refused entries stored after a drop", n)
		}
	})
}

// TestOrphan: a route that is no longer configured keeps its messages until it
// is configured again or they are dropped.
func TestOrphan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "db")
		s := openStore(t, file)
		o := newOutbox(t, s, quiet(), newFake("old"))
		id := queue(t, o, "one")
		queue(t, o, "two")
		s.Close(time.Second)
		s = openStore(t, file)
		o = newOutbox(t, s, quiet(), newFake("new"))
		if p := o.Pending(); len(p) != 2 || !strings.Contains(p[0].LastError, "configured") {
			t.Fatalf("pending: %+v", p)
		}
		o.Drop(id)
		s.Close(time.Second)
		f := newFake("old")
		start(t, openStore(t, file), quiet(), f)
		wantTexts(t, f, "two")
	})
}

// TestInherit: an outbox that takes the place of another one sends nothing that
// was delivered, even where the disk has not taken note of that, and what is
// left of the old one waits for its route.
func TestInherit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "db")
		s := openStore(t, file)
		queue(t, newOutbox(t, s, quiet(), newFake("a"), newFake("b")), "stored")
		s.Close(time.Second)

		disk := &stubborn{}
		s = store.Open(store.Options{Path: file, Open: disk.open, Log: slog.New(slog.DiscardHandler)})
		defer s.Close(time.Second)
		a, b := newFake("a"), newFake("b")
		b.set(down)
		disk.refuses.Store(true)
		old, stop := start(t, s, quiet(), a, b)
		wantTexts(t, a, "stored")
		stop()

		var log bytes.Buffer
		opts := quiet()
		opts.Log, opts.Touch = slog.New(slog.NewTextHandler(&log, nil)), s.Touch
		next, err := NewOutbox([]Route{a}, opts)
		if err != nil {
			t.Fatal(err)
		}
		s.Swap(old, next, func() { next.Inherit(old) })
		stop = run(t, next)
		wantTexts(t, a, "stored")
		stop()
		p, r := next.Pending(), next.Routes()
		if len(p) != 1 || p[0].Route != "b" || p[0].LastError != noRoute {
			t.Errorf("pending: %+v", p)
		}
		if len(r) != 2 || r[1].Name != "b" || !r[1].Removed || r[1].Pending != 1 {
			t.Errorf("routes: %+v", r)
		}
		if !strings.Contains(log.String(), "no route of this name") || !strings.Contains(log.String(), "route=b messages=1") {
			t.Errorf("log: %s", &log)
		}

		last, err := NewOutbox([]Route{a, b}, opts)
		if err != nil {
			t.Fatal(err)
		}
		s.Swap(next, last, func() { last.Inherit(next) })
		if p := last.Pending(); len(p) != 1 || p[0].LastError != "" {
			t.Errorf("pending: %+v", p)
		}
		b.set(nil)
		disk.refuses.Store(false)
		stop = run(t, last)
		wantTexts(t, a, "stored")
		wantTexts(t, b, "stored")
		stop()
		s.Close(time.Second)
		if n := stored(t, file, waitBucket); n != 0 {
			t.Errorf("%d are still stored", n)
		}
	})
}

// A stubborn disk refuses every transaction that writes while it is told to, or
// does not answer.
type stubborn struct {
	refuses atomic.Bool
	stalls  atomic.Pointer[chan struct{}] // closed when it answers again
}

type stubbornDB struct {
	store.Database
	disk *stubborn
}

func (d *stubborn) open(ctx context.Context, path string) (store.Database, error) {
	db, err := store.File(ctx, path)
	return stubbornDB{db, d}, err
}

func (d stubbornDB) Update(f func(*bolt.Tx) error) error {
	if stalls := d.disk.stalls.Load(); stalls != nil {
		<-*stalls
	}
	if d.disk.refuses.Load() {
		return unix.ENOSPC
	}
	return d.Database.Update(f)
}

// TestStalledDisk: messages go out at once while the disk does not answer, one after
// the other; nothing waits for it for more than a moment. What a killed
// process would send once more is what the disk had not taken note of.
func TestStalledDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "db")
		disk := &stubborn{}
		s := store.Open(store.Options{Path: file, Open: disk.open, Log: slog.New(slog.DiscardHandler)})
		f := newFake("a")
		opts := quiet()
		opts.Every = -1
		o, stop := start(t, s, opts, f)
		queue(t, o, "zero")
		synctest.Wait()
		stalls := make(chan struct{})
		disk.stalls.Store(&stalls)
		began := time.Now()
		queue(t, o, "one", "two", "three", "four")
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := o.Flush(ctx); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took > 1100*time.Millisecond {
			t.Errorf("they took %v", took)
		}
		wantTexts(t, f, "zero", "one", "two", "three", "four")
		image, err := os.ReadFile(file) // what a kill would leave
		if err != nil {
			t.Fatal(err)
		}
		stop()
		disk.stalls.Store(nil)
		close(stalls)
		if err := s.Close(time.Second); err != nil {
			t.Error(err)
		}
		if n := stored(t, file, waitBucket); n != 0 {
			t.Errorf("%d are still stored", n)
		}
		killed := filepath.Join(t.TempDir(), "db")
		if err := os.WriteFile(killed, image, 0o600); err != nil {
			t.Fatal(err)
		}
		if n := stored(t, killed, waitBucket); n != 0 {
			t.Errorf("%d would wait after a kill", n)
		}
	})
}

// TestLateDisk: a disk that answers only after messages were queued has older ones,
// with the same numbers. All go out once, the older ones first, and the numbers are
// told apart.
func TestLateDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "db")
		s := openStore(t, file)
		queue(t, newOutbox(t, s, quiet(), newFake("a")), "old one", "old two")
		s.Close(time.Second)
		var late atomic.Bool
		s = store.Open(store.Options{Path: file, Log: slog.New(slog.DiscardHandler), Open: func(ctx context.Context, path string) (store.Database, error) {
			if !late.Load() {
				return nil, unix.EIO
			}
			return store.File(ctx, path)
		}})
		f := newFake("a")
		f.set(down)
		opts := quiet()
		opts.Every, opts.Touch = -1, s.Touch
		o, err := NewOutbox([]Route{f}, opts)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Join(o); !errors.Is(err, store.ErrNotYet) {
			t.Fatal(err)
		}
		stop := run(t, o)
		queue(t, o, "new one", "new two", "new three")
		synctest.Wait()
		late.Store(true)
		time.Sleep(2 * time.Minute)
		var got []string
		for _, e := range o.Pending() {
			got = append(got, fmt.Sprint(e.ID, " ", e.Text))
		}
		if diff := cmp.Diff([]string{"1 old one", "2 old two", "3 new one", "4 new two", "5 new three"}, got); diff != "" {
			t.Errorf("pending (-want +got):\n%s", diff)
		}
		f.set(nil)
		o.Kick()
		time.Sleep(time.Hour)
		all := strings.Join(f.texts(), "\n")
		for _, text := range []string{"old one", "old two", "new one", "new two", "new three"} {
			if strings.Count(all, text) != 1 {
				t.Errorf("%q in\n%s", text, all)
			}
		}
		if queue(t, o, "next") != 6 {
			t.Error("a number was given out twice")
		}
		time.Sleep(time.Hour)
		stop()
		s.Close(time.Second)
		if n := stored(t, file, waitBucket); n != 0 {
			t.Errorf("%d are still stored", n)
		}
	})
}

// TestUnusable: a route that cannot be made keeps its messages, and a fallback
// stands in for it.
func TestUnusable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		modem := newFake("modem")
		opts := quiet()
		opts.Every = -1
		a, b := NewUnusable("a", errors.New("a: no secret")), NewUnusable("b", errors.New("no secret"))
		o, _ := start(t, nil, opts, a, b, NewFallback(modem, []string{"b"}, 1, 0))
		queue(t, o, "one")
		wantTexts(t, modem, "one")
		if p := o.Pending(); len(p) != 1 || p[0].Route != "a" || p[0].LastError != "a: the route cannot be used: no secret" {
			t.Errorf("pending: %+v", p)
		}
	})
}

// TestReadOnly: on a disk that takes nothing messages go out from memory, and a
// reload takes over what no disk has.
func TestReadOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := &stubborn{}
		disk.refuses.Store(true)
		s := store.Open(store.Options{Path: filepath.Join(t.TempDir(), "db"), Open: disk.open, Log: slog.New(slog.DiscardHandler)})
		defer s.Close(time.Second)
		f := newFake("a")
		opts := quiet()
		opts.Every = -1
		o, stop := start(t, s, opts, f)
		queue(t, o, "one", "two")
		time.Sleep(2 * time.Second)
		wantTexts(t, f, "one", "two")
		if err := s.Fault(); !errors.Is(err, unix.ENOSPC) {
			t.Errorf("fault: %v", err)
		}
		f.set(down)
		queue(t, o, "three")
		synctest.Wait()
		if p := o.Pending(); len(p) != 1 || !p[0].Unsaved {
			t.Errorf("pending: %+v", p)
		}
		stop()
		g := newFake("a")
		next, err := NewOutbox([]Route{g}, opts)
		if err != nil {
			t.Fatal(err)
		}
		s.Swap(o, next, func() { next.Inherit(o) })
		run(t, next)
		wantTexts(t, g, "three")
	})
}

// TestFullDisk uses a file system of 256 kB that fills up and is emptied.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=256k"); err != nil {
		t.Skipf("no file system of one's own here: %v", err)
	}
	defer unix.Unmount(dir, unix.MNT_DETACH)
	synctest.Test(t, func(t *testing.T) {
		file := filepath.Join(dir, "db")
		s := openStore(t, file)
		f := newFake("a")
		f.set(down)
		opts := quiet()
		opts.Every = -1
		opts.LateAfter = time.Hour
		o, stop := start(t, s, opts, f)
		queue(t, o, "stored")
		synctest.Wait()
		ballast := filepath.Join(dir, "ballast")
		os.WriteFile(ballast, make([]byte, 1<<20), 0o600) // fills what there is
		var want []string
		for i := range 40 {
			want = append(want, fmt.Sprintf("%02d %s", i, strings.Repeat("x", 900)))
		}
		queue(t, o, want...)
		synctest.Wait()
		if err := s.Fault(); !errors.Is(err, unix.ENOSPC) {
			t.Fatalf("fault: %v", err)
		}
		os.Remove(ballast)
		time.Sleep(time.Minute)
		synctest.Wait()
		if err := s.Fault(); err != nil {
			t.Errorf("the disk has room again, and still: %v", err)
		}
		for _, e := range o.Pending() {
			if e.Unsaved {
				t.Errorf("%d is not stored", e.Seq)
			}
		}
		f.set(nil)
		o.Kick()
		time.Sleep(time.Minute)
		if diff := cmp.Diff(append([]string{"stored"}, want...), f.texts()); diff != "" {
			t.Error(diff)
		}
		stop()
		s.Close(time.Second)
		if n := stored(t, file, waitBucket); n != 0 {
			t.Errorf("%d left in the database", n)
		}
	})
}

// TestDamagedValue: what is left of a damaged entry is shown; the others go
// out.
func TestDamagedValue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "db")
		s := openStore(t, file)
		o := newOutbox(t, s, quiet(), newFake("a"))
		queue(t, o, "one")
		bad := queue(t, o, "mains lost")
		queue(t, o, "three")
		s.Close(time.Second)
		atFile(t, file, func(tx *bolt.Tx) error {
			b := tx.Bucket(topBucket).Bucket(waitBucket)
			v := append([]byte(nil), b.Get(key(bad))...)
			at := strings.Index(string(v), "mains")
			v[at] ^= 1 // "lains": JSON as good as before
			b.Put(key(bad), v)
			b.Put([]byte("odd"), []byte("key"))
			b.Put(key(99), nil)
			_, err := b.CreateBucket(key(100))
			return err
		})
		f := newFake("a")
		opts := quiet()
		opts.Every = -1
		opts.LateAfter = time.Hour
		o, _ = start(t, openStore(t, file), opts, f)
		time.Sleep(time.Minute)
		if got := strings.Join(f.texts(), " "); !strings.Contains(got, "one") || !strings.Contains(got, "three") || strings.Contains(got, "lains") {
			t.Errorf("took %q", got)
		}
		if err := o.Fault(); err == nil || !strings.Contains(err.Error(), "3 stored messages were damaged") {
			t.Errorf("fault: %v", err)
		}
		r := o.Refused()
		if len(r) != 3 || r[0].Verdict != Unreadable || !strings.Contains(r[0].Text, "lains lost") {
			t.Errorf("refused: %+v", r)
		}
		for _, e := range r {
			o.Drop(e.ID)
		}
		if err := o.Fault(); err != nil {
			t.Errorf("still a fault after all were dropped: %v", err)
		}
	})
}

// TestDamagedFile: a file with damaged pages neither crashes nor stops what is
// queued now; the sweep damages every page in several ways.
func TestDamagedFile(t *testing.T) {
	dir := t.TempDir()
	whole := filepath.Join(dir, "whole")
	s := openStore(t, whole)
	o := newOutbox(t, s, quiet(), newFake("a"))
	for i := range 30 {
		queue(t, o, fmt.Sprintf("%02d %s", i, strings.Repeat("x", 300)))
	}
	s.Close(time.Minute)
	good, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	lost, total := 0, 0
	for page := range len(good) / 4096 {
		for way := range 6 {
			bad := append([]byte(nil), good...)
			p := bad[page*4096 : (page+1)*4096]
			switch way {
			case 0:
				clear(p)
			case 1:
				for i := range p {
					p[i] = byte(rng.Uint32())
				}
			case 2: // count of elements
				binary.NativeEndian.PutUint16(p[10:], 0xfff0)
			case 3: // place of the first element
				binary.NativeEndian.PutUint32(p[16+4:], 0xfffffff0)
			case 4: // overflow pages
				binary.NativeEndian.PutUint32(p[12:], 0x00ffffff)
			default:
				for range 8 {
					p[rng.IntN(64)] ^= 1 << rng.IntN(8)
				}
			}
			file := filepath.Join(t.TempDir(), "bad")
			os.WriteFile(file, bad, 0o600)
			total++
			synctest.Test(t, func(t *testing.T) {
				s := openStore(t, file)
				f := newFake("a")
				f.takes = time.Millisecond
				o := newOutbox(t, s, quiet(), f)
				if len(o.Pending()) < 30 {
					lost++
				}
				stop := run(t, o)
				queue(t, o, "queued now")
				time.Sleep(24 * time.Hour)
				stop()
				if err := s.Close(time.Second); err != nil {
					t.Errorf("page %d, way %d: %v", page, way, err)
				}
				if got := strings.Join(f.texts(), "\n"); !strings.Contains(got, "queued now") {
					t.Errorf("page %d, way %d: what was queued now did not go out", page, way)
				}
			})
		}
	}
	t.Logf("of %d damaged files %d had lost messages", total, lost)
}

// FuzzDecode: whatever stands in the database, an entry comes out or what is
// left of one, and a good one survives the round trip.
func FuzzDecode(f *testing.F) {
	f.Add(key(7), encode(Entry{Seq: 7, ID: 7, Route: "a", Text: "x"}))
	f.Add([]byte("odd"), []byte{})
	f.Fuzz(func(t *testing.T, k, v []byte) {
		e, ok := decode(k, v)
		if ok {
			if again, ok := decode(key(e.Seq), encode(e)); !ok || again.Text != e.Text {
				t.Fatalf("%+v became %+v", e, again)
			}
		} else if len(k) == 8 && e.Verdict != Unreadable {
			t.Fatalf("%+v", e)
		}
	})
}
