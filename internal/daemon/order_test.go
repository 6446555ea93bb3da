package daemon

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"ecnutd/config"
	"ecnutd/internal/host/shutdown"
	"ecnutd/internal/store"
)

// A notebook notes in which order the outside was reached.
type notebook struct {
	mu    sync.Mutex
	lines []string
}

func (n *notebook) note(line string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lines = append(n.lines, line)
}

// A notedDB notes what is written to a disk.
type notedDB struct {
	store.Database
	book *notebook
}

func (d notedDB) Update(f func(*bolt.Tx) error) error {
	d.book.note("disk")
	return d.Database.Update(f)
}

// A slowPower is a virtual's, whose flag takes its time: a store that is not held
// writes meanwhile.
type slowPower struct {
	*virtual
	book *notebook
}

func (p slowPower) WriteFlag(path string, f shutdown.Flag) error {
	time.Sleep(300 * time.Millisecond)
	p.book.note("flag")
	return p.virtual.WriteFlag(path, f)
}

func (p slowPower) Off(c config.Command, f shutdown.Flag) {
	time.Sleep(300 * time.Millisecond)
	p.book.note("order")
	p.virtual.Off(c, f)
}

// TestOrderOfAShutdown: messages begin to leave, then come the flag and the order,
// and only then a note on the disk. final_delay is 0, so that all of it is one step.
func TestOrderOfAShutdown(t *testing.T) {
	inBubble(t, time.Hour, []string{"eaton"}, func(v *virtual) {
		book := new(notebook)
		v.open = func(ctx context.Context, path string) (store.Database, error) {
			db, err := store.File(ctx, path)
			return notedDB{db, book}, err
		}
		v.send = func(context.Context, string) error { book.note("message"); return nil }
		v.power = slowPower{v, book}
		v.start(`
ups: {eaton: {}}
state: "%s/state.db"
control: none
power_down_flag: "%s/killpower"
final_delay: 0s
messages: {routes: {phone: {free_mobile: {user: "12345678", password: x}}}}
events: {FSD: {message: false}, SHUTDOWN: {message: true}}
`)
		v.pass(20 * time.Second)
		book.mu.Lock()
		book.lines = nil
		book.mu.Unlock()
		v.force("move")
		v.pass(10 * time.Second)
		got := slices.Compact(book.lines)
		if len(got) > 4 {
			got = got[:4]
		}
		if want := []string{"message", "flag", "order", "disk"}; !slices.Equal(got, want) {
			t.Errorf("got %s\nlog:\n%s", strings.Join(book.lines, " "), v.log)
		}
	})
}
