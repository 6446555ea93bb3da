package server

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// How long an id of an order answers (TRACKINGDELAY of upsd), how many are
// kept, and how many orders may be under way: the UPS takes one at a time.
const (
	trackingDelay = time.Hour
	mostTracks    = 512
	mostUnderWay  = 8
)

// A track is an order and what came of it.
type track struct {
	id      string
	begun   time.Time
	outcome Outcome
	done    chan struct{}
}

// tracks are the orders of the last hour.
type tracks struct {
	mu   sync.Mutex
	list []*track // the oldest first
}

// begin notes an order; ok is false where too many are under way.
func (l *tracks) begin(now time.Time) (t *track, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	pending := 0
	l.list = slices.DeleteFunc(l.list, func(t *track) bool {
		if t.outcome == Pending {
			pending++
		}
		return t.outcome != Pending && now.Sub(t.begun) > trackingDelay
	})
	if pending >= mostUnderWay {
		return nil, false
	}
	if len(l.list) >= mostTracks {
		i := slices.IndexFunc(l.list, func(t *track) bool { return t.outcome != Pending })
		l.list = slices.Delete(l.list, i, i+1)
	}
	t = &track{id: newID(), begun: now, done: make(chan struct{})}
	l.list = append(l.list, t)
	return t, true
}

// end notes what came of an order.
func (l *tracks) end(t *track, o Outcome) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t.outcome = o
	close(t.done)
}

// find is the outcome by id.
func (l *tracks) find(id string) (o Outcome, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, t := range l.list {
		if strings.EqualFold(t.id, id) {
			return t.outcome, true
		}
	}
	return Pending, false
}

func (l *tracks) outcome(id string) Outcome {
	o, _ := l.find(id)
	return o
}

// newID is a random UUID in upper case.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%X-%X-%X-%X-%X", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func (s *session) setTracking(args []string) string {
	if len(args) == 0 {
		return errArgument
	}
	switch strings.ToUpper(args[0]) {
	case "ON":
		s.tracking = true
	case "OFF":
		s.tracking = false
	default:
		return errArgument
	}
	return "OK"
}

func (s *session) getTracking(args []string) string {
	if len(args) == 0 {
		if s.tracking {
			return "ON"
		}
		return "OFF"
	}
	if !s.tracking {
		return errNotConfigured
	}
	o, ok := s.server.tracks.find(args[0])
	switch {
	case !ok || o == Unsupported:
		return "ERR UNKNOWN"
	case o == Pending:
		return "PENDING"
	case o == Done:
		return "SUCCESS"
	case o == Invalid:
		return errArgument
	}
	return "ERR FAILED"
}
