package sms

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	bolt "go.etcd.io/bbolt"
	"golang.org/x/sys/unix"

	"ecnutd/internal/durable"
)

// stored is how many entries stand in a bucket of the database.
func stored(t *testing.T, db *bolt.DB, bucket []byte) int {
	t.Helper()
	n := 0
	err := db.View(func(tx *bolt.Tx) error {
		if top := tx.Bucket(topBucket); top != nil && top.Bucket(bucket) != nil {
			n = top.Bucket(bucket).Stats().KeyN
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestRestart: what waits is there after a restart, in order, with what was
// known about it, and goes as one text; what was delivered is not.
func TestRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := openDB(t, filepath.Join(t.TempDir(), "db"))
		f := newFake("a")
		o, stop := start(t, db, quiet(), f)
		queue(t, o, "delivered")
		synctest.Wait()
		f.set(down)
		begin := time.Now()
		id := queue(t, o, "mains lost")
		queue(t, o, "shutting down")
		time.Sleep(2 * time.Minute)
		stop()
		if n := stored(t, db, waitBucket); n != 2 {
			t.Errorf("%d entries stored", n)
		}
		again := newFake("a")
		o, err := NewOutbox(durable.Guard(db), []Route{again}, quiet())
		if err != nil {
			t.Fatal(err)
		}
		p := o.Pending()
		if len(p) != 2 || p[0].ID != id || p[0].Text != "mains lost" || p[0].Attempts == 0 || p[0].LastError == "" || !p[0].At.Equal(begin) {
			t.Fatalf("pending: %+v", p)
		}
		run(t, o)
		clock := begin.Local().Format("15:04:05")
		wantTexts(t, again, fmt.Sprintf("2 messages:\n%s mains lost\n%s shutting down", clock, clock))
		if n := stored(t, db, waitBucket); n != 0 {
			t.Errorf("%d entries stored after delivery", n)
		}
		if next := queue(t, o, "next"); next <= id+1 {
			t.Errorf("number %d was given out twice", next)
		}
	})
}

// TestRefusedIsStored, up to the number that is kept.
func TestRefusedIsStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := openDB(t, filepath.Join(t.TempDir(), "db"))
		f := newFake("a")
		f.set(refuse)
		opts := quiet()
		opts.MaxRefused, opts.Every = 2, -1
		o, stop := start(t, db, opts, f)
		queue(t, o, "one", "two", "three")
		synctest.Wait()
		stop()
		if n := stored(t, db, lostBucket); n != 2 {
			t.Errorf("%d refused entries stored", n)
		}
		o, err := NewOutbox(durable.Guard(db), []Route{f}, opts)
		if err != nil {
			t.Fatal(err)
		}
		r := o.Refused()
		if len(r) != 2 || r[0].Text != "two" || r[1].Text != "three" || r[1].LastError != "fake: no such account" {
			t.Errorf("refused: %+v", r)
		}
		o.Drop(r[0].ID)
		if n := stored(t, db, lostBucket); n != 1 {
			t.Errorf("%d refused entries stored after a drop", n)
		}
	})
}

// TestQueueTx: message and state are stored together or not at all.
func TestQueueTx(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := openDB(t, filepath.Join(t.TempDir(), "db"))
		f := newFake("a")
		opts := quiet()
		opts.Every = -1
		o, _ := start(t, db, opts, f)
		state := func(tx *bolt.Tx) error {
			b, err := tx.CreateBucketIfNotExists([]byte("state"))
			if err != nil {
				return err
			}
			return b.Put([]byte("k"), []byte("v"))
		}
		undone := errors.New("undone")
		err := db.Update(func(tx *bolt.Tx) error {
			if _, err := o.QueueTx(tx, Message{Text: "never"}); err != nil {
				return err
			}
			return undone
		})
		if err != undone {
			t.Fatal(err)
		}
		wantTexts(t, f)
		err = db.Update(func(tx *bolt.Tx) error {
			_, err := o.QueueTx(tx, Message{Text: "one"})
			_, err2 := o.QueueTx(tx, Message{Text: "two"})
			synctest.Wait()
			if n := len(f.requests()); n != 0 {
				t.Errorf("sent before the commit")
			}
			return errors.Join(err, err2, state(tx))
		})
		if err != nil {
			t.Fatal(err)
		}
		wantTexts(t, f, "one", "two")
		if _, err := o.Queue(Message{Text: "three"}); err != nil {
			t.Error(err)
		}
		wantTexts(t, f, "one", "two", "three")
	})
}

// TestOrphan: a route that is no longer configured keeps its messages until it
// is configured again or they are dropped.
func TestOrphan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := openDB(t, filepath.Join(t.TempDir(), "db"))
		o, _ := NewOutbox(durable.Guard(db), []Route{newFake("old")}, quiet())
		id := queue(t, o, "one")
		queue(t, o, "two")
		o, _ = NewOutbox(durable.Guard(db), []Route{newFake("new")}, quiet())
		if p := o.Pending(); len(p) != 2 || !strings.Contains(p[0].LastError, "configured") {
			t.Fatalf("pending: %+v", p)
		}
		o.Drop(id)
		f := newFake("old")
		start(t, db, quiet(), f)
		wantTexts(t, f, "two")
	})
}

// TestInherit: an outbox that takes the place of another one sends nothing that
// was delivered, even where the disk has not taken note of that, and what is
// left of the old one waits for its route.
func TestInherit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "db")
		db := openDB(t, file)
		o, _ := NewOutbox(durable.Guard(db), []Route{newFake("a"), newFake("b")}, quiet())
		queue(t, o, "stored")
		db.Close()
		db, err := bolt.Open(file, 0o600, &bolt.Options{ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		guarded := durable.Guard(db)

		a, b := newFake("a"), newFake("b")
		b.set(down)
		old, err := NewOutbox(guarded, []Route{a, b}, quiet())
		if err != nil {
			t.Fatal(err)
		}
		stop := run(t, old)
		wantTexts(t, a, "stored")
		stop()

		var log bytes.Buffer
		opts := quiet()
		opts.Log = slog.New(slog.NewTextHandler(&log, nil))
		next, err := NewOutbox(guarded, []Route{a}, opts)
		if err != nil {
			t.Fatal(err)
		}
		next.Inherit(old)
		stop = run(t, next)
		wantTexts(t, a, "stored")
		stop()
		p, r := next.Pending(), next.Routes()
		if len(p) != 1 || p[0].Route != "b" || p[0].LastError != noRoute || next.Fault() == nil {
			t.Errorf("pending: %+v, fault: %v", p, next.Fault())
		}
		if len(r) != 2 || r[1].Name != "b" || !r[1].Removed || r[1].Pending != 1 {
			t.Errorf("routes: %+v", r)
		}
		if !strings.Contains(log.String(), "no route of this name") || !strings.Contains(log.String(), "route=b messages=1") {
			t.Errorf("log: %s", &log)
		}

		last, err := NewOutbox(guarded, []Route{a, b}, opts)
		if err != nil {
			t.Fatal(err)
		}
		last.Inherit(next)
		if p := last.Pending(); len(p) != 1 || p[0].LastError != "" {
			t.Errorf("pending: %+v", p)
		}
		b.set(nil)
		run(t, last)
		wantTexts(t, a, "stored")
		wantTexts(t, b, "stored")
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

// TestReadOnly: on a disk that takes nothing messages go out from memory; the
// fault is told, and ends when the disk takes them again.
func TestReadOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "db")
		openDB(t, file).Close()
		db, err := bolt.Open(file, 0o600, &bolt.Options{ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		f := newFake("a")
		opts := quiet()
		opts.Every = -1
		o, stop := start(t, db, opts, f)
		queue(t, o, "one", "two")
		wantTexts(t, f, "one", "two")
		if err := o.Fault(); err == nil || !strings.Contains(err.Error(), "read-only") {
			t.Errorf("fault: %v", err)
		}
		f.set(down)
		queue(t, o, "three")
		synctest.Wait()
		if p := o.Pending(); len(p) != 1 || !p[0].Unsaved {
			t.Errorf("pending: %+v", p)
		}
		stop()
		// A reload takes over what no disk has.
		g := newFake("a")
		next, err := NewOutbox(nil, []Route{g}, opts)
		if err != nil {
			t.Fatal(err)
		}
		next.Inherit(o)
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
		db, err := bolt.Open(filepath.Join(dir, "db"), 0o600, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		f := newFake("a")
		f.set(down)
		opts := quiet()
		opts.Every = -1
		opts.LateAfter = time.Hour
		o, stop := start(t, db, opts, f)
		queue(t, o, "stored")
		synctest.Wait()
		ballast := filepath.Join(dir, "ballast")
		os.WriteFile(ballast, make([]byte, 1<<20), 0o600) // fills what there is
		var want []string
		for i := range 40 {
			want = append(want, fmt.Sprintf("%02d %s", i, strings.Repeat("x", 900)))
		}
		queue(t, o, want...)
		if o.Fault() == nil || !strings.Contains(o.Fault().Error(), "no space left") {
			t.Fatalf("fault: %v", o.Fault())
		}
		os.Remove(ballast)
		time.Sleep(storeRetry)
		synctest.Wait()
		if err := o.Fault(); err != nil {
			t.Errorf("the disk has room again, and still: %v", err)
		}
		for _, e := range o.Pending() {
			if e.Unsaved {
				t.Errorf("%d is not stored", e.Seq)
			}
		}
		f.set(nil)
		o.Kick()
		synctest.Wait()
		if diff := cmp.Diff(append([]string{"stored"}, want...), f.texts()); diff != "" {
			t.Error(diff)
		}
		stop()
		if n := stored(t, db, waitBucket); n != 0 {
			t.Errorf("%d left in the database", n)
		}
	})
}

// TestDamagedValue: what is left of a damaged entry is shown; the others go
// out.
func TestDamagedValue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := openDB(t, filepath.Join(t.TempDir(), "db"))
		o, _ := NewOutbox(durable.Guard(db), []Route{newFake("a")}, quiet())
		queue(t, o, "one")
		bad := queue(t, o, "mains lost")
		queue(t, o, "three")
		db.Update(func(tx *bolt.Tx) error {
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
		o, _ = start(t, db, opts, f)
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
	db := openDB(t, whole)
	o, _ := NewOutbox(durable.Guard(db), []Route{newFake("a")}, quiet())
	for i := range 60 {
		queue(t, o, fmt.Sprintf("%02d %s", i, strings.Repeat("x", 300)))
	}
	db.Close()
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
			file := filepath.Join(dir, "bad")
			os.WriteFile(file, bad, 0o600)
			db, err := durable.Open(t.Context(), file)
			if err != nil {
				t.Fatalf("page %d, way %d: %v", page, way, err)
			}
			total++
			synctest.Test(t, func(t *testing.T) {
				f := newFake("a")
				f.takes = time.Millisecond
				opts := quiet()
				opts.Every = -1
				o, err := NewOutbox(db, []Route{f}, opts)
				if err != nil {
					t.Fatal(err)
				}
				if len(o.Pending()) < 60 {
					lost++
				}
				stop := run(t, o)
				queue(t, o, "queued now")
				time.Sleep(time.Hour)
				stop()
				if got := strings.Join(f.texts(), "\n"); !strings.Contains(got, "queued now") || o.Fault() != nil {
					t.Fatalf("page %d, way %d: what was queued now did not go out or is not stored: %v", page, way, o.Fault())
				}
			})
			db.Close()
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
