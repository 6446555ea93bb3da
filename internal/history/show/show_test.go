package show

import (
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"ecnutd/internal/history"
	"ecnutd/internal/terminal"
	"ecnutd/internal/texts"
	"ecnutd/ups"
)

var rewrite = flag.Bool("rewrite", false, "write the goldens, to be read in the difference")

func is(n int) *int { return &n }

func at(text string) time.Time {
	t, err := time.Parse("2006-01-02 15:04:05", text)
	if err != nil {
		panic(err)
	}
	return t
}

// line is a discharge at a steady rate, a point a minute.
func line(minutes, from, to int) (curve []history.Point) {
	for i := range minutes + 1 {
		curve = append(curve, history.Point{T: 60 * i, Charge: is(from + (to-from)*i/minutes)})
	}
	return curve
}

var (
	storm = history.Outage{
		N: 7, UPS: "eaton", Begin: at("2026-10-03 14:01:00"), End: at("2026-10-03 15:02:00"), Lasted: 1800, Lowest: is(21), Load: is(24),
		Shutdown: &history.Shutdown{At: at("2026-10-03 14:31:00"), Back: at("2026-10-03 15:01:00"), Reason: "the battery is low", Chosen: true},
		Moments:  []history.Moment{{At: at("2026-10-03 14:01:00"), Kind: "ONBATT", Text: "mains lost"}, {At: at("2026-10-03 14:31:00"), Kind: "shutdown", Text: "the battery is low"}, {At: at("2026-10-03 15:02:00"), Kind: "ONLINE"}},
		Messages: []history.Message{
			{ID: 1, At: at("2026-10-03 14:01:00"), Text: "On battery, 100 %", Ends: []history.Delivery{{Route: "mobile", At: at("2026-10-03 14:01:02"), Verdict: "delivered"}}},
			{ID: 2, At: at("2026-10-03 14:31:00"), Text: "Shutting down", Ends: []history.Delivery{{Route: "mobile", At: at("2026-10-03 15:01:30"), Verdict: "delivered"}, {Route: "mail", At: at("2026-10-03 15:01:31"), Verdict: "refused"}}},
			{ID: 3, At: at("2026-10-03 15:02:00"), Text: "Mains is back"},
		},
		Curve: line(30, 100, 21), Left: history.Left{Moments: 2},
	}
	blink = history.Outage{N: 6, UPS: "eaton", Begin: at("2026-09-01 08:00:00"), End: at("2026-09-01 08:20:00"), Lasted: 1200, Lowest: is(60), Curve: line(20, 100, 60)}
)

func all() history.History {
	short := history.Outage{N: 8, UPS: "eaton", Begin: at("2026-10-05 09:12:00"), Lasted: 8}
	return history.History{
		Totals:  history.Totals{Since: at("2025-03-01 00:00:00"), Outages: 8, OnBattery: 4000, Shutdowns: 1},
		Outages: []history.Summary{blink.Summary(), storm.Summary(), short.Summary()},
	}
}

// TestScreens compares what a person sees with files that were read by eye, in both
// languages, at 80 columns.
func TestScreens(t *testing.T) {
	now := at("2026-10-05 10:00:00")
	for _, l := range []ups.Language{ups.English, ups.French} {
		v := View{Language: l, Palette: terminal.Drawing(80), Now: now}
		for name, print := range map[string]func(*strings.Builder){
			"table": func(b *strings.Builder) { v.Table(b, all()) },
			"story": func(b *strings.Builder) { v.Story(b, storm, []history.Outage{blink}) },
			"plain": func(b *strings.Builder) { View{Language: l, Now: now}.Story(b, storm, nil) },
			"last":  func(b *strings.Builder) { b.WriteString(v.Last(all()) + "\n") },
			"none":  func(b *strings.Builder) { v.Table(b, history.History{}) },
		} {
			var b strings.Builder
			print(&b)
			got := v.Palette.Fold(b.String(), 10)
			for _, line := range strings.Split(got, "\n") {
				if utf8.RuneCountInString(line) > 80 {
					t.Errorf("%s %s: wider than 80 columns: %q", l, name, line)
				}
			}
			file := filepath.Join("testdata", name+"."+string(l))
			if *rewrite {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s differs:\n%s", file, got)
			}
		}
	}
}

// TestCSV: a spreadsheet reads it; spans are in seconds.
func TestCSV(t *testing.T) {
	var b strings.Builder
	if err := CSV(&b, all()); err != nil {
		t.Fatal(err)
	}
	const want = "n,ups,begin,end,on_battery_seconds,lowest_charge_percent,shutdown,host_off_seconds,messages,messages_late\n" +
		"6,eaton,2026-09-01T08:00:00Z,2026-09-01T08:20:00Z,1200,60,false,0,0,0\n" +
		"7,eaton,2026-10-03T14:01:00Z,2026-10-03T15:02:00Z,1800,21,true,1800,3,2\n" +
		"8,eaton,2026-10-05T09:12:00Z,,8,,false,0,0,0\n"
	if b.String() != want {
		t.Errorf("got:\n%swant:\n%s", b.String(), want)
	}
}

// TestWords: no word is missing in a language.
func TestWords(t *testing.T) {
	for _, l := range []ups.Language{ups.English, ups.French} {
		words := reflect.ValueOf(texts.History(l))
		for i := range words.NumField() {
			if words.Field(i).String() == "" {
				t.Errorf("%s: %s is missing", l, words.Type().Field(i).Name)
			}
		}
	}
}
