package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ecnutd/config"
	"ecnutd/internal/discovery"
	"ecnutd/internal/sim"
)

// BenchmarkReaction: from the report that mains has gone, or is back, to the
// request at the gateway, with the state and the message on disk in between.
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
	d := newDaemon(c, slog.New(slog.DiscardHandler), false)
	d.find = discovery.NewFinder(ctx, discovery.Simulate(unit), nil).Locators
	var wg sync.WaitGroup
	wg.Go(func() { d.run(ctx) })
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

// BenchmarkReady: from the start of the program, as it is released, to the word
// that it is ready, which systemd waits for.
func BenchmarkReady(b *testing.B) {
	dir := b.TempDir()
	binary := released(b, dir)
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(dir, "notify"), Net: "unixgram"})
	if err != nil {
		b.Fatal(err)
	}
	defer socket.Close()
	file := filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(file, fmt.Appendf(nil, "ups: {eaton: {}}\nstate: %[1]s/state.db\ncontrol: %[1]s/control\n", dir), 0o600); err != nil {
		b.Fatal(err)
	}
	var took []time.Duration
	for b.Loop() {
		daemon := exec.Command(binary, "run", "--simulate", "--config", file)
		daemon.Env = append(os.Environ(), "NOTIFY_SOCKET="+filepath.Join(dir, "notify"))
		began := time.Now()
		if err := daemon.Start(); err != nil {
			b.Fatal(err)
		}
		buf := make([]byte, 4096)
		for {
			n, err := socket.Read(buf)
			if err != nil {
				b.Fatal(err)
			}
			if strings.Contains(string(buf[:n]), "READY=1") {
				break
			}
		}
		took = append(took, time.Since(began))
		_ = daemon.Process.Kill()
		_ = daemon.Wait()
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
