package importer

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ecnutd/internal/nut/importer/nutfile"
)

// expensive are scripts that are made to cost time: by depth, by ways that part,
// by texts and patterns that are long, by files that call themselves.
func expensive() []string {
	var deep, many strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&deep, "if [ -e /%d ]; then A%d=$A$B\n", i, i)
	}
	for i := range 400 {
		fmt.Fprintf(&many, "V%d=xxxxxxxxxxxxxxxxxxxxxxxx\n", i)
	}
	long := "A=" + strings.Repeat("x", 30000) + "\n"
	return []string{
		deep.String() + strings.Repeat("fi\n", 3000),
		"f() { f; f; }\nf\n", strings.Repeat("[ -e /x ] && exit\n", 3000), strings.Repeat("eval \"eval '$1 $1'\"\n", 2000),
		"while :; do A=$A$A$1; done", strings.Repeat("case $A in *x*) A=${A%%*}${A//a/aa};; esac\n", 1000),
		". /etc/nut/doit\n. /etc/nut/doit\n", "/etc/nut/doit $1\n/etc/nut/doit $1\n",
		many.String() + strings.Repeat("[ -e /x ] && A=1\n", 3000),
		long + strings.Repeat("B=${A//x/yy}; case $A in *a*b*c*d*) :;; esac\n", 600),
		long + "for i in 1 2 3 4 5 6 7 8 9; do for j in 1 2 3 4 5 6 7 8 9; do for k in 1 2 3 4 5 6 7 8 9; do case $A$A$A in *x*x*x*x*y) :;; esac; done; done; done\n",
		"case $1 in " + strings.Repeat("x) curl https://smsapi.free-mobile.fr/sendmsg?msg=$A;;\n", 1000) + " esac",
		strings.Repeat("if [ $(upsc u battery.charge) -lt 50 ] || [ -e /x ]; then A=$A$B; else curl https://smsapi.free-mobile.fr/sendmsg?user=$A; fi\n", 500),
		strings.Repeat("(", 2000) + "upsmon -c fsd" + strings.Repeat(")", 2000),
		strings.Repeat("[ -e /a ] && ", 3000) + "upsmon -c fsd",
		"A=a; " + strings.Repeat("A=$A$A; ", 60) + "upsmon -c fsd",
		strings.Repeat("bash -c 'bash -c \"upsmon -c fsd; $A\"'\n", 1500),
		"x=0\n" + strings.Repeat("for i in 1 2 3 4 5 6 7 8 9 10; do ", 12) + "x=$((x+1)); [ -e /$x ] && upsmon -c fsd " + strings.Repeat("; done", 12),
		strings.Repeat("sleep 1 & \n", 5000),
	}
}

// everyEvent is a folder whose script is called for each event, of three UPSs and
// of many that other hosts have.
func everyEvent(script string) map[string]string {
	files := folder(script)
	conf := "MONITOR v@localhost 1 a b primary\nMONITOR w@localhost 1 a b primary\n"
	for i := range 40 {
		conf += fmt.Sprintf("MONITOR x%d@192.0.2.1 1 a b secondary\n", i)
	}
	for _, e := range classic {
		conf += "NOTIFYFLAG " + string(e) + " EXEC\n"
		files["upssched.conf"] += "AT " + string(e) + " * EXECUTE x\n"
	}
	files["upsmon.conf"] = strings.Replace(files["upsmon.conf"], "NOTIFYCMD /sbin/upssched", "NOTIFYCMD /etc/nut/doit", 1) + conf
	return files
}

// TestWithin: a script that is made to be expensive ends in time, whoever calls it
// and how often. What it costs is counted, so that a busy machine fails nothing;
// the time is printed.
func TestWithin(t *testing.T) {
	var worst time.Duration
	for i, text := range expensive() {
		for _, files := range []map[string]string{folder(text), everyEvent(text)} {
			m, took := importTimed(t, files)
			worst = max(worst, took)
			// A step that is under way when the budget ends may overdraw it by what
			// one text costs.
			if spent := m.work.Spent(); spent > mostWork+10_000 {
				t.Errorf("script %d: %d units of work, and %d is the most: %.60q", i, spent, mostWork, text)
			}
		}
	}
	t.Logf("at most %s", worst)
	if worst > 15*time.Second {
		t.Errorf("took %s", worst)
	}
	// A folder of the usual kind is far from the bound.
	m, _ := importTimed(t, folder("case $1 in now) "+request+"msg=cut;; off) upsmon -c fsd;; esac"))
	if spent := m.work.Spent(); spent == 0 || spent > mostWork/100 {
		t.Errorf("a usual folder costs %d units of %d", spent, mostWork)
	}
}

func importTimed(t *testing.T, files map[string]string) (*importer, time.Duration) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	start := time.Now()
	m := newImporter(dir, Options{}, nutfile.Read)
	if _, _, err := m.run(); err != nil {
		t.Fatal(err)
	}
	return m, time.Since(start)
}
