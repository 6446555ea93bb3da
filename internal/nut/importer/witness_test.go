package importer

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"ecnutd/internal/nut/server/nuttest"
	"ecnutd/internal/scenario"
)

// TestBesideUpssched: Debian's upssched and a true shell run the scripts of ten
// sets, with commands that only note that they were called. What they call, and
// when, is what the import has the daemon do.
func TestBesideUpssched(t *testing.T) {
	t.Parallel()
	nut := nuttest.Find(t)
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash")
	}
	sets := []struct {
		name, rules, script string
		back                bool // mains is back after a second
	}{
		{"timer", "AT ONBATT * START-TIMER off 2\nAT ONLINE * CANCEL-TIMER off\n", "case $1 in off) upsmon -c fsd;; esac", false},
		{"cancelled", "AT ONBATT * START-TIMER off 8\nAT ONLINE * CANCEL-TIMER off\n", "case $1 in off) upsmon -c fsd;; esac", true},
		{"messages", "AT ONBATT * EXECUTE now\nAT ONLINE * EXECUTE back\n", "case \"$1\" in now) M='cut at last';; back) M=\"${2:-all is well}\";; esac\n" + request + "\"msg=$M\"", true},
		{"condition", "AT ONBATT * EXECUTE now\n", "C=$(upsc u battery.charge)\ncase $1 in now) " + request + "\"msg=on battery\"; if [ \"$C\" -lt 30 ]; then upsmon -c fsd; fi;; esac", false},
		{"still on battery", "AT ONBATT * START-TIMER off 2\nAT ONLINE * CANCEL-TIMER off\n", "case $1 in off) if upsc u ups.status | grep -q OB; then upsmon -c fsd; fi;; esac", false},
		{"dry run", "AT ONBATT * START-TIMER off 1\n", "DRY=yes\ncase $1 in off) if [ $DRY = yes ]; then logger dry; else upsmon -c fsd; fi;; esac", false},
		{"waits", "AT ONBATT * EXECUTE now\n", "case $1 in now) ( sleep 12; upsmon -c fsd ) >/dev/null 2>&1 & ;; esac", false},
		{"functions and variables", "AT ONBATT * START-TIMER off 2\nAT ONLINE * CANCEL-TIMER off\n", "STOP='upsmon -c fsd'\nsay() { " + request + "\"msg=$*\"; }\nmain() { case ${1,,} in off) say going down; $STOP;; esac; }\nmain \"$@\"", false},
		{"by another shell", "AT ONBATT * START-TIMER off 2\nAT ONLINE * CANCEL-TIMER off\n", "case $1 in off) bash -c 'upsmon -c fsd';; esac", false},
		{"falls through", "AT ONBATT * START-TIMER a 1\nAT ONBATT * START-TIMER b 2\nAT ONLINE * CANCEL-TIMER a\nAT ONLINE * CANCEL-TIMER b\n", "case $1 in a) " + request + "msg=first;; b) logger x ;& c) exit 0\nupsmon -c fsd;; esac", false},
		{"by event", "AT ONBATT * EXECUTE tell\nAT ONLINE * EXECUTE tell\n", "case $NOTIFYTYPE in ONBATT) M=cut;; *) M=\"back: ${UPSNAME%@*}\";; esac\n[ $1 = tell ] && " + request + "\"msg=$M\"", true},
	}
	// All at once: each takes its sixteen seconds.
	type heard struct {
		down  float64
		texts []string
	}
	results := make([]heard, len(sets))
	var wg sync.WaitGroup
	for i, c := range sets {
		dir := t.TempDir()
		wg.Go(func() { results[i].down, results[i].texts = upssched(t, nut, dir, bash, c.rules, c.script, c.back) })
	}
	wg.Wait()
	for i, c := range sets {
		t.Run(c.name, func(t *testing.T) {
			down, texts := results[i].down, results[i].texts
			files := folder("#!/bin/bash\n" + c.script + "\n")
			files["upssched.conf"] = "CMDSCRIPT /etc/nut/doit\nPIPEFN /run/p\nLOCKFN /run/l\n" + c.rules
			conf, _, report := importOf(t, Options{Runtime: time.Hour}, files)
			seq := "ups.status: OL\nbattery.charge: 100\nbattery.runtime: 3000\nTIMER 30\nups.status: OB\nTIMER 1\n"
			if c.back {
				seq += "ups.status: OL\n"
			}
			s, err := scenario.Read(strings.NewReader(seq+"TIMER 20\n"), "beside", "", []string{"u"})
			if err != nil {
				t.Fatal(err)
			}
			ours, said := -1.0, []string(nil)
			for _, r := range scenario.Play(conf, s) {
				switch {
				case r.Kind == "shutdown" && ours < 0:
					ours = r.T - 30
				case r.Kind == "notify" && r.Route == "sms":
					said = append(said, r.Text)
				}
			}
			// upssched counts whole seconds, may be one early, and late on a busy host.
			if (down < 0) != (ours < 0) || down >= 0 && (ours < down-4 || ours > down+2) {
				t.Errorf("upssched shuts down at %v, we at %v\n%s", down, ours, report)
			}
			if !slices.Equal(said, texts) {
				t.Errorf("upssched says %q, we %q\n%s", texts, said, report)
			}
		})
	}
}

// upssched has the real one handle an outage, and returns when a shutdown was
// ordered (-1: never) and which texts were sent.
func upssched(t *testing.T, nut *nuttest.NUT, dir, bash, rules, script string, back bool) (down float64, texts []string) {
	t.Helper()
	bin, log := filepath.Join(dir, "bin"), filepath.Join(dir, "log")
	write := func(path, text string, mode os.FileMode) {
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Error(err)
		}
	}
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Error(err)
	}
	// Nothing that could do harm can be found: the path has these alone.
	for _, tool := range []string{"grep", "sleep", "cut", "cat"} {
		path, err := exec.LookPath(tool)
		if err != nil {
			t.Error(err)
			return -1, nil
		}
		if err := os.Symlink(path, filepath.Join(bin, tool)); err != nil {
			t.Error(err)
		}
	}
	if err := os.Symlink(bash, filepath.Join(bin, "bash")); err != nil {
		t.Error(err)
	}
	for _, stub := range []string{"upsmon", "curl", "logger"} {
		write(filepath.Join(bin, stub), fmt.Sprintf("#!%s\nprintf '%%s %%s %%s\\n' \"$EPOCHREALTIME\" %s \"$*\" >>%s\n", bash, stub, log), 0o755)
	}
	write(filepath.Join(bin, "upsc"), "#!"+bash+"\ncase $2 in battery.charge) echo 100;; ups.status) echo OB;; esac\n", 0o755)
	write(filepath.Join(dir, "doit"), "#!"+bash+"\n"+script+"\n", 0o755)
	write(filepath.Join(dir, "upssched.conf"), fmt.Sprintf("CMDSCRIPT %s/doit\nPIPEFN %s/pipe\nLOCKFN %s/lock\n%s", dir, dir, dir, rules), 0o640)
	start := time.Now()
	event := func(name string) {
		cmd := nut.Command(t.Context(), dir, "upssched")
		cmd.Env = append(cmd.Env, "PATH="+bin, "NOTIFYTYPE="+name, "UPSNAME=u@localhost")
		// Its helper lives on, and would keep pipes open.
		if err := cmd.Run(); err != nil {
			t.Errorf("upssched: %v", err)
		}
	}
	event("ONBATT")
	time.Sleep(time.Until(start.Add(time.Second)))
	if back {
		event("ONLINE")
	}
	time.Sleep(time.Until(start.Add(16 * time.Second))) // its helper ends after 15 idle seconds
	down = -1
	raw, _ := os.ReadFile(log) // nothing was called
	message := regexp.MustCompile(`msg=(.*)$`)
	for line := range strings.Lines(string(raw)) {
		words := strings.SplitN(strings.TrimSpace(line), " ", 3)
		at, err := strconv.ParseFloat(strings.Replace(words[0], ",", ".", 1), 64)
		if err != nil || len(words) < 2 {
			t.Errorf("log: %q", line)
			continue
		}
		switch {
		case words[1] == "upsmon" && down < 0:
			down = at - float64(start.UnixMicro())/1e6
		case words[1] == "curl":
			texts = append(texts, message.FindStringSubmatch(words[2])[1])
		}
	}
	return down, texts
}
