package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"ecnutd/ups"
)

// A scene is one line of a scenario at its time: a variable that is set, or
// something that happens.
type scene struct {
	at       time.Duration
	ups      string // "" for every UPS
	variable string // of a setting
	value    string
	action   string // of a line with @: unplug, plug, silence, answer, fsd, restart
	reason   string // of @fsd
}

// The actions of lines with @.
var sceneActions = []string{"unplug", "plug", "silence", "answer", "fsd", "restart"}

// Bounds on a scenario.
const (
	maxScenes       = 100_000
	maxScenario     = 8 << 20              // bytes
	longestScenario = 366 * 24 * time.Hour // of all TIMERs together
)

// readScenario reads what dummy-ups reads, and lines of ours that begin with
// @. It returns the scenes in order and when the scenario ends. name is the
// file's name in errors; owner restricts the file to one UPS.
func readScenario(r io.Reader, name, owner string, known []string) ([]scene, time.Duration, error) {
	var scenes []scene
	var at time.Duration
	sc := bufio.NewScanner(io.LimitReader(r, maxScenario))
	number := 0
	for sc.Scan() {
		number++
		line := strings.TrimSpace(sc.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		s, pause, err := readScene(line, owner, known)
		if err != nil {
			return nil, 0, fmt.Errorf("%s, line %d: %w", name, number, err)
		}
		if at += pause; at > longestScenario {
			return nil, 0, fmt.Errorf("%s, line %d: the scenario is longer than a year", name, number)
		}
		if s.variable == "" && s.action == "" {
			continue
		}
		if len(scenes) == maxScenes {
			return nil, 0, fmt.Errorf("%s, line %d: more than %d lines", name, number, maxScenes)
		}
		s.at = at
		scenes = append(scenes, s)
	}
	if err := sc.Err(); err != nil {
		return nil, 0, fmt.Errorf("%s, line %d: %w", name, number+1, err)
	}
	return scenes, at, nil
}

// readScene reads one line: a pause, or what happens.
func readScene(line, owner string, known []string) (s scene, pause time.Duration, err error) {
	s.ups = owner
	if words := strings.Fields(line); strings.EqualFold(words[0], "TIMER") {
		if len(words) < 2 {
			return s, 0, fmt.Errorf("TIMER wants a number of seconds")
		}
		n, err := strconv.ParseFloat(words[1], 64)
		if err != nil || !(n >= 0 && n <= longestScenario.Seconds()) {
			return s, 0, fmt.Errorf("TIMER wants a number of seconds, not %q", words[1])
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
	if name == "ups.status" {
		if err := checkStatus(s.value); err != nil {
			return s, 0, err
		}
	}
	return s, 0, nil
}

// checkStatus refuses a status that none of its words is known of: a mistake
// in it would rehearse nothing.
func checkStatus(value string) error {
	for word := range strings.FieldsSeq(value) {
		if ups.ParseStatus(word) == 0 && !slices.Contains([]string{"HB", "ECO", "TEST", "WAIT"}, strings.ToUpper(word)) {
			return fmt.Errorf("ups.status has no token %q", word)
		}
	}
	return nil
}

// openScenarios reads the scenarios of a command line: FILE, or NAME=FILE for
// one UPS, several of which run side by side.
func openScenarios(args, known []string) ([]scene, time.Duration, error) {
	var all []scene
	var end time.Duration
	for _, arg := range args {
		owner, path := "", arg
		if name, file, ok := strings.Cut(arg, "="); ok && slices.Contains(known, name) {
			owner, path = name, file
		}
		f, err := os.Open(path)
		if err != nil {
			return nil, 0, fmt.Errorf("the scenario: %w", err)
		}
		scenes, last, err := readScenario(f, path, owner, known)
		f.Close()
		if err != nil {
			return nil, 0, err
		}
		all, end = append(all, scenes...), max(end, last)
	}
	slices.SortStableFunc(all, func(a, b scene) int { return int(min(1, max(-1, a.at-b.at))) })
	return all, end, nil
}
