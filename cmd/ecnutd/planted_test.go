package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ecnutd/config"
	"ecnutd/internal/control"
	"ecnutd/internal/daemon/thishost"
	"ecnutd/internal/host/install"
	"ecnutd/internal/host/shutdown"
)

// A daemonUser is whose folders the daemon's are in these tests, where root runs
// them. Otherwise the folders are open to everybody.
const daemonUser = 54321

// work is what root does in the daemon's folders: a command, or what one does at
// the edge of the host. place has the path of a file of the daemon.
type work struct {
	name  string
	files []string // that it opens, makes, replaces or removes
	do    func(ctx context.Context, place func(string) string) error
}

// works are all places where root touches the folders of the daemon's user. The
// list in docs/security.md has the same names.
func works() []work {
	command := func(args ...string) func(context.Context, func(string) string) error {
		return func(ctx context.Context, place func(string) string) error {
			all := []string{"--config", filepath.Join(filepath.Dir(filepath.Dir(place("x"))), "config.yaml")}
			for _, a := range args {
				if name, ok := strings.CutPrefix(a, "@"); ok {
					a = place(name)
				}
				all = append(all, a)
			}
			if code := execute(ctx, all, io.Discard, io.Discard); code != 0 {
				return fmt.Errorf("exit code %d", code)
			}
			return nil
		}
	}
	quiet := slog.New(slog.DiscardHandler)
	openState := func(ctx context.Context, place func(string) string) error {
		db, err := thishost.Disk{Log: quiet}.Open(ctx, place("state.db"))
		if err == nil {
			err = db.Close()
		}
		return err
	}
	return []work{
		{"sms queue", []string{"state.db", "state.db.new"}, command("sms", "queue")},
		{"sms drop", []string{"state.db"}, command("sms", "drop", "1")},
		{"run: the state", []string{"state.db", "state.db.new"}, openState},
		{"run: a damaged state", []string{"state.db.new"}, func(ctx context.Context, place func(string) string) error {
			if err := os.WriteFile(place("state.db"), []byte(strings.Repeat("x", 8192)), 0o600); err != nil {
				return err
			}
			return openState(ctx, place)
		}},
		{"run: the locks", []string{"control.sock.lock", "killpower.lock"}, func(_ context.Context, place func(string) string) error {
			release, missing, err := shutdown.OneDaemon(place("control.sock"), place("killpower"))
			if err == nil {
				release()
			}
			return errors.Join(missing, err)
		}},
		{"run: the control socket", []string{"control.sock"}, func(_ context.Context, place func(string) string) error {
			l, err := control.Listen(place("control.sock"))
			if err == nil {
				err = l.Close()
			}
			return err
		}},
		{"status and all that asks", []string{"control.sock"}, func(ctx context.Context, place func(string) string) error {
			_, err := control.NewClient(place("control.sock")).Status(ctx)
			return err
		}},
		{"run: the flag", []string{"killpower", "flag"}, func(_ context.Context, place func(string) string) error {
			p := shutdown.Place{Flag: place("killpower"), Pointer: place("flag")}
			return errors.Join(p.Write(shutdown.Flag{Boot: "b"}), p.Remove("b"))
		}},
		{"run: the order", []string{"shutdown", "shutdown.undo", "shutdown.ready"}, func(_ context.Context, place func(string) string) error {
			return errors.Join(
				shutdown.Prepare(place("shutdown")),
				shutdown.WriteOrder(place("shutdown"), shutdown.Flag{Boot: "b"}, time.Hour),
				shutdown.WriteOrder(place("shutdown.undo"), shutdown.Flag{Boot: "b"}, time.Hour))
		}},
		{"run: the record of the cut", []string{"killpower.json", "killpower.newer.json"}, func(_ context.Context, place func(string) string) error {
			r := shutdown.Record{Boot: "b", Pending: true}
			err := r.Keep(filepath.Dir(place("killpower.json")))
			shutdown.TellLast(place("state.db"), "c", quiet)
			return err
		}},
		{"shutdown-helper", []string{"shutdown", "shutdown.taken", "shutdown.undo", "status.json", "killpower", "flag"},
			command("shutdown-helper", "--request", "@shutdown", "--status", "@status.json")},
		{"shutdown-helper: at work", []string{"shutdown.taken", "shutdown.undo", "status.json", "killpower", "flag"}, func(ctx context.Context, place func(string) string) error {
			if err := shutdown.WriteOrder(place("shutdown"), shutdown.Flag{Boot: "b", Reason: "low"}, time.Hour); err != nil {
				return err
			}
			c := config.Minimal("ups")
			c.PowerDownFlag = place("killpower")
			ctx, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
			defer cancel()
			return (&shutdown.Helper{
				Log: quiet, Request: place("shutdown"), Pointer: place("flag"), Status: place("status.json"), Boot: "b", Config: c,
				Now:   func() time.Duration { return time.Hour + time.Second },
				Start: func(config.Command) (*shutdown.Running, error) { return nil, errors.New("not in a test") },
				Adopt: func(int, uint64) *shutdown.Running { return nil },
				Ask: func(context.Context) (shutdown.Pending, string, error) {
					return shutdown.NotPending, "", shutdown.ErrNoSystemd
				},
				Undo: func(context.Context) error { return nil },
			}).Run(ctx)
		}},
		{"shutdown-guard", []string{"killpower", "flag"}, command("shutdown-guard", "--request", "@shutdown")},
		{"killpower", []string{"killpower", "killpower.json"}, command("killpower", "--action", "poweroff", "--here")},
		{"await-nut", []string{"refused"}, func(ctx context.Context, place func(string) string) error {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			return install.AwaitNUT(ctx, place("refused"), func() error { return errors.New("NUT is at work") })
		}},
	}
}

// A victim is something of the host that no command has to touch.
type victim struct {
	path   string
	before fs.FileInfo
	text   string
}

// plants are what the daemon's user could put where root expects a file. Each makes
// it at a path, beside what it leads to in a folder of root.
var plants = map[string]func(t *testing.T, path, root string) []victim{
	"a link to an empty file": func(t *testing.T, path, root string) []victim {
		v := newVictim(t, filepath.Join(root, "empty"), "")
		must(t, os.Symlink(v.path, path))
		return []victim{v}
	},
	"a link to a file": func(t *testing.T, path, root string) []victim {
		v := newVictim(t, filepath.Join(root, "profile"), "umask 022\n")
		must(t, os.Symlink(v.path, path))
		return []victim{v}
	},
	"a link to nothing": func(t *testing.T, path, root string) []victim {
		must(t, os.Symlink(filepath.Join(root, "not-there"), path))
		return nil
	},
	"a link to a folder": func(t *testing.T, path, root string) []victim {
		must(t, os.Symlink(root, path))
		return nil
	},
	"a link to itself": func(t *testing.T, path, _ string) []victim {
		must(t, os.Symlink(path, path))
		return nil
	},
	"a link to a device": func(t *testing.T, path, _ string) []victim {
		must(t, os.Symlink("/dev/full", path))
		return nil
	},
	"a second name of an empty file": func(t *testing.T, path, root string) []victim {
		v := newVictim(t, filepath.Join(root, "empty"), "")
		must(t, os.Link(v.path, path))
		return []victim{v}
	},
	"a second name of a file": func(t *testing.T, path, root string) []victim {
		v := newVictim(t, filepath.Join(root, "profile"), "umask 022\n")
		must(t, os.Link(v.path, path))
		return []victim{v}
	},
	"a FIFO": func(t *testing.T, path, _ string) []victim {
		must(t, unix.Mkfifo(path, 0o666))
		return nil
	},
	"a folder": func(t *testing.T, path, _ string) []victim {
		must(t, os.Mkdir(path, 0o777))
		return nil
	},
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newVictim(t *testing.T, path, text string) victim {
	t.Helper()
	must(t, os.WriteFile(path, []byte(text), 0o640))
	st, err := os.Stat(path)
	must(t, err)
	return victim{path, st, text}
}

// changed says what became of a victim; "" where nothing did.
func (v victim) changed() string {
	now, err := os.Lstat(v.path)
	if err != nil {
		return err.Error()
	}
	text, err := os.ReadFile(v.path)
	if err != nil {
		return err.Error()
	}
	whose, was := now.Sys().(*syscall.Stat_t), v.before.Sys().(*syscall.Stat_t)
	switch {
	case string(text) != v.text:
		return fmt.Sprintf("it holds %d bytes: %.20q", len(text), text)
	case now.Mode() != v.before.Mode():
		return "its mode is " + now.Mode().String()
	case whose.Uid != was.Uid || whose.Gid != was.Gid:
		return fmt.Sprintf("it belongs to %d:%d", whose.Uid, whose.Gid)
	case whose.Ino != was.Ino:
		return "it is another file"
	}
	return ""
}

// TestPlanted: whatever the daemon's user puts where root expects a file of the
// daemon, nothing of the host is written, made, given away or opened to others, and
// root waits for nobody.
func TestPlanted(t *testing.T) {
	for _, w := range works() {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			for _, file := range w.files {
				for what, plant := range plants {
					tryPlanted(t, w, file, what, plant)
				}
			}
		})
	}
}

func tryPlanted(t *testing.T, w work, file, what string, plant func(*testing.T, string, string) []victim) {
	top := t.TempDir()
	root, theirs := filepath.Join(top, "root"), filepath.Join(top, "daemon")
	must(t, os.Mkdir(root, 0o755))
	must(t, os.Mkdir(theirs, 0o755))
	text := fmt.Sprintf("ups: {ups: {}}\nstate: %[1]s/state.db\ncontrol: %[1]s/control.sock\npower_down_flag: %[1]s/killpower\nshutdown_command: [/bin/false]\n", theirs)
	must(t, os.WriteFile(filepath.Join(top, "config.yaml"), []byte(text), 0o600))
	victims := plant(t, filepath.Join(theirs, file), root)
	if os.Geteuid() == 0 {
		must(t, os.Chown(theirs, daemonUser, daemonUser))
	} else {
		must(t, os.Chmod(theirs, 0o777))
	}
	there := names(t, root)
	done := make(chan error, 1)
	go func() {
		done <- w.do(t.Context(), func(name string) string { return filepath.Join(theirs, name) })
	}()
	select {
	case <-done: // that it fails is as good
	case <-time.After(time.Minute):
		t.Fatalf("%s at %s: it waits for ever", what, file)
	}
	for _, v := range victims {
		if why := v.changed(); why != "" {
			t.Errorf("%s at %s: %s: %s", what, file, v.path, why)
		}
	}
	if now := names(t, root); !slices.Equal(there, now) {
		t.Errorf("%s at %s: there is %q now, and was %q", what, file, now, there)
	}
}

// TestPlantedIsDocumented: docs/security.md lists each place.
func TestPlantedIsDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/security.md")
	must(t, err)
	for _, w := range works() {
		name, _, _ := strings.Cut(w.name, ": at work")
		if plain := strings.ReplaceAll(string(text), "`", ""); !strings.Contains(plain, name) {
			t.Errorf("docs/security.md does not say what root opens in %q", name)
		}
	}
}

// TestPurge: the package takes the folders of the daemon away, and nothing that
// something in them leads to.
func TestPurge(t *testing.T) {
	script, err := os.ReadFile("../../debian/ecnutd.postrm")
	must(t, err)
	for what, plant := range plants {
		top := t.TempDir()
		root, stubs := filepath.Join(top, "root"), filepath.Join(top, "stubs")
		for _, dir := range []string{root, stubs, filepath.Join(top, "var/lib/ecnutd"), filepath.Join(top, "run/ecnutd"), filepath.Join(top, "etc/ecnutd")} {
			must(t, os.MkdirAll(dir, 0o755))
		}
		for _, name := range []string{"systemctl", "udevadm", "deb-systemd-helper", "getent", "userdel", "groupdel", "mountpoint"} {
			must(t, os.WriteFile(filepath.Join(stubs, name), []byte("#!/bin/sh\nexit 0\n"), 0o755))
		}
		victims := plant(t, filepath.Join(top, "var/lib/ecnutd/state.db"), root)
		must(t, os.Symlink(root, filepath.Join(top, "run/ecnutd/folder")))
		there := names(t, root)
		here := strings.NewReplacer("/var/lib/", top+"/var/lib/", "/run/ecnutd", top+"/run/ecnutd", "/run/systemd", top+"/none", "/run/udev", top+"/none", "/etc/", top+"/etc/", "/dev/shm/", top+"/shm/")
		cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", here.Replace(string(script)), "postrm", "purge")
		cmd.Env = []string{"PATH=" + stubs + ":/usr/bin:/bin"}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", what, err, out)
		}
		for _, v := range victims {
			if why := v.changed(); why != "" {
				t.Errorf("%s: %s: %s", what, v.path, why)
			}
		}
		if now := names(t, root); !slices.Equal(there, now) {
			t.Errorf("%s: there is %q now, and was %q", what, now, there)
		}
		for _, dir := range []string{"var/lib", "run", "etc"} {
			if left := names(t, filepath.Join(top, dir)); len(left) > 0 {
				t.Errorf("%s: %s still has %q", what, dir, left)
			}
		}
	}
}

func names(t *testing.T, dir string) (list []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}
