package shutdown

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"time"

	"ecnutd/internal/host"
)

// An order goes to root's helper over a socket that systemd listens on
// (ecnutd-shutdown.socket), in a folder of root: that works where /run takes no
// file any more. The daemon sends one JSON object and ends its side; the helper
// answers "taken" when the command has been begun, or why it refuses. Files are the
// second way, for where nobody listens.

// DefaultSocket is where systemd listens for orders.
const DefaultSocket = "/run/ecnutd-shutdown/order"

const (
	// answerTime is how long the daemon waits for the answer to an order, and
	// undoTime the same for undoing, which asks systemd.
	answerTime = 5 * time.Second
	undoTime   = 20 * time.Second

	// receiveTime is how long a peer may take to say its order.
	receiveTime = 2 * time.Second

	// firstTime is how long a helper waits for the order for which it was started.
	firstTime = 2 * time.Second

	answerTaken = "taken"
)

// A message is what goes over the socket: an order, or one to undo.
type message struct {
	Undo bool `json:"undo,omitempty"`
	Flag
}

// send gives a message to the helper; nil means that it has been taken.
func send(ctx context.Context, socket string, m message) error {
	limit := answerTime
	if m.Undo {
		limit = undoTime
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	raw, err := json.Marshal(m)
	if err != nil {
		return err
	}
	conn, err := new(net.Dialer).DialContext(ctx, "unix", socket)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if _, err := conn.Write(raw); err != nil {
		return err
	}
	if c, ok := conn.(*net.UnixConn); ok {
		if err := c.CloseWrite(); err != nil {
			return err
		}
	}
	answer, err := io.ReadAll(io.LimitReader(conn, maxFlag))
	switch said := strings.TrimSpace(string(answer)); {
	case said == answerTaken:
		return nil
	case said != "":
		return errors.New("the helper answers: " + host.Clean(said))
	case ctx.Err() != nil:
		return fmt.Errorf("no answer within %s", limit)
	case err != nil:
		return err
	}
	return errors.New("the helper has ended without an answer")
}

// A Delivery is what came over the socket.
type Delivery struct {
	Raw    []byte
	Answer func(text string) // called once, and ends the connection
}

// Receive takes what comes in at a listener, one after the other, until ctx ends,
// and closes the listener then. Who may connect is the socket's to say.
func Receive(ctx context.Context, l net.Listener, log *slog.Logger) <-chan Delivery {
	came := make(chan Delivery)
	context.AfterFunc(ctx, func() { l.Close() })
	go func() {
		for ctx.Err() == nil {
			conn, err := l.Accept()
			if err != nil {
				if ctx.Err() == nil {
					log.Error("no more orders over the socket; files are looked at", "reason", err)
				}
				return
			}
			receive(ctx, conn, came)
		}
	}()
	return came
}

func receive(ctx context.Context, conn net.Conn, came chan<- Delivery) {
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(receiveTime)) // of this one there is no other
	raw, err := io.ReadAll(io.LimitReader(conn, maxFlag+1))
	if err != nil || len(raw) == 0 {
		return // systemd's own probe, or nobody who knows what to say
	}
	answered := make(chan string, 1)
	select {
	case came <- Delivery{raw, func(text string) { answered <- text }}:
	case <-ctx.Done():
		return
	}
	select {
	case text := <-answered:
		_ = conn.SetDeadline(time.Now().Add(receiveTime))
		_, _ = io.WriteString(conn, text+"\n") // whoever has gone will ask again
	case <-ctx.Done():
	}
}

// readMessage reads what came over the socket; why says why it does not count.
func readMessage(raw []byte, boot string, now time.Duration) (m message, why string) {
	found := judgeFlag(raw, "what came over the socket", boot)
	if found.State != FlagCounts {
		return m, found.Why
	}
	m.Flag = found.Flag
	var undo struct {
		Undo bool `json:"undo"`
	}
	if err := json.NewDecoder(bytes.NewReader(raw)).Decode(&undo); err != nil {
		return m, err.Error()
	}
	m.Undo = undo.Undo
	if age := now - m.Uptime; age < 0 || age > OrderFresh {
		return m, fmt.Sprintf("the order is %s old and counts no more", age.Round(time.Second))
	}
	return m, ""
}
