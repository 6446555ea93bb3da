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
// request at the gateway. State and message go to the disk meanwhile.
// The UPS is simulated, twenty times as fast as the clock; nothing else is.
func BenchmarkReaction(b *testing.B) {
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
	unit, err := sim.New("", sim.WithSpeed(20))
	if err != nil {
		b.Fatal(err)
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
	time.Sleep(time.Second) // the first reports
	var took []time.Duration
	mains := true
	for b.Loop() {
		began := time.Now()
		if mains {
			unit.CutMains()
		} else {
			unit.RestoreMains()
		}
		mains = !mains
		at := <-arrived
		said := at // when the UPS first said so, asked or by itself
		for _, t := range slices.Backward(unit.Transfers()) {
			if t.At.Before(began) {
				break
			}
			if t.Data[0] == 1 && t.At.Before(at) {
				said = t.At
			}
		}
		took = append(took, at.Sub(said))
	}
	quantiles(b, took)
}

// quantiles reports what half and 99 of 100 did not exceed, and the longest.
func quantiles(b *testing.B, took []time.Duration) {
	slices.Sort(took)
	at := func(percent int) float64 {
		return float64(took[max((len(took)*percent+99)/100-1, 0)].Microseconds()) / 1000
	}
	b.ReportMetric(at(50), "p50-ms")
	b.ReportMetric(at(99), "p99-ms")
	b.ReportMetric(at(100), "max-ms")
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
