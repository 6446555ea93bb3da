package world

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var mutate = flag.String("mutants", "", "which mutants are tried: all, few, or the name of one")

// A mutant is a fault that is put into the code on purpose.
type mutant struct {
	name     string
	file     string // from the top of the tree
	old, new string // old stands in the file once
	promise  string // that it breaks
	kind     string // in worlds of this kind
	within   int    // so many of them
	few      bool   // it is one of the few that are tried each time
}

// mutants are what the promises have to notice.
var mutants = []mutant{
	{name: "a verdict is noted before the message is sent", few: true,
		file:    "sms/courier.go",
		old:     "o.settle(ctx, l, j, o.attempt(ctx, l, j))",
		new:     "o.settle(ctx, l, j, outcome{via: l.route.Name()})\n\t\t\to.attempt(ctx, l, j)",
		promise: AllArrives, kind: "gateway", within: 10},
	{name: "what waits to be sent is not stored",
		file:    "sms/note.go",
		old:     "if o.opts.Touch == nil {",
		new:     "if true {",
		promise: AllArrives, kind: "gateway", within: 40},
	{name: "a message that was delivered is not noted",
		file:    "sms/note.go",
		old:     "\t\tchanges = append(changes, c)\n",
		new:     "\t\tif c.keep != nil {\n\t\t\tchanges = append(changes, c)\n\t\t}\n",
		promise: OnceInOrder, kind: "kills", within: 10},
	{name: "the newest message is sent first", few: true,
		file:    "sms/outbox.go",
		old:     "slices.Insert(l.entries, max(at, l.taken), e)",
		new:     "slices.Insert(l.entries, l.taken+0*at, e)",
		promise: OnceInOrder, kind: "gateway", within: 10},
	{name: "the store is waited for without bound",
		file:    "internal/daemon/store.go",
		old:     "\ts.Change(func() {",
		new:     "\t<-s.Change(func() {",
		promise: NeverLost, kind: "disk", within: 40},
	{name: "the flag of a shutdown that did not come about stays",
		file:    "monitor/after.go",
		old:     "\tt.do(RemoveFlag{})\n",
		new:     "",
		promise: FlagGoes, kind: "slow and pending shutdowns", within: 30},
	{name: "a link lost on mains shuts the host down", few: true,
		file:    "monitor/shutdown.go",
		old:     "\tcase u.Line != OnBattery:\n\t\treturn Reason{}\n\t}\n\twhy.For",
		new:     "\tcase u.Line != OnBattery && u.Link != Lost:\n\t\treturn Reason{}\n\t}\n\twhy.For",
		promise: NeverForNone, kind: "loose links", within: 20},
	{name: "other hosts are not waited for",
		file:    "monitor/shutdown.go",
		old:     "if t.state.Phase == Syncing && (t.state.Secondaries == 0 || t.now >= t.state.PhaseDue) {",
		new:     "if t.state.Phase == Syncing {",
		promise: OthersTold, kind: "secondaries told", within: 20},
	{name: "a device is not closed",
		file:    "internal/daemon/watcher.go",
		old:     "\tdefer dev.Close()\n",
		new:     "",
		promise: GivenBack, kind: "link", within: 5},
}

// TestMutants puts each mutant into the code and looks whether the promise that it
// breaks notices. It is asked for by make mutants.
func TestMutants(t *testing.T) {
	if *mutate == "" {
		t.Skip("with -mutants=all, or =few")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, m := range mutants {
		if *mutate != "all" && *mutate != m.name && !(*mutate == "few" && m.few) {
			continue
		}
		tried++
		t.Run(m.name, func(t *testing.T) { m.try(t, root) })
	}
	if tried == 0 {
		t.Errorf("no mutant is called %q", *mutate)
	}
}

// try builds the worlds with a mutant and plays them until one breaks a promise. The
// tree is left as it is: the compiler is shown another file in the place of one.
func (m mutant) try(t *testing.T, root string) {
	path := filepath.Join(root, filepath.FromSlash(m.file))
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(text, []byte(m.old)); n != 1 {
		t.Fatalf("%s has %d times what is to be changed:\n%s", m.file, n, m.old)
	}
	dir := t.TempDir()
	changed := filepath.Join(dir, filepath.Base(path))
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {path: changed}})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{changed: bytes.Replace(text, []byte(m.old), []byte(m.new), 1), filepath.Join(dir, "overlay.json"): overlay} {
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	program := filepath.Join(dir, "world.test")
	build := exec.Command("go", "test", "-c", "-overlay", filepath.Join(dir, "overlay.json"), "-o", program, ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	began := time.Now()
	run := exec.Command(program, "-test.run", "^TestWorlds$", "-test.timeout", "5m", "-worlds", fmt.Sprint(m.within), "-kind", m.kind, "-until", m.promise)
	out, err := run.CombinedOutput()
	took := time.Since(began).Round(time.Second)
	switch {
	case err == nil:
		t.Errorf("%d worlds of the kind %q notice nothing, in %s", m.within, m.kind, took)
	case !strings.Contains(string(out), "BROKEN, "+m.promise):
		t.Errorf("it is not %q that is broken, in %s:\n%.4000s", m.promise, took, out)
	default:
		t.Logf("noticed after %s", took)
	}
}
