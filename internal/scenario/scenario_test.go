package scenario

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ecnutd/config"
)

func read(t *testing.T, text string) Script {
	t.Helper()
	s, err := Read(strings.NewReader(text), "s", "", []string{"a", "b"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestRead: what dummy-ups reads is read as it reads it, and lines of ours.
func TestRead(t *testing.T) {
	s := read(t, "# a comment\n\nups.status: OL\ntimer 1.5\n b/battery.charge : \"40\" \n@fsd a reason \nTIMER 2\n")
	want := []scene{
		{at: 0, variable: "ups.status", value: "OL"},
		{at: 1500 * time.Millisecond, ups: "b", variable: "battery.charge", value: "40"},
		{at: 1500 * time.Millisecond, action: "fsd", reason: "a reason"},
	}
	if !slices.Equal(s.scenes, want) || s.end != 3500*time.Millisecond {
		t.Errorf("got %+v until %s", s.scenes, s.end)
	}
}

// TestRefused: a line that would rehearse nothing says so.
func TestRefused(t *testing.T) {
	for text, want := range map[string]string{
		"TIMER":                "s, line 1: TIMER requires a number of seconds",
		"TIMER -1":             `s, line 1: TIMER requires a number of seconds, not "-1"`,
		"\nTIMER NaN":          `s, line 2: TIMER requires a number of seconds, not "NaN"`,
		"TIMER 3e7\nTIMER 9e6": "s, line 2: the scenario is longer than a year",
		"@silence now":         "s, line 1: @silence stands alone on its line",
		"ups.status OB":        "s, line 1: \"ups.status OB\" is neither",
		"battery.runtime: NaN": `s, line 1: battery.runtime is a number, not "NaN"`,
		"battery.charg: 5":     `s, line 1: nothing decides on "battery.charg"; is battery.charge`,
		"c/ups.status: OB":     `s, line 1: no UPS of the configuration is called "c"; there are a, b`,
	} {
		if _, err := Read(strings.NewReader(text), "s", "", []string{"a", "b"}); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
	if _, err := Read(strings.NewReader("b/ups.status: OB"), "s", "a", []string{"a", "b"}); err == nil {
		t.Error("a line for b in the file of a")
	}
}

// TestBeside: two scripts run from the same start, and the lines of one keep
// their order.
func TestBeside(t *testing.T) {
	one := read(t, "a/ups.status: OL\nTIMER 10\na/ups.status: OB\na/battery.charge: 9\n")
	both := one.Beside(read(t, "TIMER 5\nb/ups.status: OB\nTIMER 30\n"))
	var order []string
	for _, s := range both.scenes {
		order = append(order, s.ups+" "+s.value)
	}
	if got := strings.Join(order, ", "); got != "a OL, b OB, a OB, a 9" || both.end != 35*time.Second || len(one.scenes) != 3 {
		t.Errorf("got %s until %s, of the first are left %d", got, both.end, len(one.scenes))
	}
}

// TestTwice: a script gives the same timeline each time.
func TestTwice(t *testing.T) {
	c := config.Minimal("a")
	s := read(t, "a/ups.status: OB\nTIMER 60\n@restart\n@unplug\nTIMER 7200\n")
	first := Play(c, s)
	if len(first) == 0 || !slices.Equal(first, Play(c, s)) {
		t.Errorf("%v", first)
	}
}

func TestStamp(t *testing.T) {
	for seconds, want := range map[float64]string{0: "0:00:00", 59.96: "0:01:00", 59.94: "0:00:59.9", 3725.5: "1:02:05.5"} {
		if got := Stamp(seconds); got != want {
			t.Errorf("%g s: %s, want %s", seconds, got, want)
		}
	}
}
