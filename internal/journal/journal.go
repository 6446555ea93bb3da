// Package journal writes a log as lines: sentences, with their details after
// them. Under systemd a priority stands in front of each (sd-daemon(3)), else
// the time.
//
// A Spool keeps whoever logs from waiting for whoever reads the log.
package journal

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"

	"ecnutd/internal/host"
)

// New logs to out what is at least as loud as level.
func New(out io.Writer, level slog.Level) *slog.Logger {
	return slog.New(&lineHandler{level: level, out: out, journal: os.Getenv("JOURNAL_STREAM") != "", mu: &sync.Mutex{}})
}

// A lineHandler prints a record as a line.
type lineHandler struct {
	level   slog.Level
	out     io.Writer
	journal bool
	attrs   string
	mu      *sync.Mutex
}

func (h *lineHandler) Enabled(_ context.Context, l slog.Level) bool { return l >= h.level }

// Handle prints one record.
func (h *lineHandler) Handle(_ context.Context, r slog.Record) error {
	var b strings.Builder
	if h.journal {
		fmt.Fprintf(&b, "<%d>", priority(r.Level))
	} else {
		b.WriteString(r.Time.Format("15:04:05 "))
		if r.Level >= slog.LevelWarn {
			b.WriteString(r.Level.String() + " ")
		}
	}
	b.WriteString(host.OneLine(r.Message))
	b.WriteString(h.attrs)
	r.Attrs(func(a slog.Attr) bool {
		b.WriteString(attrText(a))
		return true
	})
	b.WriteByte('\n')
	h.mu.Lock()
	defer h.mu.Unlock()
	_, err := io.WriteString(h.out, b.String())
	return err
}

// WithAttrs keeps details for every line.
func (h *lineHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	c := *h
	for _, a := range attrs {
		c.attrs += attrText(a)
	}
	return &c
}

// WithGroup is not used by anybody here; details keep their names.
func (h *lineHandler) WithGroup(string) slog.Handler { return h }

func attrText(a slog.Attr) string {
	v := a.Value.Resolve().String()
	if a.Key == "reason" {
		return ": " + host.OneLine(v)
	}
	return fmt.Sprintf(" [%s %s]", a.Key, host.OneLine(v))
}

// priority is the priority of syslog for a level.
func priority(l slog.Level) int {
	switch {
	case l >= slog.LevelError:
		return 3
	case l >= slog.LevelWarn:
		return 4
	case l >= slog.LevelInfo:
		return 6
	}
	return 7
}
