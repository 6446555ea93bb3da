package world

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"

	"ecnutd/internal/durable"
	"ecnutd/internal/store"

	"ecnutd/internal/world/plan"
)

// A disk is what is wrong with the disk of the state, counted by incidents.
type disk struct {
	full, readOnly, stalled int
	harmedAt                time.Duration // when sectors of it were last damaged while no process ran
	wasHarmed               bool
	faultAt                 time.Duration // when it last began or ended to fail
	wasFault                bool
}

// fails reports whether what is stored may not get there, with mu.
func (d *disk) fails() bool { return d.full > 0 || d.readOnly > 0 || d.stalled > 0 }

// Open opens the file of the state.
func (l *life) Open(ctx context.Context, _ string) (store.Database, error) {
	l.effect(ofDisk, "open")
	if err := l.await(ctx); err != nil {
		return nil, err
	}
	w := l.w
	w.mu.Lock()
	readOnly := w.ills.readOnly > 0
	w.mu.Unlock()
	if readOnly {
		return nil, &os.PathError{Op: "open", Path: "state.db", Err: syscall.EROFS}
	}
	db, err := w.files.Open(ctx, w.image())
	if err != nil {
		return nil, err
	}
	l.look(ofDisk, "open")
	return &database{db, l}, nil
}

// A database is the file of the state, as a process has it open.
type database struct {
	store.Database
	l *life
}

// commitTime is how long the disk takes for a transaction.
const commitTime = 12 * time.Millisecond

// View reads, when the disk answers.
func (d *database) View(f func(*bolt.Tx) error) error {
	if err := d.l.await(context.Background()); err != nil {
		return err
	}
	d.l.look(ofDisk, "read")
	return d.Database.View(f)
}

// Update writes. A kill comes before it or after it, and after it again, before
// anybody has heard of it.
func (d *database) Update(f func(*bolt.Tx) error) error {
	w := d.l.w
	begun := w.at()
	time.Sleep(commitTime)
	if err := d.l.await(context.Background()); err != nil {
		return err
	}
	d.l.effect(ofDisk, "write")
	w.mu.Lock()
	full, readOnly := w.ills.full > 0, w.ills.readOnly > 0
	w.mu.Unlock()
	switch {
	case readOnly:
		return &os.PathError{Op: "write", Path: "state.db", Err: syscall.EROFS}
	case full:
		return &os.PathError{Op: "write", Path: "state.db", Err: syscall.ENOSPC}
	}
	err := d.Database.Update(f)
	if err == nil {
		w.stored(d.l, begun)
	}
	d.l.effect(ofDisk, "write")
	return err
}

// Close closes the file.
func (d *database) Close() error { return d.Database.Close() }

// Recovery says what was done about a damaged file.
func (d *database) Recovery() (*durable.Recovery, int) { return d.Database.Recovery() }

// await waits for as long as the disk is stalled. It is over where the process has
// died meanwhile.
func (l *life) await(ctx context.Context) error {
	for {
		l.w.mu.Lock()
		stalled := l.w.ills.stalled > 0
		l.w.mu.Unlock()
		if !stalled {
			return nil
		}
		select {
		case <-time.After(500 * time.Millisecond):
		case <-l.grave:
		case <-ctx.Done():
			return ctx.Err()
		}
		l.look(ofDisk, "stalled")
	}
}

// damage makes junk of a sector of the state.
func (w *world) damage(n int) {
	path := w.image()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil || st.Size() < sector {
		return
	}
	r := plan.Stream(w.plan.Seed, fmt.Sprintf("sector %d", n))
	junk := make([]byte, sector)
	if n%2 == 0 {
		for i := range junk {
			junk[i] = byte(r.Uint32())
		}
	}
	at := r.Int64N(st.Size()/sector) * sector
	_, _ = f.WriteAt(junk, at)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.life == nil {
		w.ills.harmedAt, w.ills.wasHarmed = w.at(), true
	}
}

const sector = 512

// imageAt is the file of the state of the process that is the nth to be killed.
func (w *world) imageAt(n int) string { return filepath.Join(w.dir, fmt.Sprintf("state%d.db", n)) }

// image is the file of the state.
func (w *world) image() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.imageAt(w.images)
}
