package control

import (
	"context"
	"errors"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ecnutd/internal/history"
)

// TestHistory: the lines and one outage travel.
func TestHistory(t *testing.T) {
	c := serve(t, &fake{})
	if h, err := c.History(t.Context()); err != nil || h.Totals.Outages != 3 || len(h.Outages) != 1 || h.Outages[0].N != 3 {
		t.Errorf("%+v, %v", h, err)
	}
	if o, err := c.Outage(t.Context(), 7); err != nil || o.N != 7 {
		t.Errorf("%+v, %v", o, err)
	}
	var o history.Outage
	_, err := call[none, history.Outage]{method: http.MethodGet, path: "/v1/history/seven"}.ask(t.Context(), c, "", none{})
	if !errors.Is(err, ErrNoSuch) {
		t.Errorf("%+v, %v", o, err)
	}
}

// TestStream: a stream begins with a snapshot, has what is told as it comes, and
// ends when the daemon ends it.
func TestStream(t *testing.T) {
	f := &fake{lines: make(chan Line, 2)}
	c := serve(t, f)
	f.lines <- Line{Kind: LineEvent, Event: &Event{UPS: "eaton", Name: "ONBATT", Text: "a\x1b[31mb"}}
	var got []Line
	err := c.Stream(t.Context(), func(l Line) {
		if got = append(got, l); len(got) == 2 {
			close(f.lines)
		}
	})
	if !errors.Is(err, ErrStreamEnded) {
		t.Errorf("it ended with %v", err)
	}
	if len(got) != 2 || got[0].Kind != LineSnapshot || got[0].Snapshot.Status.Version != "1.2.3" || got[1].Kind != LineEvent || got[1].Event.Name != "ONBATT" {
		t.Fatalf("%+v", got)
	}
	if strings.ContainsRune(got[1].Event.Text, '\x1b') {
		t.Errorf("a text reached the reader raw: %q", got[1].Event.Text)
	}
}

// pipes is a listener whose connections are in memory, so that time can be virtual.
type pipes struct {
	accept chan net.Conn
	ended  chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.accept:
		return c, nil
	case <-p.ended:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error {
	select {
	case <-p.ended:
	default:
		close(p.ended)
	}
	return nil
}
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

// TestAlive: a stream in which nothing happens has a line every ten seconds, for as
// long as it is read; and one that nobody reads is ended.
func TestAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{lines: make(chan Line)}
		p := &pipes{accept: make(chan net.Conn), ended: make(chan struct{})}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- Serve(ctx, p, f) }()
		dial := func() net.Conn {
			here, there := net.Pipe()
			p.accept <- there
			return here
		}
		c := NewClient("/nowhere")
		c.http.Transport = &http.Transport{DisableKeepAlives: true, DialContext: func(context.Context, string, string) (net.Conn, error) { return dial(), nil }}
		reading, enough := context.WithCancel(ctx)
		alive := 0
		begun := time.Now()
		_ = c.Stream(reading, func(l Line) {
			if l.Kind == LineAlive {
				alive++
			}
			if time.Since(begun) >= 10*time.Minute {
				enough()
			}
		})
		if alive != 60 {
			t.Errorf("%d lines in ten minutes, want 60", alive)
		}

		slow := dial()
		if _, err := slow.Write([]byte("GET /v1/stream HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(lineTime + time.Second)
		synctest.Wait()
		if n, err := slow.Write([]byte("x")); err == nil {
			t.Errorf("a stream that nobody reads is still open (%d)", n)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// TestStreamRoom: streams have a room of their own. While it is full, requests are
// answered, and one stream more is refused in a sentence.
func TestStreamRoom(t *testing.T) {
	f := &fake{lines: make(chan Line)}
	path := filepath.Join(t.TempDir(), "s")
	l, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, l, f) }()
	c := NewClient(path)
	var refused error
	streams := make(chan error)
	begun := make(chan struct{}, maxConns)
	n := 0
	for refused == nil && n <= maxConns {
		go func() { streams <- c.Stream(ctx, func(Line) { begun <- struct{}{} }) }()
		select {
		case <-begun:
			n++
		case refused = <-streams:
		}
	}
	if n != maxConns && n != maxConnsUser { // root, or a user
		t.Errorf("%d streams were open at once", n)
	}
	if !errors.Is(refused, ErrBusy) {
		t.Errorf("the next one: %v", refused)
	}
	if _, err := c.Status(ctx); err != nil {
		t.Errorf("a request beside them: %v", err)
	}
	stop()
	for range n {
		<-streams
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
