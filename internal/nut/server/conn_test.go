package server

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ecnutd/internal/nut/parseconf"
)

// pipe connects to a server without a network.
func pipe(srv *Server) (client net.Conn, stop func()) {
	a, b := net.Pipe()
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	one := srv.welcome(ctx, b)
	wg.Go(func() { srv.serve(one) })
	return a, func() { cancel(); a.Close(); wg.Wait() }
}

// TestIdle: a connection that says nothing is closed after its time, whether
// or not it sends single bytes meanwhile, and one that asks stays.
func TestIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := New(newFake(), settings(t), quiet())
		for name, every := range map[string]string{"nothing": "", "single bytes": "V"} {
			c, stop := pipe(srv)
			began := time.Now()
			go func() {
				for every != "" {
					time.Sleep(20 * time.Second)
					if _, err := io.WriteString(c, every); err != nil {
						return
					}
				}
			}()
			_, _ = io.ReadAll(c) // until it is closed
			if took := time.Since(began); took != time.Minute {
				t.Errorf("%s: closed after %s", name, took)
			}
			stop()
			synctest.Wait()
			time.Sleep(time.Minute)
		}
		c, stop := pipe(srv)
		defer stop()
		r := bufio.NewReader(c)
		for range 10 {
			time.Sleep(59 * time.Second)
			if _, err := io.WriteString(c, "NETVER\n"); err != nil {
				t.Fatal(err)
			}
			if line, err := r.ReadString('\n'); line != "1.3\n" || err != nil {
				t.Fatal(line, err)
			}
		}
	})
}

// TestSlowReader: a client that asks and does not read is cut off when a write
// has waited for its time, and nothing piles up.
func TestSlowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := New(newFake(), settings(t), quiet())
		c, stop := pipe(srv)
		defer stop()
		began := time.Now()
		_, err := io.WriteString(c, strings.Repeat("LIST VAR eaton\n", 10000))
		if err == nil {
			t.Error("all was taken")
		}
		if took := time.Since(began); took != writeTime {
			t.Errorf("cut off after %s", took)
		}
	})
}

// TestLongRequest: a line that does not end is refused at its greatest length,
// in open quotes too.
func TestLongRequest(t *testing.T) {
	_, address := start(t, newFake(), settings(t))
	for _, begin := range []string{"VER ", "GET VAR \"", "\"\n\n\n", "a\\", "# ", strings.Repeat("a ", 1000)} {
		c := dial(t, address)
		go func() {
			_, _ = io.WriteString(c, begin+strings.Repeat("x", 1<<20)) // it is cut off
		}()
		_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
		if line, err := c.r.ReadString('\n'); line != errArgument+"\n" && err == nil {
			t.Errorf("%.10q: %q", begin, line)
		}
		if _, err := io.Copy(io.Discard, c.r); err != nil && strings.Contains(err.Error(), "timeout") {
			t.Errorf("%.10q: not closed", begin)
		}
		c.Close()
	}
	if got := ask(t, dial(t, address), "NETVER"); got != "1.3\n" {
		t.Error(got)
	}
}

// TestThousandConnections: who has logged in stays, and whoever comes is
// served, though one host opens a thousand connections and keeps them.
func TestThousandConnections(t *testing.T) {
	f := newFake()
	srv, address := start(t, f, settings(t))
	secondary := dial(t, address)
	defer secondary.Close()
	for _, r := range []string{"USERNAME second", "PASSWORD sec", "LOGIN eaton"} {
		if got := ask(t, secondary, r); got != "OK\n" {
			t.Fatal(got)
		}
	}
	before := runtime.NumGoroutine()
	var open []net.Conn
	for i := range 1000 {
		c, err := net.Dial("tcp4", address)
		if err != nil {
			t.Fatal(i, err)
		}
		open = append(open, c)
		_, _ = io.WriteString(c, "VE") // it may be closed already
	}
	from := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
	other, err := from.Dial("tcp4", address)
	if err != nil {
		t.Fatal(err)
	}
	late := &client{other, bufio.NewReader(other)}
	defer late.Close()
	if got := ask(t, late, "GET VAR eaton ups.status"); got != "VAR eaton ups.status \"OL\"\n" {
		t.Error(got)
	}
	if got := ask(t, secondary, "GET NUMLOGINS eaton"); got != "NUMLOGINS eaton 1\n" {
		t.Error(got)
	}
	eventually(t, "no more than 32 are served", func() bool { return len(srv.Clients()) <= 32 && runtime.NumGoroutine() < before+3*32 })
	for _, c := range open {
		c.Close()
	}
}

// TestFullOfSecondaries: where all places belong to secondaries, nobody is
// displaced.
func TestFullOfSecondaries(t *testing.T) {
	s := settings(t)
	s.MaxConnections = 2
	srv, address := start(t, newFake(), s)
	var two []*client
	for range 2 {
		c := dial(t, address)
		defer c.Close()
		two = append(two, c)
		for _, r := range []string{"USERNAME second", "PASSWORD sec", "LOGIN eaton"} {
			if got := ask(t, c, r); got != "OK\n" {
				t.Fatal(got)
			}
		}
	}
	if got := ask(t, dial(t, address), "VER"); got != "(closed)\n" {
		t.Errorf("a third was served: %s", got)
	}
	for _, c := range two {
		if got := ask(t, c, "GET NUMLOGINS eaton"); got != "NUMLOGINS eaton 2\n" {
			t.Error(got)
		}
	}
	two[0].Close()
	eventually(t, "one place is free", func() bool { return len(srv.Clients()) == 1 })
	if got := ask(t, dial(t, address), "GET NUMLOGINS eaton"); got != "NUMLOGINS eaton 1\n" {
		t.Error(got)
	}
}

// FuzzStranger: whatever bytes somebody sends who has no password, nothing
// reaches the backend, and every answer is lines of printable ASCII.
func FuzzStranger(f *testing.F) {
	f.Add([]byte("VER\nGET VAR eaton ups.status\nLIST VAR \"eaton\nUSERNAME admin\nPASSWORD secre\nLOGIN eaton\n"))
	f.Add([]byte("USERNAME \"ad\\\"min\"\nPASSWORD x\nFSD eaton\nSET VAR eaton ups.time 1\nINSTCMD eaton load.off.delay 1\nSET TRACKING ON\nGET TRACKING x\n"))
	f.Add([]byte("\x00\xff\"\\\n\n#\nLIST ENUM eaton ups.time\nLIST RANGE EATON x\nGET TYPE eaton ups.time\nSTARTTLS\nLOGOUT\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		back := newFake()
		srv := New(back, settings(t), quiet())
		s := newSession(srv)
		var scanner parseconf.Scanner
		ctx, cancel := context.WithCancel(context.Background())
		cancel() // nothing waits
		for _, b := range data {
			if scanner.Size() >= mostBytes {
				return
			}
			line, ok := scanner.Next(b)
			if !ok {
				continue
			}
			answer, n := s.respond(ctx, line.Words)
			if !strings.HasSuffix(answer, "\n") || !isPlain(strings.ReplaceAll(answer, "\n", "")) {
				t.Fatalf("%q: %q", line.Words, answer)
			}
			if lines := strings.Count(answer, "\n"); lines > 1 && !strings.HasPrefix(answer, "BEGIN ") || strings.HasPrefix(answer, "BEGIN ") && !strings.Contains(answer, "\nEND ") {
				t.Fatalf("%q: %q", line.Words, answer)
			}
			if s.password != "secret" && s.password != "mon" && s.password != "sec" && back.touched() {
				t.Fatalf("%q reached the backend", line.Words)
			}
			if n == hangUp {
				return
			}
		}
	})
}

// BenchmarkRequests: requests a second of one server over loopback, four
// clients, one request at a time each.
func BenchmarkRequests(b *testing.B) {
	for _, request := range []string{"GET VAR eaton ups.status", "LIST VAR eaton"} {
		b.Run("ecnutd/"+strings.Fields(request)[0], func(b *testing.B) {
			_, address := start(b, newFixed(), settings(b))
			load(b, address, request)
		})
		b.Run("upsd/"+strings.Fields(request)[0], func(b *testing.B) {
			load(b, upsdFor(b), request)
		})
	}
}

func load(b *testing.B, address, request string) {
	b.SetParallelism(2)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		c, err := net.Dial("tcp4", address)
		if err != nil {
			b.Error(err)
			return
		}
		defer c.Close()
		r := bufio.NewReader(c)
		for pb.Next() {
			fmt.Fprintf(c, "%s\n", request)
			for {
				line, err := r.ReadString('\n')
				if err != nil {
					b.Error(err)
					return
				}
				if !strings.HasPrefix(request, "LIST") || strings.HasPrefix(line, "END") {
					break
				}
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
}
