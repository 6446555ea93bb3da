package scenario

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"ecnutd/monitor"
)

// A scene is one line of a scenario at its time: a variable that is set, or
// something that happens.
type scene struct {
	at       time.Duration
	ups      string // "" for every UPS
	variable string // of a setting
	value    string
	action   string // of a line with @: unplug, plug, silence, answer, fsd, restart, survive, maintenance
	reason   string // of @fsd and @maintenance
	foreign  bool   // a variable that nobody knows
}

// sceneActions: the actions of lines with @.
var sceneActions = []string{"unplug", "plug", "silence", "answer", "fsd", "restart", "survive", "maintenance"}

// Bounds on a scenario.
const (
	maxScenes = 100_000
	maxBytes  = 8 << 20
	longest   = 366 * 24 * time.Hour // of all TIMERs together
)

// A Script is what a scenario has happen, in order.
type Script struct {
	scenes []scene
	end    time.Duration // of the scenario
}

// Foreign are the variables of the script that nobody decides on or knows: a
// scenario of somebody else may have them.
func (s Script) Foreign() []string {
	var names []string
	for _, one := range s.scenes {
		if one.foreign && !slices.Contains(names, one.variable) {
			names = append(names, one.variable)
		}
	}
	return names
}

// Read reads what dummy-ups reads, and lines of ours that begin with @. name is
// the file's name in errors; owner restricts the file to one UPS of those that
// are known, "" does not.
func Read(r io.Reader, name, owner string, known []string) (Script, error) {
	var s Script
	sc := bufio.NewScanner(io.LimitReader(r, maxBytes))
	number := 0
	for sc.Scan() {
		number++
		line := strings.TrimSpace(sc.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		one, pause, err := readScene(line, owner, known)
		if err != nil {
			return Script{}, fmt.Errorf("%s, line %d: %w", name, number, err)
		}
		if s.end += pause; s.end > longest {
			return Script{}, fmt.Errorf("%s, line %d: the scenario is longer than a year", name, number)
		}
		if one.variable == "" && one.action == "" {
			continue
		}
		if len(s.scenes) == maxScenes {
			return Script{}, fmt.Errorf("%s, line %d: more than %d lines", name, number, maxScenes)
		}
		one.at = s.end
		s.scenes = append(s.scenes, one)
	}
	if err := sc.Err(); err != nil {
		return Script{}, fmt.Errorf("%s, line %d: %w", name, number+1, err)
	}
	return s, nil
}

// Beside is both scripts, side by side from the same start.
func (s Script) Beside(other Script) Script {
	s.scenes = append(slices.Clone(s.scenes), other.scenes...)
	slices.SortStableFunc(s.scenes, func(a, b scene) int { return cmp.Compare(a.at, b.at) })
	s.end = max(s.end, other.end)
	return s
}

// readScene reads one line: a pause, or what happens.
func readScene(line, owner string, known []string) (s scene, pause time.Duration, err error) {
	s.ups = owner
	if words := strings.Fields(line); strings.EqualFold(words[0], "TIMER") {
		if len(words) < 2 {
			return s, 0, fmt.Errorf("TIMER requires a number of seconds")
		}
		n, err := strconv.ParseFloat(words[1], 64)
		if err != nil || !(n >= 0 && n <= longest.Seconds()) {
			return s, 0, fmt.Errorf("TIMER requires a number of seconds, not %q", words[1])
		}
		return s, time.Duration(n * float64(time.Second)), nil
	}
	if before, rest, ok := strings.Cut(line, "/"); ok && !strings.ContainsAny(before, ": @\"") {
		if !slices.Contains(known, before) {
			return s, 0, fmt.Errorf("no UPS of the configuration is called %q; there are %s", before, strings.Join(known, ", "))
		}
		if owner != "" && owner != before {
			return s, 0, fmt.Errorf("this file is for %s, and the line is for %s", owner, before)
		}
		s.ups, line = before, strings.TrimSpace(rest)
	}
	if action, ok := strings.CutPrefix(line, "@"); ok {
		s.action, s.reason, _ = strings.Cut(action, " ")
		s.reason = strings.TrimSpace(s.reason)
		if !slices.Contains(sceneActions, s.action) {
			return s, 0, fmt.Errorf("nothing is called @%s; there are @%s", s.action, strings.Join(sceneActions, ", @"))
		}
		if s.action == "maintenance" {
			_, err := maintenance(s.reason)
			return s, 0, err
		}
		if s.reason != "" && s.action != "fsd" {
			return s, 0, fmt.Errorf("@%s stands alone on its line", s.action)
		}
		return s, 0, nil
	}
	name, value, ok := strings.Cut(line, ":")
	if name = strings.TrimSpace(name); !ok || name == "" || strings.ContainsAny(name, " \t") {
		return s, 0, fmt.Errorf("%.40q is neither `variable: value` nor TIMER nor a line with @", line)
	}
	s.variable, s.value = name, strings.Trim(strings.TrimSpace(value), `"`)
	decides, err := checkVariable(name, s.value)
	s.foreign = !decides
	return s, 0, err
}

// maintenance reads what @maintenance says: a duration, with "through" where it goes
// on in an outage, or "end".
func maintenance(text string) (in monitor.Maintain, err error) {
	span, through, _ := strings.Cut(text, " ")
	if text == "end" {
		return in, nil
	}
	in.For, err = time.ParseDuration(span)
	in.Through = strings.TrimSpace(through) == "through"
	if err != nil || in.For <= 0 || in.For > monitor.LongestMaintenance || through != "" && !in.Through {
		return in, fmt.Errorf("@maintenance requires a duration of up to 24h, perhaps with \"through\" behind it, or \"end\", not %q", text)
	}
	return in, nil
}
