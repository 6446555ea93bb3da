package shutdown

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ecnutd/config"
)

// listen is a socket as systemd hands it over.
func listen(t *testing.T) (l net.Listener, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "order")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l, path
}

func orderer(t *testing.T, socket string, log io.Writer) *Orderer {
	return &Orderer{
		Log: slog.New(slog.NewTextHandler(log, nil)), Socket: socket, Request: filepath.Join(t.TempDir(), "shutdown"),
		Now:   func() time.Duration { return time.Hour },
		Start: func(config.Command) (*Running, error) { panic("not in a test") },
	}
}

// TestOrderBySocket: an order and one to undo arrive with all that they say, and
// are taken; no file is written then.
func TestOrderBySocket(t *testing.T) {
	l, path := listen(t)
	came := Receive(t.Context(), l, slog.New(slog.DiscardHandler))
	o := orderer(t, path, io.Discard)
	plan := &Plan{Command: "shutdown.return"}
	for _, undo := range []bool{false, true} {
		done := make(chan error, 1)
		go func() {
			if undo {
				done <- o.Undo(t.Context(), Flag{Boot: thisBoot, Reason: "low", DropFlag: true})
				return
			}
			o.Order(t.Context(), config.Command{}, Flag{Boot: thisBoot, Reason: "low", Plan: plan})
			done <- nil
		}()
		d := <-came
		m, why := readMessage(d.Raw, thisBoot, time.Hour+time.Second)
		if why != "" || m.Undo != undo || m.DropFlag != undo || m.Reason != "low" || m.Uptime != time.Hour || (m.Plan != nil) == undo {
			t.Errorf("%+v, %q", m, why)
		}
		d.Answer(answerTaken)
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if left, _ := os.ReadDir(filepath.Dir(o.Request)); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

// TestSocketFails: whatever is amiss with the socket, the order goes by the file,
// and the log says why.
func TestSocketFails(t *testing.T) {
	for name, c := range map[string]struct {
		serve func(net.Listener)
		said  string
	}{
		"refused": {func(l net.Listener) {
			conn, _ := l.Accept()
			_, _ = io.ReadAll(conn)
			_, _ = io.WriteString(conn, "refused: it is \x1b[31mold\n")
			conn.Close()
		}, "the helper answers: refused: it is  [31mold"},
		"killed": {func(l net.Listener) {
			conn, _ := l.Accept()
			_, _ = io.ReadAll(conn)
			conn.Close()
		}, "ended without an answer"},
		"nobody listens": {func(l net.Listener) { l.Close() }, "connect"},
	} {
		t.Run(name, func(t *testing.T) {
			l, path := listen(t)
			log := &journal{}
			o := orderer(t, path, log)
			served := make(chan struct{})
			go func() {
				defer close(served)
				c.serve(l)
			}()
			if name == "nobody listens" {
				<-served
			}
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() {
				defer close(done)
				o.Order(ctx, config.Command{}, Flag{Boot: thisBoot, Reason: "low"})
			}()
			for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
				if _, there, why := ReadOrder(o.Request, thisBoot, time.Hour, OrderFresh); there && why == "" {
					break
				}
				if time.Now().After(deadline) {
					t.Fatal("there is no order by a file")
				}
			}
			cancel()
			<-done
			if text := log.String(); !strings.Contains(text, c.said) || strings.Contains(text, "\x1b") {
				t.Errorf("it says %s", text)
			}
		})
	}
}

// TestReadMessage: what does not count does not count over the socket either.
func TestReadMessage(t *testing.T) {
	good, err := json.Marshal(message{Flag: Flag{Version: FlagVersion, Boot: thisBoot, Uptime: time.Hour}})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		raw  []byte
		now  time.Duration
		boot string
		want string
	}{
		"good":           {good, time.Hour, thisBoot, ""},
		"old":            {good, time.Hour + OrderFresh + 1, thisBoot, "counts no more"},
		"of the future":  {good, time.Hour - 1, thisBoot, "counts no more"},
		"another boot's": {good, time.Hour, "another", "another boot"},
		"nothing":        {nil, time.Hour, thisBoot, "not a flag"},
		"no JSON":        {[]byte("poweroff"), time.Hour, thisBoot, "not a flag"},
		"long":           {bytes.Repeat([]byte(" "), maxFlag+1), time.Hour, thisBoot, "longer"},
	} {
		if _, why := readMessage(c.raw, c.boot, c.now); c.want == "" && why != "" || !strings.Contains(why, c.want) {
			t.Errorf("%s: %q", name, why)
		}
	}
}

// TestSlowPeer: somebody who connects and says nothing keeps nobody else from it for
// longer than a moment.
func TestSlowPeer(t *testing.T) {
	l, path := listen(t)
	came := Receive(t.Context(), l, slog.New(slog.DiscardHandler))
	for range 3 {
		conn, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		conn.Close() // says nothing
	}
	silent, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	go func() { _ = send(t.Context(), path, message{Flag: Flag{Boot: thisBoot}}) }()
	d := <-came
	d.Answer(answerTaken)
}

// FuzzMessage: whatever comes over the socket, it counts only with this boot and a
// time of the last two minutes, and nothing in it steers a terminal.
func FuzzMessage(f *testing.F) {
	good, err := json.Marshal(message{Undo: true, Flag: Flag{Version: FlagVersion, Boot: thisBoot, Uptime: time.Hour, Reason: "low", Plan: &Plan{Command: "shutdown.return"}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"version":2,"boot":"` + thisBoot + `","uptime_ns":3600000000000,"undo":"yes"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, why := readMessage(raw, thisBoot, time.Hour)
		if why != "" {
			return
		}
		if m.Boot != thisBoot || m.Uptime > time.Hour || m.Uptime < time.Hour-OrderFresh || m.Version > FlagVersion {
			t.Errorf("%+v counts", m)
		}
		if strings.ContainsAny(m.Reason, "\x1b\n\r\u202e") {
			t.Errorf("the reason is %q", m.Reason)
		}
	})
}
