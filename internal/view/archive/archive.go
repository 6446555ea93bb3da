// Package archive records what a daemon says in an SQLite file, whose tables
// schema.sql describes: each change for 90 days, means of ten minutes for three years,
// means of hours for good. A gap is a row of its own, so that nobody draws a line
// across it.
//
// What cannot be written is lost and said; the program goes on. The file has at most
// MaxSize bytes: where it has more, the oldest changes go first.
package archive

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	_ "github.com/mattn/go-sqlite3" // the driver, on Debian's library

	"ecnutd/internal/control"
	"ecnutd/ups"
)

//go:embed schema.sql
var schema string

// How long things are kept.
const (
	KeepSamples = 90 * 24 * time.Hour
	KeepTens    = 3 * 366 * 24 * time.Hour
	MaxSize     = 512 << 20 // bytes
)

// version is PRAGMA user_version. A file of a newer one is left alone.
const version = 1

// An Archive is an open file.
type Archive struct {
	db  *sql.DB
	log *slog.Logger

	last   map[string]sample // by UPS; what was written last
	tidied time.Time
	broken bool // the last write failed
}

// A sample is a row of samples.
type sample struct {
	at     int64
	status string // "": a gap begins
	values values
}

// values are the numbers of a row; nil: not known.
type values [len(columns)]*float64

// columns of samples and means, and the variable of each.
var columns = [...]struct{ name, variable string }{
	{"charge", "battery.charge"}, {"runtime", "battery.runtime"}, {"load", "ups.load"},
	{"voltage", "battery.voltage"}, {"input", "input.voltage"}, {"output", "output.voltage"},
}

// Open opens a file, or makes one.
func Open(path string, log *slog.Logger) (*Archive, error) {
	db, err := sql.Open("sqlite3", "file:"+path+"?_journal_mode=WAL&_synchronous=NORMAL&_busy_timeout=5000&_foreign_keys=on")
	if err != nil {
		return nil, err
	}
	a := &Archive{db: db, log: log, last: make(map[string]sample)}
	if err := a.prepare(); err != nil {
		db.Close()
		return nil, fmt.Errorf("the recordings in %s: %w", path, err)
	}
	return a, nil
}

func (a *Archive) prepare() error {
	var found int
	if err := a.db.QueryRow("PRAGMA user_version").Scan(&found); err != nil {
		return err
	}
	if found > version {
		return fmt.Errorf("they are of a newer release (form %d, this one knows %d): use that, or another file", found, version)
	}
	if _, err := a.db.Exec(schema + fmt.Sprintf("PRAGMA user_version = %d;", version)); err != nil {
		return err
	}
	// What was recorded last may be long ago: from there to now is a gap.
	rows, err := a.db.Query("SELECT ups, max(at) FROM samples GROUP BY ups")
	if err != nil {
		return err
	}
	defer rows.Close()
	latest := make(map[string]int64)
	for rows.Next() {
		var name string
		var at int64
		if err := rows.Scan(&name, &at); err != nil {
			return err
		}
		latest[name] = at
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for name, at := range latest {
		a.last[name] = sample{at: at, status: "?"}
		a.write(name, sample{at: at + 1})
	}
	return nil
}

// Close closes the file; a gap begins.
func (a *Archive) Close() error {
	a.gap(time.Now())
	return a.db.Close()
}

// Hear records a line. A line of no kind is the end of the link: a gap begins.
func (a *Archive) Hear(l control.Line) {
	switch {
	case l.Kind == "":
		a.gap(l.At)
	case l.Event != nil:
		a.exec("INSERT INTO events (at, ups, name, text) VALUES (?, ?, ?, ?)", l.At.Unix(), l.Event.UPS, string(l.Event.Name), l.Event.Text)
	case l.Snapshot != nil:
		for _, u := range l.Snapshot.Status.UPS {
			a.sample(l.At, u, l.Snapshot.Variables[u.Name].Variables)
		}
	}
	if l.At.Sub(a.tidied) >= time.Hour {
		a.tidied = l.At
		if err := a.Tidy(l.At); err != nil {
			a.fault(err)
		}
	}
}

func (a *Archive) sample(at time.Time, u control.Supply, vars ups.Variables) {
	s := sample{at: at.Unix()}
	if u.Link == control.LinkUp && u.Status != "" {
		s.status = u.Status
		for i, c := range columns {
			if n, err := strconv.ParseFloat(vars[c.variable], 64); err == nil {
				s.values[i] = &n
			}
		}
	}
	last, ok := a.last[u.Name]
	if ok && last.same(s) || !ok && s.status == "" {
		return
	}
	a.write(u.Name, s)
}

func (s sample) same(other sample) bool {
	for i, v := range s.values {
		o := other.values[i]
		if (v == nil) != (o == nil) || v != nil && *v != *o {
			return false
		}
	}
	return s.status == other.status
}

// gap notes for every UPS that nothing is known from an instant on.
func (a *Archive) gap(at time.Time) {
	for name, last := range a.last {
		if last.status != "" {
			a.write(name, sample{at: at.Unix()})
		}
	}
}

func (a *Archive) write(name string, s sample) {
	args := []any{s.at, name, nil}
	if s.status != "" {
		args[2] = s.status
	}
	for _, v := range s.values {
		if v == nil {
			args = append(args, nil)
		} else {
			args = append(args, *v)
		}
	}
	if a.exec("INSERT INTO samples (at, ups, status, charge, runtime, load, voltage, input, output) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", args...) {
		a.last[name] = s
	}
}

// exec writes, and reports whether it has. What fails is told once, until it works
// again.
func (a *Archive) exec(query string, args ...any) bool {
	if _, err := a.db.Exec(query, args...); err != nil {
		a.fault(err)
		return false
	}
	if a.broken {
		a.broken = false
		a.log.Info("recording goes on")
	}
	return true
}

func (a *Archive) fault(err error) {
	if !a.broken {
		a.log.Error("nothing is recorded", "reason", err)
	}
	a.broken = true
}

// Outage keeps one whole.
func (a *Archive) Outage(n uint64, name string, begin time.Time, story []byte) {
	a.exec("INSERT INTO outages (n, ups, begin, story) VALUES (?, ?, ?, ?) ON CONFLICT (n) DO UPDATE SET story = excluded.story", int64(n), name, begin.Unix(), string(story))
}

// A Point of a curve. Gap says that nothing is known from here to the next one.
type Point struct {
	At     time.Time
	Value  float64
	Gap    bool
	Lowest float64 // of means, of the charge
}

// ErrColumn says that no such number is recorded.
var ErrColumn = errors.New("no such number is recorded")

// Curve is a number of a UPS from one instant to another: changes where they are kept
// and the span is short, else means.
func (a *Archive) Curve(ctx context.Context, name, column string, from, to time.Time) ([]Point, error) {
	known := false
	for _, c := range columns {
		known = known || c.name == column
	}
	if !known {
		return nil, ErrColumn
	}
	query := "SELECT at, " + column + " FROM samples WHERE ups = ? AND at >= ? AND at <= ? ORDER BY at"
	span := int64(0)
	switch d := to.Sub(from); {
	case d > 60*24*time.Hour:
		span = 3600
	case d > 3*24*time.Hour:
		span = 600
	}
	args := []any{name, from.Unix(), to.Unix()}
	if span > 0 {
		query = "SELECT at, " + column + " FROM means WHERE ups = ? AND at >= ? AND at <= ? AND span = ? ORDER BY at"
		args = append(args, span)
	}
	rows, err := a.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var points []Point
	before := int64(0)
	for rows.Next() {
		var at int64
		var value sql.NullFloat64
		if err := rows.Scan(&at, &value); err != nil {
			return nil, err
		}
		if n := len(points); n > 0 && (span > 0 && at-before > 2*span) {
			points[n-1].Gap = true
		}
		before = at
		if !value.Valid {
			if n := len(points); n > 0 {
				// The last value held until here.
				points = append(points, Point{At: time.Unix(at, 0), Value: points[n-1].Value, Gap: true})
			}
			continue
		}
		if n := len(points); span == 0 && n > 0 && !points[n-1].Gap {
			points = append(points, Point{At: time.Unix(at, 0), Value: points[n-1].Value}) // a step
		}
		points = append(points, Point{At: time.Unix(at, 0), Value: value.Float64})
	}
	return points, rows.Err()
}

// LastOutage is the highest number of an outage that is kept; 0: none is, or the file
// cannot be read.
func (a *Archive) LastOutage() uint64 {
	var n sql.NullInt64
	if err := a.db.QueryRow("SELECT max(n) FROM outages").Scan(&n); err != nil {
		a.fault(err)
	}
	return uint64(max(n.Int64, 0))
}
