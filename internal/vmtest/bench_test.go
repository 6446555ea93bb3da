//go:build vm

package vmtest

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ecnutd/internal/sim"
)

// How long the idle figures are taken over, and how many outages are tried.
// BENCH_SHORT=1 is for trying the bench itself.
const (
	idleFor = 120 * time.Second
	outages = 20
)

// figures are what one side showed.
type figures struct {
	variables []string
	cpu       float64         // seconds per hour, idle
	controls  float64         // control transfers per minute, idle
	rss, pss  int             // KiB of all processes, idle
	rssAfter  int             // and when messages have been sent
	pssAfter  int             //
	reaction  []time.Duration // report on the wire → message at the gateway
	lost      time.Duration   // cable pulled → told
	back      time.Duration   // cable put back → told
	told      []string        // every message, in order
}

// BenchmarkBesideNUT measures ecnutd and Debian's NUT, one after the other, each
// from the same snapshot with the same UPS, and prints a table.
func BenchmarkBesideNUT(b *testing.B) {
	nut := measure(b, nutUnits, "upsc eaton@localhost 2>/dev/null", func(m *machine) {
		m.startNUT()
	})
	ours := measure(b, []string{"ecnutd"}, "ecnutd dump", func(m *machine) {
		m.watchImported()
	})
	first, ready := beginnings(b)
	fmt.Print(table(ours, nut, first, ready))
}

func measure(b *testing.B, units []string, dump string, set func(*machine)) (f figures) {
	b.Helper()
	m := fresh(b)
	defer m.kill() // one machine at a time
	u := newUPS(b, "")
	m.plug(u)
	m.until("test -e /dev/hidraw0 && udevadm settle")
	set(m)
	messages := make(chan time.Time, 1024)
	go func() {
		for s := bufio.NewScanner(m.wire); s.Scan(); {
			messages <- time.Now()
		}
	}()
	f.variables = strings.Split(m.sh(dump), "\n")
	idle, n := idleFor, outages
	if os.Getenv("BENCH_SHORT") != "" {
		idle, n = 20*time.Second, 2
	}
	m.sh("sleep 15") // what starting took is over

	cpu, controls, began := m.cpu(units), u.controls.Load(), time.Now()
	time.Sleep(idle)
	hours := time.Since(began).Hours()
	f.controls = float64(u.controls.Load()-controls) / hours / 60
	f.cpu = (m.cpu(units) - cpu).Seconds() / hours
	f.rss, f.pss = m.memory(units)

	message := func(what string) time.Time {
		select {
		case at := <-messages:
			return at
		case <-time.After(patience):
			b.Fatalf("%s is not told", what)
			return time.Time{}
		}
	}
	for i := range 2 * n {
		// Steps of a poll that are not its divisors: every phase is met.
		time.Sleep(time.Duration(1700+i*310%2500) * time.Millisecond)
		began := time.Now()
		if i%2 == 0 {
			u.CutMains()
		} else {
			u.RestoreMains()
		}
		at := message("a change of mains")
		f.reaction = append(f.reaction, at.Sub(reported(u, began)))
	}
	slices.Sort(f.reaction)
	f.rssAfter, f.pssAfter = m.memory(units)

	began = time.Now()
	u.Unplug()
	f.lost = message("the loss of the link").Sub(began)
	began = time.Now()
	u.Plug()
	f.back = message("the return of the link").Sub(began)

	// To the end: the battery runs low in an outage.
	u.CutMains()
	message("the last outage")
	u.SetCharge(15) // the limit of the UPS is 20 %
	m.until("test -e /run/went-down")
	f.told = m.messages()
	return f
}

// reported is when the report with the state of mains went over the wire after
// an instant. Where nobody asked for it, it is when it would have gone.
func reported(u *cupboard, since time.Time) time.Time {
	for _, t := range u.Transfers() {
		if t.Kind == sim.Input && t.Data[0] == 1 && t.At.After(since) {
			return t.At
		}
	}
	return since.Add(time.Second)
}

// cpu is the processor time that units have taken.
func (m *machine) cpu(units []string) (sum time.Duration) {
	m.t.Helper()
	for _, unit := range units {
		ns, err := strconv.ParseInt(m.sh("systemctl show -p CPUUsageNSec --value "+unit), 10, 64)
		if err != nil {
			m.t.Fatalf("%s: %v", unit, err)
		}
		sum += time.Duration(ns)
	}
	return sum
}

// memory is what all processes of units take, in KiB.
func (m *machine) memory(units []string) (rss, pss int) {
	m.t.Helper()
	for _, unit := range units {
		out := m.sh("for p in $(cat /sys/fs/cgroup$(systemctl show -p ControlGroup --value " + unit + ")/cgroup.procs); do cat /proc/$p/smaps_rollup; done")
		for line := range strings.Lines(out) {
			fields := strings.Fields(line)
			if len(fields) < 2 {
				continue
			}
			n, _ := strconv.Atoi(fields[1])
			switch fields[0] {
			case "Rss:":
				rss += n
			case "Pss:":
				pss += n
			}
		}
	}
	return rss, pss
}

// beginnings are, of ecnutd: the node appears → variables known, with the daemon
// waiting for it; and started → ready, with the UPS there. Both by the guest's
// clock.
func beginnings(b *testing.B) (first, ready []time.Duration) {
	m := fresh(b)
	defer m.kill() // one machine at a time
	u := newUPS(b, "")
	m.write("/etc/ecnutd/config.yaml", settings("eaton: {}"))
	m.sh("systemctl start gateway.service ecnutd.service")
	m.until("journalctl -b -u ecnutd | grep -q 'the UPS cannot be read'")
	u.Unplug()
	m.plug(u)
	for range 10 {
		u.Plug()
		m.heard("eaton")
		node := m.sh(`dmesg | sed -n 's/^\[ *\([0-9.]*\)\].*hidraw0: USB HID.*/\1/p' | tail -n 1`)
		known := m.until(fmt.Sprintf(`journalctl --sync; journalctl -b -u ecnutd -o short-monotonic | sed -n 's/^\[ *\([0-9.]*\)\].*\(found:\|COMMOK\).*/\1/p' | awk '$1 > %s {print $1; f = 1; exit} END {exit !f}'`, node))
		first = append(first, seconds(b, known)-seconds(b, node))
		u.Unplug()
		m.until("systemctl show -p StatusText ecnutd | grep -q 'link lost'")
	}
	u.Plug()
	m.until("test -e /dev/hidraw0 && udevadm settle")
	for range 10 {
		m.sh("systemctl restart ecnutd.service")
		at := strings.Fields(m.sh("systemctl show -p ExecMainStartTimestampMonotonic -p ActiveEnterTimestampMonotonic --value ecnutd.service"))
		one, _ := strconv.Atoi(at[0])
		two, _ := strconv.Atoi(at[1])
		ready = append(ready, time.Duration(max(one-two, two-one))*time.Microsecond)
		m.heard("eaton")
	}
	slices.Sort(first)
	slices.Sort(ready)
	return first, ready
}

// end is the last lines of many.
func end(lines []string) string { return strings.Join(lines[max(len(lines)-6, 0):], "\n") }

func seconds(b *testing.B, text string) time.Duration {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		b.Fatal(err)
	}
	return time.Duration(f * float64(time.Second))
}

// quantile of sorted times: the smallest that so many percent do not exceed.
func quantile(sorted []time.Duration, percent int) time.Duration {
	return sorted[max((len(sorted)*percent+99)/100-1, 0)]
}

// table is the figures in Markdown.
func table(ours, nut figures, first, ready []time.Duration) string {
	var s strings.Builder
	row := func(what string, a, b float64, unit string) {
		fmt.Fprintf(&s, "| %s | %.4g %s | %.4g %s | %.3g |\n", what, a, unit, b, unit, a/b)
	}
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	s.WriteString("\n| | ecnutd | NUT | ratio |\n|---|---|---|---|\n")
	n := strconv.Itoa(len(ours.reaction))
	row("report on the wire → message at the gateway, p50 of "+n, ms(quantile(ours.reaction, 50)), ms(quantile(nut.reaction, 50)), "ms")
	row("the same, p99", ms(quantile(ours.reaction, 99)), ms(quantile(nut.reaction, 99)), "ms")
	row("CPU, idle, per hour", ours.cpu, nut.cpu, "s")
	row("control transfers per minute, idle", ours.controls, nut.controls, "")
	row("RSS, idle", float64(ours.rss)/1024, float64(nut.rss)/1024, "MiB")
	row("PSS, idle", float64(ours.pss)/1024, float64(nut.pss)/1024, "MiB")
	row("RSS after "+n+" messages", float64(ours.rssAfter)/1024, float64(nut.rssAfter)/1024, "MiB")
	row("PSS after "+n+" messages", float64(ours.pssAfter)/1024, float64(nut.pssAfter)/1024, "MiB")
	row("cable pulled → told", ms(ours.lost), ms(nut.lost), "ms")
	row("cable put back → told", ms(ours.back), ms(nut.back), "ms")
	fmt.Fprintf(&s, "| node appears → variables known, p50, worst of %d | %.4g, %.4g ms | | |\n", len(first), ms(quantile(first, 50)), ms(quantile(first, 100)))
	fmt.Fprintf(&s, "| started → ready, p50, worst of %d | %.4g, %.4g ms | | |\n\n", len(ready), ms(quantile(ready, 50)), ms(quantile(ready, 100)))
	only := func(a, b []string) string {
		var names []string
		for _, line := range a {
			if !slices.Contains(b, line) {
				names = append(names, line)
			}
		}
		return strings.Join(names, "\n")
	}
	order := "in the same order"
	if !slices.Equal(ours.told, nut.told) {
		order = "not the same"
	}
	fmt.Fprintf(&s, "Messages: %d and %d, %s. Of ecnutd alone:\n%s\n\nOf NUT alone:\n%s\n\nThe end of ecnutd's and of NUT's:\n%s\n\n%s\n\n", len(ours.told), len(nut.told), order,
		only(ours.told, nut.told), only(nut.told, ours.told), end(ours.told), end(nut.told))
	fmt.Fprintf(&s, "Variables of ecnutd that NUT does not print so:\n%s\n\nVariables of NUT that ecnutd does not print so:\n%s\n", only(ours.variables, nut.variables), only(nut.variables, ours.variables))
	return s.String()
}
