package archive

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ecnutd/internal/control"
	"ecnutd/ups"
)

// day0 is at the full hour.
var day0 = time.Date(2026, 10, 3, 14, 0, 0, 0, time.UTC)

type world struct {
	*Archive
	t    *testing.T
	path string
	log  strings.Builder
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, path: filepath.Join(t.TempDir(), "view.db")}
	w.open()
	return w
}

func (w *world) open() {
	w.t.Helper()
	var err error
	if w.Archive, err = Open(w.path, slog.New(slog.NewTextHandler(&w.log, nil))); err != nil {
		w.t.Fatal(err)
	}
	w.tidied = day0.Add(1000 * time.Hour) // the tests say when
	w.t.Cleanup(func() { w.db.Close() })
}

// says is a snapshot of one UPS some seconds after day0.
func (w *world) says(at int, link, status string, vars ups.Variables) {
	s := &control.Snapshot{
		Status:    control.Status{UPS: []control.Supply{{Name: "eaton", Link: link, Status: status}}},
		Variables: map[string]control.Reading{"eaton": {Link: link, Variables: vars}},
	}
	w.Hear(control.Line{Kind: control.LineSnapshot, At: day0.Add(time.Duration(at) * time.Second), Snapshot: s})
}

func charge(n float64) ups.Variables { return ups.Variables{"battery.charge": fmt.Sprint(n)} }

// rows is a query's answer, a line a row.
func (w *world) rows(query string) string {
	w.t.Helper()
	rows, err := w.db.Query(query)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	names, _ := rows.Columns()
	var b strings.Builder
	for rows.Next() {
		cells, into := make([]any, len(names)), make([]any, len(names))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := rows.Scan(into...); err != nil {
			w.t.Fatal(err)
		}
		for i, c := range cells {
			if b, ok := c.([]byte); ok {
				cells[i] = string(b)
			}
		}
		fmt.Fprintln(&b, cells...)
	}
	return b.String()
}

// TestChanges: a change is a row, what stays the same is none, what is not known is
// NULL, and the end of the link is a gap.
func TestChanges(t *testing.T) {
	w := newWorld(t)
	w.says(0, control.LinkUp, "OL", charge(100))
	w.says(5, control.LinkUp, "OL", charge(100))
	w.says(10, control.LinkUp, "OB DISCHRG", charge(99))
	w.says(15, control.LinkUp, "OB DISCHRG", ups.Variables{"battery.charge": "unknown"})
	w.says(20, control.LinkLost, "OB DISCHRG", charge(99))
	w.says(25, control.LinkLost, "OB DISCHRG", charge(99))
	w.says(30, control.LinkUp, "OL", charge(97.5))
	w.Hear(control.Line{At: day0.Add(40 * time.Second)})
	w.Hear(control.Line{At: day0.Add(50 * time.Second)})
	const want = "0 OL 100\n10 OB DISCHRG 99\n15 OB DISCHRG <nil>\n20 <nil> <nil>\n30 OL 97.5\n40 <nil> <nil>\n"
	if got := w.rows(fmt.Sprint("SELECT at - ", day0.Unix(), ", status, charge FROM samples ORDER BY at")); got != want {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
}

// TestMeans: two hours of which one is on battery at 50 %, by arithmetic: the first
// ten minutes have 300 s at 100 and 300 s at 50, so 75.
func TestMeans(t *testing.T) {
	w := newWorld(t)
	w.says(0, control.LinkUp, "OL", charge(100))
	w.says(300, control.LinkUp, "OB DISCHRG", charge(50))
	w.says(3900, control.LinkLost, "OL", nil)
	w.says(7200-60, control.LinkUp, "OL", charge(80))
	for range 2 { // a second time brings nothing new
		if err := w.Tidy(day0.Add(2*time.Hour + 30*time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	const hours = "0 3600 3300 54.166666666666664 50\n3600 360 300 55 50\n"
	if got := w.rows(fmt.Sprint("SELECT at - ", day0.Unix(), ", seconds, on_battery, charge, lowest FROM means WHERE span = 3600 ORDER BY at")); got != hours {
		t.Errorf("hours:\n%swant:\n%s", got, hours)
	}
	const tens = "0 600 300 75 50\n600 600 600 50 50\n"
	if got := w.rows(fmt.Sprint("SELECT at - ", day0.Unix(), ", seconds, on_battery, charge, lowest FROM means WHERE span = 600 ORDER BY at LIMIT 2")); got != tens {
		t.Errorf("tens:\n%swant:\n%s", got, tens)
	}
	if got := w.rows("SELECT count(*) FROM means WHERE span = 600"); got != "8\n" { // 6 + 1 of 300 s + 1 of 60 s
		t.Errorf("%s spans of ten minutes", got)
	}
	// The next hour goes on where these end.
	w.says(9000, control.LinkUp, "OL", charge(90))
	if err := w.Tidy(day0.Add(3 * time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got := w.rows(fmt.Sprint("SELECT seconds, charge FROM means WHERE span = 3600 AND at = ", day0.Unix()+7200)); got != "3600 85\n" {
		t.Errorf("the third hour: %s", got)
	}
}

// TestForgets: changes go after 90 days, means of ten minutes after three years, and
// those of hours stay.
func TestForgets(t *testing.T) {
	w := newWorld(t)
	w.says(0, control.LinkUp, "OL", charge(100))
	w.says(7200, control.LinkUp, "OL", charge(90))
	if err := w.Tidy(day0.Add(3 * time.Hour)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		after                time.Duration
		samples, tens, hours string
	}{
		{89 * 24 * time.Hour, "2\n", "", ""},
		{91 * 24 * time.Hour, "0\n", "", ""},
		{KeepTens + 4*time.Hour, "0\n", "0\n", ""},
	} {
		if err := w.Tidy(day0.Add(c.after)); err != nil {
			t.Fatal(err)
		}
		if got := w.rows("SELECT count(*) FROM samples"); got != c.samples {
			t.Errorf("after %v: %s changes", c.after, got)
		}
		if got := w.rows(fmt.Sprint("SELECT count(*) FROM means WHERE span = 600 AND at < ", day0.Unix()+7200)); c.tens != "" && got != c.tens {
			t.Errorf("after %v: %s means of ten minutes", c.after, got)
		}
	}
	if got := w.rows(fmt.Sprint("SELECT count(*) FROM means WHERE span = 3600 AND at < ", day0.Unix()+7200)); got != "2\n" {
		t.Errorf("%s means of hours", got)
	}
}

// TestShrink: a file that is too large loses the oldest changes.
func TestShrink(t *testing.T) {
	w := newWorld(t)
	for i := range 4000 {
		w.says(i, control.LinkUp, "OL", charge(float64(i%100)))
	}
	if err := w.shrink(1 << 17); err != nil {
		t.Fatal(err)
	}
	got := w.rows(fmt.Sprint("SELECT count(*) > 500, count(*) < 3500, max(at) - ", day0.Unix(), " FROM samples"))
	if got != "1 1 3999\n" {
		t.Errorf("left: %s", got)
	}
}

// TestOpens: what is there goes on with a gap, a newer file is left alone, and one
// that is none is an error that names it.
func TestOpens(t *testing.T) {
	w := newWorld(t)
	w.says(0, control.LinkUp, "OL", charge(100))
	w.db.Close() // killed
	w.open()
	w.says(600, control.LinkUp, "OL", charge(100))
	const want = "0 OL\n1 <nil>\n600 OL\n"
	if got := w.rows(fmt.Sprint("SELECT at - ", day0.Unix(), ", status FROM samples ORDER BY at")); got != want {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
	if _, err := w.db.Exec("PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	w.db.Close()
	if _, err := Open(w.path, slog.Default()); err == nil || !strings.Contains(err.Error(), "newer release") {
		t.Errorf("a newer file: %v", err)
	}
	if _, err := Open(filepath.Join(w.path, "none"), slog.Default()); err == nil || !strings.Contains(err.Error(), "none") {
		t.Errorf("no folder: %v", err)
	}
}

// TestCurve: values are steps, a gap is a gap, and a long span has means.
func TestCurve(t *testing.T) {
	w := newWorld(t)
	w.says(0, control.LinkUp, "OL", charge(100))
	w.says(60, control.LinkUp, "OL", charge(90))
	w.says(120, control.LinkLost, "OL", nil)
	w.says(300, control.LinkUp, "OL", charge(80))
	points, err := w.Curve(t.Context(), "eaton", "charge", day0, day0.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, p := range points {
		got += fmt.Sprintf("%d:%g", p.At.Unix()-day0.Unix(), p.Value)
		if p.Gap {
			got += "|"
		}
		got += " "
	}
	if want := "0:100 60:100 60:90 120:90| 300:80 "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, err := w.Curve(t.Context(), "eaton", "at; DROP TABLE samples", day0, day0); !errors.Is(err, ErrColumn) {
		t.Errorf("a column that is none: %v", err)
	}
	if err := w.Tidy(day0.Add(2 * time.Hour)); err != nil {
		t.Fatal(err)
	}
	points, err = w.Curve(t.Context(), "eaton", "charge", day0.Add(-100*24*time.Hour), day0.Add(time.Hour))
	if err != nil || len(points) != 2 {
		t.Errorf("a quarter of a year: %+v, %v", points, err)
	}
}

// TestFault: a file that cannot be written is told once, and that it can be again.
func TestFault(t *testing.T) {
	w := newWorld(t)
	if _, err := w.db.Exec("ALTER TABLE samples RENAME TO away"); err != nil {
		t.Fatal(err)
	}
	w.says(0, control.LinkUp, "OL", charge(100))
	w.says(1, control.LinkUp, "OL", charge(99))
	if n := strings.Count(w.log.String(), "nothing is recorded"); n != 1 {
		t.Errorf("told %d times:\n%s", n, w.log.String())
	}
	if _, err := w.db.Exec("ALTER TABLE away RENAME TO samples"); err != nil {
		t.Fatal(err)
	}
	w.says(2, control.LinkUp, "OL", charge(99))
	if got := w.rows("SELECT count(*) FROM samples"); got != "1\n" || !strings.Contains(w.log.String(), "recording goes on") {
		t.Errorf("%s rows; log:\n%s", got, w.log.String())
	}
}
