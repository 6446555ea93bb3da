package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ecnutd/config"
)

// steps are the indented blocks of a document, in their order.
func steps(t *testing.T, path string) (blocks []string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var now strings.Builder
	for line := range strings.Lines(string(text)) {
		if code, ok := strings.CutPrefix(line, "    "); ok {
			now.WriteString(code)
		} else if now.Len() > 0 {
			blocks = append(blocks, now.String())
			now.Reset()
		}
	}
	return blocks
}

// TestMigrationGuide follows docs/migrating-from-nut.md word for word, from the
// six files of a NUT installation and its script to a host that is protected.
// What needs a real host is written down by a stand-in: apt, systemctl, the
// editor, and the commands of ecnutd that ask a daemon, a gateway or the UPS.
func TestMigrationGuide(t *testing.T) {
	root := t.TempDir()
	etc, bin := filepath.Join(root, "etc"), filepath.Join(root, "bin")
	for _, dir := range []string{filepath.Join(etc, "ecnutd"), bin} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.CopyFS(filepath.Join(etc, "nut"), os.DirFS("../../internal/nut/importer/testdata/nut-station")); err != nil {
		t.Fatal(err)
	}
	before := treeOf(t, filepath.Join(etc, "nut"))
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// The test's own binary is ecnutd when it is called by that name.
	if err := os.Symlink(self, filepath.Join(root, "ecnutd")); err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(root, "log")
	note := `echo "${0##*/} $*" >>` + log + "\n"
	for name, script := range map[string]string{
		"sudo":      `exec "$@"`,
		"apt":       note,
		"systemctl": note,
		"nano":      note + `echo tiger >"$1"`,
		// A group that is there, and the paths of this test in the file.
		"install": `[ "$3" = -g ] && [ "$4" = ecnutd ] || exit 1
/usr/bin/install "$1" "$2" "$5" "$6" && sed -i "s|/etc/ecnutd|` + etc + `/ecnutd|" "$6"`,
		"ecnutd": note + `case "$1" in
import-nut|simulate) exec ` + root + `/ecnutd --config ` + etc + `/ecnutd/config.yaml "$@" ;;
check) exec ` + root + `/ecnutd --config ` + etc + `/ecnutd/config.yaml "$@" --no-device ;;
esac`,
	} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	var said strings.Builder
	blocks := steps(t, "../../docs/migrating-from-nut.md")
	if len(blocks) < 9 {
		t.Fatalf("the guide has %d steps", len(blocks))
	}
	for _, block := range blocks {
		cmd := exec.Command("sh", "-eu", "-c", strings.ReplaceAll(block, "/etc/", etc+"/"))
		cmd.Dir = root
		cmd.Env = append(os.Environ(), "PATH="+bin+":/usr/bin:/bin", "LANG=C.UTF-8", "GORACE=atexit_sleep_ms=10")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s\n%s", err, block, out)
		}
		said.Write(out)
	}
	if after := treeOf(t, filepath.Join(etc, "nut")); after != before {
		t.Error("NUT's files are not what they were")
	}
	checkCommandLines(t, log)
	checkChangeOver(t, log)

	// The host that comes of it.
	c, _, err := config.Load(filepath.Join(etc, "ecnutd/config.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	secret, err := c.Messages.Routes[0].FreeMobile.Password.Value()
	if err != nil || secret != "tiger" {
		t.Errorf("the password is %q, %v", secret, err)
	}
	// Mains is away at 0:00:30 of the rehearsal and the timer of upssched.conf
	// runs for 1200 s.
	for _, words := range []string{
		"0:00:30    sms → Maison - courant coupé", "0:20:30    sms, wall → Maison - trop long", "0:20:30  SHUT DOWN:",
		"flag written: /run/ecnutd/killpower", "command: /usr/sbin/poweroff", "station UPS command: shutdown.return",
	} {
		if !strings.Contains(said.String(), words) {
			t.Errorf("not said: %s\n%s", words, said.String())
		}
	}
	if left, _ := filepath.Glob(filepath.Join(root, "*.yaml")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// treeOf is a folder as a text.
func treeOf(t *testing.T, dir string) (all string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all += fmt.Sprintf("%s %q\n", e.Name(), text)
	}
	return all
}

func logged(t *testing.T, log string) []string {
	t.Helper()
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// checkCommandLines: every command line of ours in the guide is one.
func checkCommandLines(t *testing.T, log string) {
	t.Helper()
	for _, line := range logged(t, log) {
		words := strings.Fields(line)
		if words[0] != "ecnutd" {
			continue
		}
		cmd, args, err := newRoot().Find(words[1:])
		if err == nil {
			err = cmd.ParseFlags(args)
		}
		if err != nil || !cmd.HasParent() {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// checkChangeOver: NUT has ended before ecnutd starts, and the other way round
// on the way back; whoever is enabled is whoever guards.
func checkChangeOver(t *testing.T, log string) {
	t.Helper()
	var orders []string
	for _, line := range logged(t, log) {
		if strings.HasPrefix(line, "systemctl") {
			orders = append(orders, strings.Join(strings.Fields(line)[1:3], " ")+" "+strings.Fields(line)[3][:3])
		}
	}
	want := []string{"disable --now nut", "enable --now ecn", "disable --now ecn", "enable --now nut"}
	if !slices.Equal(orders, want) {
		t.Errorf("got %v", orders)
	}
}
