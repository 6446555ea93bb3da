package daemon

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ecnutd/config"
	"ecnutd/internal/sim"
)

// BenchmarkUnderFlood: how long the loop that decides takes to come to a
// question, with nobody connected and with a flood: 5000 that want one of 1000
// places and keep it, 24 connections that ask as
// fast as they can, others that come and go, wrong passwords, and clients that
// never read. Clients and daemon share the machine.
func BenchmarkUnderFlood(b *testing.B) {
	for _, flood := range []bool{false, true} {
		b.Run(map[bool]string{false: "quiet", true: "flood"}[flood], func(b *testing.B) {
			l, err := net.Listen("tcp4", "127.0.0.1:0")
			if err != nil {
				b.Fatal(err)
			}
			address := l.Addr().String()
			l.Close()
			c, _, err := config.Parse(fmt.Appendf(nil, "ups: {eaton: {}}\nstate: %s/db\ncontrol: none\nnetwork:\n  listen: [%q]\n  max_connections: 1000\n  users: {second: {password: sec, role: secondary}}\n", b.TempDir(), address), "bench")
			if err != nil {
				b.Fatal(err)
			}
			unit, err := sim.New("")
			if err != nil {
				b.Fatal(err)
			}
			d, err := New(c, hostOutside(b.Context(), unit, true))
			if err != nil {
				b.Fatal(err)
			}
			var wg sync.WaitGroup
			wg.Go(func() { d.Run(b.Context()) })
			for {
				if conn, err := net.Dial("tcp4", address); err == nil {
					conn.Close()
					break
				}
			}
			if flood {
				// From another process, as it would come: in this one its
				// goroutines would wait in the same queue as the daemon's.
				other := exec.CommandContext(b.Context(), os.Args[0], "-test.run=^TestFloodFrom$")
				other.Env = append(os.Environ(), "ECNUTD_FLOOD="+address)
				if err := other.Start(); err != nil {
					b.Fatal(err)
				}
				defer func() { _ = other.Wait() }()
				defer func() { _ = other.Process.Kill() }()
				time.Sleep(500 * time.Millisecond)
			}
			var took, idle []time.Duration
			for b.Loop() {
				begun := time.Now()
				if err := d.ask(b.Context(), func() {}); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(begun))
				// How much later than asked for this goroutine runs again is
				// what the machine alone takes, with all that runs on it.
				begun = time.Now()
				time.Sleep(time.Millisecond)
				idle = append(idle, time.Since(begun)-time.Millisecond)
			}
			report := func(name string, list []time.Duration) {
				slices.Sort(list)
				at := func(part float64) float64 {
					return float64(list[int(part*float64(len(list)-1))].Microseconds()) / 1000
				}
				b.ReportMetric(at(0.99), name+"p99-ms")
				b.ReportMetric(at(1), name+"max-ms")
			}
			report("", took)
			report("machine-", idle)
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			b.ReportMetric(float64(m.HeapInuse)/(1<<20), "heap-MB")
		})
	}
}

// TestFloodFrom is the process that BenchmarkUnderFlood starts.
func TestFloodFrom(t *testing.T) {
	address := os.Getenv("ECNUTD_FLOOD")
	if address == "" {
		t.Skip("a part of BenchmarkUnderFlood")
	}
	startFlood(address)
	time.Sleep(5 * time.Minute) // it is killed before
}

// startFlood sends all that strangers can send.
func startFlood(address string) {
	again := func(f func(net.Conn)) {
		go func() {
			for {
				c, err := net.Dial("tcp4", address)
				if err != nil {
					time.Sleep(time.Millisecond)
					continue
				}
				f(c)
				c.Close()
			}
		}()
	}
	for range 5000 { // come, and stay for as long as they may
		again(func(c net.Conn) {
			_, _ = io.WriteString(c, "VER\n")
			_, _ = io.Copy(io.Discard, c)
			time.Sleep(time.Second)
		})
	}
	for range 24 { // as fast as they can
		again(func(c net.Conn) {
			r := bufio.NewReader(c)
			for {
				if _, err := io.WriteString(c, "LIST VAR eaton\n"); err != nil {
					return
				}
				for {
					line, err := r.ReadString('\n')
					if err != nil {
						return
					}
					if strings.HasPrefix(line, "END") {
						break
					}
				}
			}
		})
	}
	for range 4 {
		again(func(c net.Conn) { // wrong passwords
			_, _ = io.WriteString(c, "USERNAME second\nPASSWORD bad\nLOGIN eaton\n")
			_ = c.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
			_, _ = io.ReadAll(c)
		})
		again(func(c net.Conn) { // come and go
			_, _ = io.WriteString(c, "VER")
		})
		again(func(c net.Conn) { // never read
			_ = c.SetWriteDeadline(time.Now().Add(time.Second))
			_, _ = io.WriteString(c, strings.Repeat("LIST VAR eaton\n", 100000))
		})
		again(func(c net.Conn) { // lines without an end
			_, _ = io.WriteString(c, "\""+strings.Repeat("x", 1<<20))
		})
	}
}
