package importer

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"ecnutd/internal/nut/server/nuttest"
	"ecnutd/internal/scenario"
)

// A watched is an installation that Debian's upsmon goes through an outage with.
type watched struct {
	name   string
	ups    []string          // u alone, where there are none
	upsmon string            // lines for upsmon.conf; NOTIFYCMD is called notify or upssched
	rules  string            // of upssched.conf
	files  map[string]string // scripts, and what NOTIFYCMD is
	seq    string            // what the UPS u says, as dummy-ups and simulate read it; the others stay on mains
	leaves float64           // the driver ends so many seconds after ONBATT; 0: never
	later  float64           // how much later we shut down on purpose, and
	why    string            // by which of the decisions,
	says   string            // as the report of the import says it
}

// A witnessed is what somebody did in an outage. Times are seconds since ONBATT,
// or since the first event.
type witnessed struct {
	events []string
	times  []float64
	texts  []string
	down   float64 // -1: the host stayed up
}

const (
	lead  = "ups.status: OL\nbattery.charge: 100\nTIMER 12\n"
	timer = "AT ONBATT * START-TIMER off 10\nAT ONLINE * CANCEL-TIMER off\n"
)

// TestBesideUpsmon: Debian's upsmon, with upssched where a set has it, its upsd and
// its dummy-ups go through the outages of ten sets, with commands that only note
// that they were called. We play the same file of dummy-ups with what the import
// made of the set: the same events come, the same texts are sent, and the host
// goes down at the same time, or by a decision that differs on purpose.
func TestBesideUpsmon(t *testing.T) {
	t.Parallel()
	nut := nuttest.Find(t)
	if _, err := os.Stat(nut.File("lib/nut/dummy-ups")); err != nil {
		t.Skip("no dummy-ups")
	}
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash")
	}
	say := func(cases string) string {
		return "#!/bin/bash\ncase $NOTIFYTYPE in " + cases + "\nesac\n[ -n \"$M\" ] && " + request + "\"msg=$M\"\n"
	}
	fsd := "#!/bin/bash\ncase $1 in off) upsmon -c fsd;; esac\n"
	both := "NOTIFYFLAG ONBATT EXEC\nNOTIFYFLAG ONLINE EXEC\n"
	sets := []watched{
		{name: "timer", upsmon: "NOTIFYCMD upssched\n" + both, rules: timer, files: map[string]string{"doit": fsd}, seq: lead + "ups.status: OB\nTIMER 60\n"},
		{name: "short outage", upsmon: "NOTIFYCMD upssched\n" + both, rules: timer, files: map[string]string{"doit": fsd}, seq: lead + "ups.status: OB\nTIMER 5\nups.status: OL\nTIMER 60\n"},
		{name: "low battery", upsmon: "NOTIFYCMD notify\n" + both + "NOTIFYFLAG LOWBATT EXEC\n", files: map[string]string{"notify": say("ONBATT) M=cut;; LOWBATT) M=low;;")},
			seq: lead + "ups.status: OB\nTIMER 9\nups.status: OB LB\nbattery.charge: 12\nTIMER 60\n", later: 2, why: "a low battery is two readings", says: "a low battery counts when it was read twice"},
		{name: "messages", upsmon: "NOTIFYCMD notify\n" + both + "NOTIFYMSG ONLINE \"all is well\"\n", files: map[string]string{"notify": "#!/bin/bash\n" + request + "\"msg=$1\"\n"},
			seq: lead + "ups.status: OB\nTIMER 6\nups.status: OL\nTIMER 60\n"},
		{name: "wrapper", upsmon: "NOTIFYCMD notify\n" + both, rules: timer, files: map[string]string{"doit": fsd, "notify": "#!/bin/bash\nlogger \"$1\"\nexec upssched\n"}, seq: lead + "ups.status: OB\nTIMER 60\n"},
		{name: "worn battery", upsmon: "NOTIFYCMD notify\nNOTIFYFLAG REPLBATT EXEC\n", files: map[string]string{"notify": say("REPLBATT) M=worn;;")},
			seq: lead + "ups.status: OL RB\nTIMER 5\nups.status: OL\nTIMER 5\nups.status: OL RB\nTIMER 60\n"},
		{name: "asks the UPS", upsmon: "NOTIFYCMD upssched\n" + both, rules: timer, files: map[string]string{"doit": "#!/bin/bash\ncase $1 in off) if upsc u@HOST ups.status | grep -q OB; then upsmon -c fsd; fi;; esac\n"}, seq: lead + "ups.status: OB\nTIMER 60\n"},
		{name: "asks the charge", upsmon: "NOTIFYCMD upssched\n" + both, rules: "AT ONBATT * START-TIMER off 12\n", files: map[string]string{"doit": "#!/bin/bash\ncase $1 in off) if [ $(upsc u@HOST battery.charge) -lt 30 ]; then upsmon -c fsd; fi;; esac\n"},
			seq: lead + "ups.status: OB\nTIMER 10\nbattery.charge: 20\nTIMER 60\n", later: 18, why: "a number that jumps in the first 30 s of an outage", says: "charge and runtime that jump when mains fails are doubted for 30 s"},
		{name: "one of two", ups: []string{"u", "v"}, upsmon: "NOTIFYCMD notify\n" + both + "NOTIFYFLAG LOWBATT EXEC\n", files: map[string]string{"notify": "#!/bin/bash\n" + request + "\"msg=${UPSNAME%@*} $NOTIFYTYPE\"\n"},
			seq: lead + "ups.status: OB\nTIMER 5\nups.status: OB LB\nTIMER 10\nups.status: OL\nTIMER 60\n"},
		{name: "link lost on battery", upsmon: "NOTIFYCMD notify\nDEADTIME 9\n" + both + "NOTIFYFLAG COMMBAD EXEC\n", files: map[string]string{"notify": say("ONBATT) M=cut;; COMMBAD) M=gone;;")},
			seq: lead + "ups.status: OB\nTIMER 60\n", leaves: 5},
	}
	theirs := make([]witnessed, len(sets))
	address := make([]string, len(sets))
	var wg sync.WaitGroup
	for i, set := range sets { // all at once: most of their time is waiting
		dir := t.TempDir()
		address[i] = freeAddress(t)
		wg.Go(func() { theirs[i] = upsmon(t, nut, dir, bash, address[i], set) })
	}
	wg.Wait()
	for i, set := range sets {
		t.Run(set.name, func(t *testing.T) {
			ours, report := weWitness(t, address[i], set)
			want := theirs[i]
			if !slices.Equal(ours.events, want.events) {
				t.Errorf("upsmon tells %v, we %v", want.events, ours.events)
			}
			for j := range min(len(ours.times), len(want.times)) {
				if late(ours.times[j], want.times[j]) {
					t.Errorf("%s: upsmon tells it at %v, we at %v", want.events[j], want.times[j], ours.times[j])
				}
			}
			if !slices.Equal(ours.texts, want.texts) {
				t.Errorf("upsmon sends %q, we %q", want.texts, ours.texts)
			}
			if (ours.down < 0) != (want.down < 0) || want.down >= 0 && late(ours.down, want.down+set.later) {
				t.Errorf("upsmon shuts down at %v, we at %v, and %v later on purpose (%s)", want.down, ours.down, set.later, set.why)
			}
			if set.why != "" && !strings.Contains(report, "different: "+set.says) {
				t.Errorf("the report does not say: %s", set.why)
			}
			if t.Failed() {
				t.Log(report)
			}
		})
	}
}

// late reports whether two times differ by more than polls of a second, and a busy
// host, explain.
func late(ours, theirs float64) bool { return ours-theirs > 3 || theirs-ours > 4 }

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// folderOf are the files of NUT of a set. notify is what NOTIFYCMD runs.
func folderOf(set watched, dir, address, notify string) map[string]string {
	files := map[string]string{}
	monitors, conf := "", ""
	for _, name := range upsOf(set) {
		conf += fmt.Sprintf("[%s]\ndriver = dummy-ups\nport = %s/%s.seq\npollinterval = 1\n", name, dir, name)
		monitors += fmt.Sprintf("MONITOR %s@%s 1 mon word master\n", name, address)
	}
	upsmon := strings.NewReplacer("NOTIFYCMD upssched", "NOTIFYCMD "+notify, "NOTIFYCMD notify", "NOTIFYCMD "+notify).Replace(set.upsmon)
	if !strings.Contains(upsmon, "DEADTIME") {
		upsmon += "DEADTIME 15\n"
	}
	files["ups.conf"] = conf
	files["upsmon.conf"] = fmt.Sprintf("%sMINSUPPLIES 1\nSHUTDOWNCMD %s/bin/down\nPOLLFREQ 1\nPOLLFREQALERT 1\nHOSTSYNC 1\nFINALDELAY 0\nRBWARNTIME 43200\nNOCOMMWARNTIME 300\n%s", monitors, dir, upsmon)
	if set.rules != "" {
		files["upssched.conf"] = fmt.Sprintf("CMDSCRIPT %s/doit\nPIPEFN %s/pipe\nLOCKFN %s/lock\n%s", dir, dir, dir, set.rules)
	}
	for name, text := range set.files {
		files[name] = strings.ReplaceAll(text, "HOST", address)
	}
	return files
}

func upsOf(set watched) []string {
	if len(set.ups) > 0 {
		return set.ups
	}
	return []string{"u"}
}

// weWitness imports a set, for a UPS on USB, and plays its outage.
func weWitness(t *testing.T, address string, set watched) (witnessed, string) {
	t.Helper()
	notify := "/x/notify"
	if strings.Contains(set.upsmon, "NOTIFYCMD upssched") {
		notify = "/sbin/upssched"
	}
	files := folderOf(set, "/x", address, notify)
	files["ups.conf"] = strings.ReplaceAll(files["ups.conf"], "dummy-ups", "usbhid-ups")
	files["ups.conf"] = strings.Replace(files["ups.conf"], "[v]\n", "[v]\nproduct = V\n", 1)
	conf, _, report := importOf(t, Options{Runtime: time.Hour}, files)
	seq := set.seq
	if set.leaves > 0 {
		seq = strings.Replace(seq, "OB\nTIMER 60", fmt.Sprintf("OB\nTIMER %v\n@unplug\nTIMER 40", set.leaves), 1)
	}
	name := "u"
	if len(set.ups) > 1 {
		name, seq = "", "v/ups.status: OL\n"+strings.ReplaceAll("\n"+seq, "\nups.", "\nu/ups.")
		seq = strings.ReplaceAll(seq, "\nbattery.", "\nu/battery.")
	}
	s, err := scenario.Read(strings.NewReader(seq), "beside", name, upsOf(set))
	if err != nil {
		t.Fatal(err)
	}
	w := witnessed{down: -1}
	for _, r := range scenario.Play(conf, s) {
		at := r.T - 12
		switch {
		case r.Kind == "event" && flagged(set, r.Event):
			w.events, w.times = append(w.events, r.Event), append(w.times, at)
		case r.Kind == "notify" && r.Route == "sms" && flagged(set, r.Event):
			w.texts = append(w.texts, r.Text)
		case r.Kind == "poweroff" && w.down < 0:
			w.down = at
		}
	}
	return w, report
}

// flagged reports whether upsmon hands an event to NOTIFYCMD.
func flagged(set watched, event string) bool {
	return strings.Contains(set.upsmon, "NOTIFYFLAG "+event+" EXEC")
}

// upsmon has the real ones go through the outage of a set.
func upsmon(t *testing.T, nut *nuttest.NUT, dir, bash, address string, set watched) witnessed {
	t.Helper()
	bin, log := filepath.Join(dir, "bin"), filepath.Join(dir, "log")
	host, port, _ := net.SplitHostPort(address)
	notify := filepath.Join(bin, "notified")
	files := folderOf(set, dir, address, notify)
	files["upsd.conf"] = fmt.Sprintf("LISTEN %s %s\n", host, port)
	files["upsd.users"] = "[mon]\npassword = word\nupsmon master\n"
	for _, name := range upsOf(set) {
		files[name+".seq"] = "ups.status: OL\nbattery.charge: 100\nTIMER 600\n"
	}
	files["u.seq"] = set.seq + "TIMER 600\n"
	next := filepath.Join(dir, "notify") + ` "$@"`
	if strings.Contains(set.upsmon, "NOTIFYCMD upssched") {
		next = filepath.Join(bin, "upssched")
	}
	note := func(what string) string {
		return fmt.Sprintf("#!%s\nprintf '%%s %s\\n' \"$EPOCHREALTIME\" >>%s\n", bash, what, log)
	}
	programs := map[string]string{
		"notified": fmt.Sprintf("#!%s\nprintf '%%s event %%s\\n' \"$EPOCHREALTIME\" \"$NOTIFYTYPE\" >>%s\nexec %s\n", bash, log, next),
		"down":     note("down"),
		"curl":     fmt.Sprintf("#!%s\nall=\"$*\"\nprintf '%%s sent %%s\\n' \"$EPOCHREALTIME\" \"${all##*msg=}\" >>%s\n", bash, log),
		"logger":   "#!" + bash + "\n",
		// The one order that the scripts give, to the upsmon of this test.
		"upsmon": fmt.Sprintf("#!%s\nkill -USR1 $(<%s/pid)\n", bash, dir),
	}
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Error(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o750); err != nil {
			t.Error(err)
		}
	}
	for name, text := range programs {
		if err := os.WriteFile(filepath.Join(bin, name), []byte(text), 0o755); err != nil {
			t.Error(err)
		}
	}
	// Nothing that could do harm can be found: the path has these alone.
	for name, path := range map[string]string{"grep": "", "bash": bash, "upsc": nut.Command(t.Context(), dir, "upsc").Path, "upssched": nut.Command(t.Context(), dir, "upssched").Path} {
		if path == "" {
			path, _ = exec.LookPath(name) // the link leads nowhere then, and the set fails
		}
		if err := os.Symlink(path, filepath.Join(bin, name)); err != nil {
			t.Error(err)
		}
	}
	start := func(name string, args ...string) *exec.Cmd {
		cmd := nut.Command(t.Context(), dir, name, args...)
		cmd.Env = append(cmd.Env, "PATH="+bin)
		if err := cmd.Start(); err != nil {
			t.Error(err)
		}
		return cmd
	}
	end := func(cmd *exec.Cmd) {
		if cmd.Process != nil {
			_ = cmd.Process.Kill() // it may have ended
			_ = cmd.Wait()
		}
	}
	began := time.Now()
	drivers := map[string]*exec.Cmd{}
	for _, name := range upsOf(set) {
		drivers[name] = start("dummy-ups", "-a", name, "-u", "root", "-F")
		defer end(drivers[name])
	}
	defer end(start("upsd", "-u", "root", "-F"))
	for time.Since(began) < 10*time.Second { // upsmon would tell that the UPS is not there yet
		ask := nut.Command(t.Context(), dir, "upsc", "u@"+address, "ups.status")
		if out, err := ask.Output(); err == nil && strings.HasPrefix(string(out), "OL") {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	mon := start("upsmon", "-F", "-p")
	defer end(mon)
	if mon.Process != nil {
		_ = os.WriteFile(filepath.Join(dir, "pid"), []byte(strconv.Itoa(mon.Process.Pid)), 0o600) // a script that misses it fails the set
	}
	if set.leaves > 0 {
		first := func() bool { raw, _ := os.ReadFile(log); return len(raw) > 0 } // it is not there before
		for time.Since(began) < 30*time.Second && !first() {
			time.Sleep(50 * time.Millisecond)
		}
		time.Sleep(time.Duration(set.leaves * float64(time.Second)))
		_ = drivers["u"].Process.Kill()
	}
	time.Sleep(time.Until(began.Add(44 * time.Second)))
	return heardOf(t, log)
}

// heardOf reads what the commands of a set have noted.
func heardOf(t *testing.T, log string) witnessed {
	t.Helper()
	w := witnessed{down: -1}
	raw, _ := os.ReadFile(log) // nothing was called
	zero := 0.0
	for line := range strings.Lines(string(raw)) {
		words := strings.SplitN(strings.TrimSpace(line), " ", 3)
		at, err := strconv.ParseFloat(strings.Replace(words[0], ",", ".", 1), 64)
		if err != nil || len(words) < 2 {
			t.Errorf("log: %q", line)
			continue
		}
		if zero == 0 {
			zero = at
		}
		switch words[1] {
		case "event":
			w.events, w.times = append(w.events, words[2]), append(w.times, at-zero)
		case "sent":
			w.texts = append(w.texts, words[2])
		case "down":
			w.down = at - zero
		}
	}
	return w
}
