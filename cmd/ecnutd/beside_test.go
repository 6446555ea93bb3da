package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ecnutd/config"
	"ecnutd/internal/control"
	"ecnutd/internal/daemon"
	"ecnutd/internal/daemon/thishost"
	"ecnutd/internal/discovery"
	"ecnutd/internal/routes"
	"ecnutd/internal/sim"
	"ecnutd/internal/store"
	"ecnutd/internal/terminal"
	"ecnutd/sms"
)

// watched is a simulated UPS that a daemon watches until the test ends, and the
// configuration of both. The daemon decides and does nothing.
func watched(t *testing.T) (unit *sim.UPS, path string) {
	t.Helper()
	dir := t.TempDir()
	path = filepath.Join(dir, "config.yaml")
	text := fmt.Sprintf("ups: {eaton: {}}\nstate: %[1]s/state.db\ncontrol: %[1]s/control.sock\npower_down_flag: %[1]s/killpower\nshutdown_command: /bin/sh\nmessages: {routes: {x: {command: [/bin/cat]}}}\n", dir)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, _, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if unit, err = sim.New(""); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	log := slog.New(slog.DiscardHandler)
	d, err := daemon.New(c, daemon.Outside{
		Log: log, Host: "srv", Boot: "boot", Version: "test", DryRun: true,
		Clock: thishost.Clock{}, Devices: discovery.NewFinder(ctx, discovery.Simulate(unit), nil), Disk: thishost.Disk{Log: log},
		Messages: thishost.Messages{}, Programs: thishost.Programs{}, Power: &thishost.Power{Log: log, Boot: "boot"}, Notify: daemon.Unheard{},
	})
	if err != nil {
		t.Fatal(err)
	}
	socket, err := control.Listen(c.Control)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() { _ = control.Serve(ctx, socket, d) })
	wg.Go(func() { d.Run(ctx) })
	t.Cleanup(wg.Wait)
	t.Cleanup(cancel)
	eventually(t, "the first report", func() bool {
		s, err := control.NewClient(c.Control).Status(ctx)
		return err == nil && s.UPS[0].Charge != nil && s.UPS[0].Model != ""
	})
	return unit, path
}

// eventually waits for something that another goroutine brings about.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 6000 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%s has not come about", what)
}

// TestDumpThroughTheDaemon: beside a daemon the commands show what that reads,
// and open nothing: to the commands no UPS is attached here.
func TestDumpThroughTheDaemon(t *testing.T) {
	unit, path := watched(t)
	run := func(args ...string) (code int, stdout, stderr string) {
		var out, complaints strings.Builder
		code = execute(t.Context(), append(args, "--config", path), &out, &complaints)
		return code, out.String(), complaints.String()
	}
	if code, out, bad := run("dump", "ups.status", "battery.charge"); code != 0 || out != "OL\n100\n" {
		t.Errorf("dump: %d %q %q", code, out, bad)
	}
	if code, out, bad := run("dump", "--usages"); code != 0 || !strings.Contains(out, "UPS.PowerSummary.RemainingCapacity: 100 %\n") {
		t.Errorf("dump --usages: %d %q %q", code, out, bad)
	}
	if code, out, bad := run("dump", "--writable", "battery.charge.low"); code != 0 || !strings.Contains(out, "Value: 20\n") {
		t.Errorf("dump --writable: %d %q %q", code, out, bad)
	}
	if code, _, bad := run("dump", "--ups", "eaten"); code != exitUsage || !strings.Contains(bad, "did you mean eaton?") {
		t.Errorf("dump of another UPS: %d %q", code, bad)
	}
	if code, out, bad := run("check"); code != 0 || !strings.Contains(out, "also for the Protection Station 800 as it is now") {
		t.Errorf("check: %d %q %q", code, out, bad)
	}
	// What was read before the link was lost is not shown as if it were now.
	unit.Unplug()
	eventually(t, "the loss", func() bool { code, _, _ := run("dump", "battery.charge"); return code != exitDone })
	if code, out, bad := run("dump", "battery.charge"); code != exitNoUPS || out != "" || !strings.Contains(bad, "no link to the UPS eaton") {
		t.Errorf("dump after the loss: %d %q %q", code, out, bad)
	}
}

// terminalOf is the end of a terminal that a program has, on which somebody types
// a text.
func terminalOf(t *testing.T, typed string) *os.File {
	t.Helper()
	hand, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { hand.Close() })
	if err := unix.IoctlSetPointerInt(int(hand.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Skip(err)
	}
	number, err := unix.IoctlGetInt(int(hand.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Skip(err)
	}
	end, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { end.Close() })
	if _, err := hand.WriteString(typed); err != nil {
		t.Fatal(err)
	}
	return end
}

// TestFSDAsks: somebody at a terminal reads that nothing calls it off, and types
// its name; a program is not asked.
func TestFSDAsks(t *testing.T) {
	_, path := watched(t)
	run := func(in io.Reader, args ...string) (code int, stdout, stderr string) {
		root := newRoot()
		root.SetArgs(append(args, "--config", path))
		var out, bad strings.Builder
		root.SetIn(in)
		root.SetOut(&out)
		root.SetErr(&bad)
		return exitCode(root.ExecuteContext(t.Context())), out.String(), bad.String()
	}
	if code, out, bad := run(terminalOf(t, "yes\n"), "fsd"); code != exitFailed || out != "" || !strings.Contains(bad, "Nothing calls that off") {
		t.Errorf("not confirmed: %d %q %q", code, out, bad)
	}
	if code, out, bad := run(terminalOf(t, "fsd\n"), "fsd"); code != exitDone || !strings.Contains(out, "forced shutdown begun") {
		t.Errorf("confirmed: %d %q %q", code, out, bad)
	}
	for _, c := range []struct {
		in   io.Reader
		args []string
	}{{strings.NewReader(""), []string{"fsd"}}, {terminalOf(t, ""), []string{"fsd", "--yes"}}} {
		if code, out, bad := run(c.in, c.args...); code != exitDone || !strings.Contains(out, "forced shutdown begun") {
			t.Errorf("%v: %d %q %q", c.args, code, out, bad)
		}
	}
}

func TestConfirm(t *testing.T) {
	for typed, ok := range map[string]bool{
		"load.off\n": true, "load.off": true, "  load.off \r\n": true,
		"": false, "\n": false, "y\n": false, "yes\n": false, "load.on\n": false, "load.off.delay\n": false, "no\nload.off\n": false,
	} {
		var out strings.Builder
		if err := terminal.Confirm(strings.NewReader(typed), &out, "load.off does something. Go on?", "load.off"); (err == nil) != ok {
			t.Errorf("%q: %v", typed, err)
		}
		if !strings.Contains(out.String(), "load.off does something. Go on? ") {
			t.Errorf("asked %q", out.String())
		}
	}
}

// TestQueueWithoutDaemon: what waits can be seen and given up between two starts.
func TestQueueWithoutDaemon(t *testing.T) {
	dir := t.TempDir()
	file, state := filepath.Join(dir, "config.yaml"), filepath.Join(dir, "state.db")
	text := fmt.Sprintf("ups: {eaton: {}}\nstate: %s\ncontrol: %s/control.sock\nmessages: {routes: {phone: {command: [/bin/false]}}}\n", state, dir)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ask := func(want int, args ...string) string {
		t.Helper()
		var out, talk strings.Builder
		if got := execute(t.Context(), append(args, "--config", file), &out, &talk); got != want {
			t.Errorf("%v: exit code %d: %s", args, got, &talk)
		}
		if !strings.Contains(talk.String(), "no daemon is running: what waits in "+state) {
			t.Errorf("%v: nothing says that no daemon runs: %s", args, &talk)
		}
		return out.String()
	}
	if got := ask(exitDone, "sms", "queue"); got != "no message waits\n" {
		t.Errorf("before the first start: %q", got)
	}
	if _, err := os.Stat(state); err == nil {
		t.Error("a question has made a state file")
	}
	c, _, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	kept := store.Open(store.Options{Path: state, Open: store.File, Log: slog.New(slog.DiscardHandler)})
	box, err := routes.Outbox(c, routes.New, sms.Options{Touch: kept.Touch, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := kept.Join(box); err != nil {
		t.Fatal(err)
	}
	id, err := box.Queue(sms.Message{Text: "mains lost"})
	if err != nil {
		t.Fatal(err)
	}
	if err := kept.Close(10 * time.Second); err != nil {
		t.Fatal(err)
	}
	if got := ask(exitDone, "sms", "queue"); !strings.Contains(got, "mains lost") {
		t.Errorf("waits:\n%s", got)
	}
	ask(exitFailed, "sms", "drop", "4711")
	if got := ask(exitDone, "sms", "drop", fmt.Sprint(id)); got != fmt.Sprintf("message %d dropped\n", id) {
		t.Error(got)
	}
	if got := ask(exitDone, "sms", "queue"); got != "no message waits\n" {
		t.Error(got)
	}
}
