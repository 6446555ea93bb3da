package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"ecnutd/internal/host"
	"ecnutd/ups"
)

// Kinds of a Line.
const (
	LineSnapshot = "snapshot" // something has changed
	LineEvent    = "event"    // something has happened
	LineAlive    = "alive"    // a snapshot though nothing has changed: the daemon is there
)

// A Line is one of a stream: a JSON object on a line of its own.
type Line struct {
	Kind     string    `json:"kind"`
	At       time.Time `json:"at"`
	Snapshot *Snapshot `json:"snapshot,omitempty"` // of LineSnapshot and LineAlive
	Event    *Event    `json:"event,omitempty"`    // of LineEvent
}

// A Snapshot is all that there is to see.
type Snapshot struct {
	Status    Status             `json:"status"`
	Variables map[string]Reading `json:"variables"` // by UPS
}

// An Event is something that happened.
type Event struct {
	UPS  string    `json:"ups,omitempty"` // "": it is the host's
	Name ups.Event `json:"name"`
	Text string    `json:"text,omitempty"` // why, in the daemon's language
}

// AliveEvery is how often a stream has a line at least. Whoever hears nothing for
// three times as long takes the daemon for gone.
const AliveEvery = 10 * time.Second

// lineTime is how long a reader may take for a line. One that is slower is dropped.
const lineTime = 5 * time.Second

// stream writes lines until the reader goes, or is too slow. It begins with a
// snapshot.
func stream(w http.ResponseWriter, r *http.Request, b Backend) {
	c, _ := r.Context().Value(connKey{}).(*conn)
	if c != nil && !c.becomeStream() {
		refuse(w, Refuse(ErrBusy, "too many streams are open at once"))
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	lines, err := b.Stream(ctx)
	if err != nil {
		refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/jsonl")
	w.Header().Set(VersionHeader, strconv.Itoa(Version))
	w.Header().Set("Connection", "close")
	control := http.NewResponseController(w)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = control.SetReadDeadline(time.Time{}) // nothing more is read, however long it lasts
	say := func(l Line) bool {
		_ = control.SetWriteDeadline(time.Now().Add(lineTime)) // an error shows when writing
		return enc.Encode(l) == nil && control.Flush() == nil
	}
	alive := time.NewTicker(AliveEvery)
	defer alive.Stop()
	kind := LineSnapshot
	for {
		if kind != "" {
			now, err := b.Now(ctx)
			if err != nil || !say(Line{Kind: kind, At: time.Now().Round(0), Snapshot: &now}) {
				return
			}
			kind = ""
		}
		select {
		case l, ok := <-lines:
			if !ok || !say(l) {
				return
			}
		case <-alive.C:
			kind = LineAlive
		case <-ctx.Done():
			return
		}
	}
}

// ErrStreamEnded says that the daemon has ended a stream: it ends, or the reader was
// too slow.
var ErrStreamEnded = errors.New("the daemon has ended the stream")

// maxLine bounds a line, in bytes.
const maxLine = 1 << 20

// Stream calls hear for each line, until ctx ends or the stream does. The error says
// why.
func (c *Client) Stream(ctx context.Context, hear func(Line)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	endless := http.Client{Transport: c.http.Transport} // the lines tell that it lives
	resp, err := c.request(ctx, &endless, getStream.method, getStream.path, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	silence := time.AfterFunc(3*AliveEvery, func() { cancel(errors.New("the daemon has not said anything for " + (3 * AliveEvery).String())) })
	defer silence.Stop()
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		silence.Reset(3 * AliveEvery)
		var l Line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return fmt.Errorf("the daemon's stream is not understood: %w", err)
		}
		host.CleanStrings(&l)
		hear(l)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err := lines.Err(); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the daemon's stream: %w", err)
	}
	return ErrStreamEnded
}

type connKey struct{}

// rememberConn lets a request find its connection.
func rememberConn(ctx context.Context, c net.Conn) context.Context {
	if accepted, ok := c.(*conn); ok {
		return context.WithValue(ctx, connKey{}, accepted)
	}
	return ctx
}
