package server

import (
	"maps"
	"slices"
	"strings"

	"ecnutd/ups"
)

// Port is the port of the protocol (IANA: nut).
const Port = "3493"

// State is whether there is anything to say of a UPS.
type State uint8

// The states.
const (
	NotConnected State = iota // never heard: DRIVER-NOT-CONNECTED
	Stale                     // heard, and lost since: DATA-STALE
	Current
)

// A UPS is what a View says of one.
type UPS struct {
	Name        string
	Description string // "" for none
	State       State
	Variables   ups.Variables
	Settings    []Setting
	Commands    []Command
}

// A Setting is a variable that can be set.
type Setting struct {
	Name     string
	Enum     []string // the only values, where given
	Range    bool     // whole numbers, Min to Max
	Min, Max int64
	Length   int // of a text, in bytes; 0: a number
}

// A Command is an instant command.
type Command struct {
	Name        string
	Description string
	Cuts        bool // it can take power away from the load
}

// A View is all that clients can ask for, at one instant. It does not change.
type View struct {
	Version string // of the server
	list    []*entry
	byName  map[string]*entry // in lower case
}

// An entry is a UPS, laid out for look-ups.
type entry struct {
	UPS
	names    []string // of its variables, in order
	byName   map[string]string
	settings map[string]*Setting
	commands map[string]*Command
}

// NewView lays out what is known of UPSs. Nothing of the arguments may be
// changed afterwards.
func NewView(version string, list []UPS) *View {
	v := &View{Version: version, byName: map[string]*entry{}}
	for _, u := range list {
		e := &entry{UPS: u, byName: map[string]string{}, settings: map[string]*Setting{}, commands: map[string]*Command{}}
		e.names = slices.SortedFunc(maps.Keys(u.Variables), caseless)
		for _, name := range e.names {
			e.byName[strings.ToLower(name)] = name
		}
		e.Settings = slices.SortedFunc(slices.Values(u.Settings), func(a, b Setting) int { return caseless(a.Name, b.Name) })
		for i := range e.Settings {
			e.settings[strings.ToLower(e.Settings[i].Name)] = &e.Settings[i]
		}
		e.Commands = slices.SortedFunc(slices.Values(u.Commands), func(a, b Command) int { return caseless(a.Name, b.Name) })
		for i := range e.Commands {
			e.commands[strings.ToLower(e.Commands[i].Name)] = &e.Commands[i]
		}
		v.list = append(v.list, e)
		v.byName[strings.ToLower(u.Name)] = e
	}
	return v
}

// caseless orders names as upsd lists them.
func caseless(a, b string) int {
	if c := strings.Compare(strings.ToLower(a), strings.ToLower(b)); c != 0 {
		return c
	}
	return strings.Compare(a, b)
}

// find finds a UPS by its name in any case.
func (v *View) find(name string) *entry { return v.byName[strings.ToLower(name)] }

// value is a variable by its name in any case.
func (e *entry) value(name string) (text string, ok bool) {
	proper, ok := e.byName[strings.ToLower(name)]
	return e.Variables[proper], ok
}

// setting is a setting by the name of its variable in any case, or nil.
func (e *entry) setting(name string) *Setting { return e.settings[strings.ToLower(name)] }

// fault is the error of a UPS of which nothing can be said, "" for none.
func (e *entry) fault() string {
	switch e.State {
	case NotConnected:
		return errNotConnected
	case Stale:
		return errStale
	}
	return ""
}
