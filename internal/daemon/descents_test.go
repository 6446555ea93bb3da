package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ecnutd/config"
	"ecnutd/internal/host/shutdown"
	"ecnutd/monitor"
)

// A rooted is the power of a host with root's real helper, whose command and
// systemd are the test's.
type rooted struct {
	*virtual
	kind string // of command: fails, returns, pending, hangs; of "nobody" no helper takes the order, and it fails

	mu     sync.Mutex
	starts []time.Duration // of the command
	atWork int
	most   int
	booked bool // systemd has a shutdown scheduled
	helps  bool // a helper is at work
	giveUp context.CancelFunc
	undone []time.Duration
	helper sync.WaitGroup
	ctx    context.Context
}

func (r *rooted) now() time.Duration { return time.Duration(r.Now()) }
func (r *rooted) request() string    { return filepath.Join(r.dir, "shutdown") }
func (r *rooted) status() string     { return filepath.Join(r.dir, "status.json") }
func (r *rooted) orderer() *shutdown.Orderer {
	return &shutdown.Orderer{Log: slog.New(slog.NewTextHandler(r.log, nil)), Request: r.request(), Now: r.now, Start: r.command}
}

// WriteFlag and the others use real files.
func (r *rooted) WriteFlag(path string, f shutdown.Flag) error {
	return shutdown.Place{Flag: path}.Write(f)
}
func (r *rooted) ReadFlag(path string) shutdown.FlagFound { return shutdown.ReadFlag(path, r.id) }
func (r *rooted) RemoveFlag(path string) error            { return shutdown.Place{Flag: path}.Remove(r.id) }

// Off orders the shutdown; systemd starts the helper, where none is at work.
func (r *rooted) Off(c config.Command, order shutdown.Flag) {
	tries, end := context.WithCancel(r.ctx)
	r.mu.Lock()
	if r.giveUp != nil {
		r.giveUp()
	}
	r.giveUp = end
	r.mu.Unlock()
	go r.orderer().Order(tries, c, order)
	if r.kind != "nobody" {
		r.help()
	}
}

func (r *rooted) help() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.helps {
		return
	}
	r.helps = true
	c := config.Minimal("eaton")
	c.PowerDownFlag = filepath.Join(r.dir, "killpower")
	h := &shutdown.Helper{
		Log: slog.New(slog.NewTextHandler(r.log, nil)), Request: r.request(), Status: r.status(), Boot: r.id, Now: r.now, Config: c,
		Start: r.command, Adopt: func(int, uint64) *shutdown.Running { return nil },
		Ask: func(context.Context) (shutdown.Pending, string, error) {
			r.mu.Lock()
			defer r.mu.Unlock()
			if r.booked {
				return shutdown.Scheduled, "poweroff", nil
			}
			return shutdown.NotPending, "", nil
		},
		Undo: func(context.Context) error {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.undone, r.booked = append(r.undone, r.now()), false
			return nil
		},
	}
	r.helper.Go(func() {
		for r.ctx.Err() == nil { // as a path unit does
			time.Sleep(100 * time.Millisecond)
			_ = h.Run(r.ctx)
			if left, _ := filepath.Glob(r.request() + "*"); len(left) == 0 {
				break
			}
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.helps = false
	})
}

// command is what the shutdown command does.
func (r *rooted) command(config.Command) (*shutdown.Running, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.starts = append(r.starts, r.now())
	r.atWork++
	r.most = max(r.most, r.atWork)
	ended := make(chan error, 1)
	end := func(err error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.atWork--
		r.booked = r.kind == "pending"
		ended <- err
	}
	switch r.kind {
	case "fails", "nobody":
		time.AfterFunc(4*time.Second, func() { end(errors.New("it fails")) })
	case "returns", "pending":
		time.AfterFunc(time.Second, func() { end(nil) })
	}
	return &shutdown.Running{PID: 100 + len(r.starts), Start: 1, Ended: ended}, nil
}

// Follow is the real one.
func (r *rooted) Follow(ctx context.Context, again bool, heard func(shutdown.Progress)) {
	shutdown.Follow(ctx, []string{r.status()}, r.id, r.now, 0, func() shutdown.Progress {
		r.mu.Lock()
		defer r.mu.Unlock()
		return shutdown.Progress{Ended: true, Pending: r.atWork > 0 && r.now()-r.starts[len(r.starts)-1] >= shutdown.ShortRun}
	}, heard)
}

func (r *rooted) Undo(ctx context.Context, order shutdown.Flag) error {
	r.mu.Lock()
	r.giveUp()
	r.undone = append(r.undone, r.now())
	if r.kind != "nobody" {
		r.undone = r.undone[:len(r.undone)-1] // the helper notes it
	}
	r.mu.Unlock()
	return r.orderer().Undo(ctx, order)
}

// TestDescents: what becomes of a shutdown, for each way in which its command can
// go, with mains back before it, after it or never, and with a secondary that was
// told of it or none. By DESIGN nothing is given again and nothing is over while one
// is pending; shutdown_time (1 min) and 2 min after that it is given again on
// battery, and undone on mains.
func TestDescents(t *testing.T) {
	for _, kind := range []string{"fails", "returns", "pending", "hangs", "nobody"} {
		for _, back := range []string{"before", "after", "never"} {
			for _, told := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/mains back %s/told %t", kind, back, told), func(t *testing.T) {
					inBubble(t, time.Hour, []string{"eaton"}, func(v *virtual) { descends(v, kind, back, told) })
				})
			}
		}
	}
}

func descends(v *virtual, kind, back string, told bool) {
	t := v.t
	ctx, cancel := context.WithCancel(t.Context())
	r := &rooted{virtual: v, kind: kind, ctx: ctx}
	defer func() { cancel(); v.stop(); r.helper.Wait() }()
	v.power = r
	v.units["eaton"].SetLoad(5)
	v.units["eaton"].SetCharge(85)
	v.start(strings.Replace(survives, "shutdown_time", "final_delay: 10s\nshutdown_time", 1))
	v.pass(20 * time.Second)
	others := func(hosts ...string) {
		_ = v.daemon.ask(t.Context(), func() { v.daemon.step(monitor.Secondaries{N: len(hosts), Hosts: hosts}) })
	}
	if told {
		others("nas")
	}
	v.units["eaton"].CutMains()
	v.pass(8 * time.Second) // it is decided, and the command comes final_delay after that
	if told {
		others() // it goes
		v.pass(time.Second)
	}
	if back == "before" {
		v.units["eaton"].RestoreMains()
	}
	v.pass(30 * time.Second)
	if back == "after" {
		v.units["eaton"].RestoreMains()
	}
	v.pass(7 * time.Minute)

	r.mu.Lock()
	starts, undone, most := slices.Clone(r.starts), slices.Clone(r.undone), r.most
	r.mu.Unlock()
	flag := r.ReadFlag(filepath.Join(v.dir, "killpower")).State == shutdown.FlagCounts
	v.mu.Lock()
	sent := strings.Join(v.sent, "\n")
	v.mu.Unlock()
	bad := func(format string, args ...any) {
		t.Helper()
		t.Errorf(format+"\n%d starts from %v, undone %v, flag %t, sent:\n%s", append(args, len(starts), starts[:min(len(starts), 3)], undone, flag, sent)...)
	}
	if most > 1 {
		bad("%d commands at once", most)
	}
	ends := kind != "pending" && kind != "hangs"
	switch {
	case back == "before" && !told:
		if len(starts) > 0 || flag {
			bad("mains was back before the command")
		}
	case !ends:
		if len(starts) != 1 || len(undone) > 0 || !flag {
			bad("it is pending all the time: nothing is given again and nothing is over")
		}
	case back == "never":
		if n := strings.Count(v.story("poweroff"), "command:"); n < 2 || !flag || len(undone) > 0 || len(starts) < n {
			bad("on battery it is given again, once or twice more in 7 min, not %d times", n)
		}
		if !strings.Contains(sent, "again") {
			bad("that it is given again is not told")
		}
	default:
		if len(starts) == 0 || len(undone) == 0 || len(undone) > 2 || flag { // twice where the command was at work
			bad("on mains it is undone, once, and the flag goes")
			return
		}
		if after := undone[0] - starts[0]; after < 3*time.Minute || after > 4*time.Minute+30*time.Second {
			bad("it is undone %s after the command", after)
		}
		if last := starts[len(starts)-1]; last > undone[len(undone)-1] {
			bad("the command is begun after it was undone")
		}
		if strings.Contains(sent, "server off") {
			bad("it is told that the host went off")
		}
		if !strings.Contains(sent, "surviv") || told && !strings.Contains(sent, "nas") {
			bad("that the host has survived it, and which others went, is not told")
		}
	}
}
