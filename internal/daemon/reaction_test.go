package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"ecnutd/config"
	"ecnutd/internal/daemon/thishost"
	"ecnutd/internal/discovery"
	"ecnutd/internal/sim"
)

// BenchmarkReaction: from the report that mains has gone, or is back, to the
// request at the gateway. State and message go to the disk meanwhile. The UPS is
// simulated, and takes no time or 80 ms for an answer; nothing else is. Mains goes
// for a second or two, forty changes a run.
func BenchmarkReaction(b *testing.B) {
	for _, answer := range []time.Duration{0, 80 * time.Millisecond} {
		b.Run(fmt.Sprintf("answer=%s", answer), func(b *testing.B) { reaction(b, answer) })
	}
}

func reaction(b *testing.B, answer time.Duration) {
	arrived := make(chan time.Time, 1)
	gateway := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { arrived <- time.Now() }))
	defer gateway.Close()
	c, _, err := config.Parse(fmt.Appendf(nil, `
ups: {eaton: {}}
state: %[1]s/state.db
control: none
power_down_flag: %[1]s/killpower
shutdown_command: [/bin/true]
events:
  ONBATT: {message: "on battery", wall: false}
  ONLINE: {message: "on mains", wall: false}
messages:
  rate: {burst: 1000000, every: 1s}
  routes: {gateway: {http: {method: POST, url: "%[2]s/", body: "{{text}}"}}}
`, b.TempDir(), gateway.URL), "bench")
	if err != nil {
		b.Fatal(err)
	}
	unit, err := sim.New("")
	if err != nil {
		b.Fatal(err)
	}
	if answer > 0 {
		unit.Inject(sim.Fault{Kind: sim.SlowReply, Delay: answer})
	}
	ctx, cancel := context.WithCancel(b.Context())
	d, err := New(c, hostOutside(ctx, unit, false))
	if err != nil {
		b.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() { d.Run(ctx) })
	defer wg.Wait()
	defer cancel()
	time.Sleep(5 * time.Second) // the first reports, and whatever else the start does
	var lost, back []time.Duration
	for b.Loop() {
		for n := range 40 {
			took := &lost
			began := time.Now()
			if n%2 == 0 {
				unit.CutMains()
			} else {
				took = &back
				unit.SetCharge(100) // so that the battery lasts for ever
				unit.RestoreMains()
			}
			at := began
			select {
			case at = <-arrived:
			case <-time.After(30 * time.Second):
				b.Fatal("no message")
			}
			said := at // when the UPS first said so, asked or by itself
			for _, t := range slices.Backward(unit.Transfers()) {
				if t.At.Before(began) {
					break
				}
				if t.Data[0] == 1 && t.At.Before(at) {
					said = t.At
				}
			}
			*took = append(*took, at.Sub(said))
			time.Sleep(time.Duration(300+n*310%1000) * time.Millisecond)
		}
	}
	quantiles(b, "lost-", lost)
	quantiles(b, "back-", back)
}

// quantiles reports what half and 99 of 100 did not exceed, and the longest.
func quantiles(b *testing.B, of string, took []time.Duration) {
	slices.Sort(took)
	at := func(percent int) float64 {
		return float64(took[max((len(took)*percent+99)/100-1, 0)].Microseconds()) / 1000
	}
	b.ReportMetric(at(50), of+"p50-ms")
	b.ReportMetric(at(99), of+"p99-ms")
	b.ReportMetric(at(100), of+"max-ms")
	b.ReportMetric(0, "ns/op")
}

// hostOutside is a real outside, but for the UPS.
func hostOutside(ctx context.Context, unit *sim.UPS, dry bool) Outside {
	log := slog.New(slog.DiscardHandler)
	return Outside{
		Log: log, Host: "srv", Boot: rigBoot, Version: "bench", DryRun: dry,
		Clock: thishost.Clock{}, Devices: discovery.NewFinder(ctx, discovery.Simulate(unit), nil), Disk: thishost.Disk{Log: log},
		Messages: thishost.Messages{}, Programs: thishost.Programs{}, Power: &thishost.Power{Log: log, Boot: rigBoot}, Notify: Unheard{},
	}
}
