package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

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
