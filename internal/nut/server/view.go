package server

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

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
	Aliases     []string // other names by which clients may ask for it
	Description string   // "" for none
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
	Length   int // of its text, in bytes; 0: that of usbhid-ups (see lengthOf)
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
	byName  map[string]*entry // in lower case, aliases too
	own     map[string]*entry // by their own names, as they are written
}

// An entry is a UPS. It is laid out for look-ups when the first client asks:
// whoever makes Views, at every report, need not wait for that.
type entry struct {
	UPS
	once sync.Once
	laid layout
}

// A layout is a UPS in the order and in the words of the protocol.
type layout struct {
	names    []string // of its variables, in order
	byName   map[string]string
	settings []Setting // in order
	setting  map[string]*Setting
	commands []Command // in order
	command  map[string]*Command
	list     []byte            // the answer to LIST VAR with the UPS's own name
	lines    map[string][]byte // of list, by variable: the answers to GET VAR
}

// NewView takes what is known of UPSs. Nothing of the arguments may be changed
// afterwards. Where two UPSs have a name in common, it is that of the first.
func NewView(version string, list []UPS) *View {
	v := &View{Version: version, list: make([]*entry, 0, len(list)), byName: make(map[string]*entry, len(list)), own: make(map[string]*entry, len(list))}
	for _, u := range list {
		e := &entry{UPS: u}
		v.list = append(v.list, e)
		v.name(u.Name, e)
		if isWord(u.Name) {
			v.own[u.Name] = e
		}
	}
	for _, e := range v.list {
		for _, alias := range e.Aliases {
			v.name(alias, e)
		}
	}
	return v
}

func (v *View) name(name string, e *entry) {
	if name = strings.ToLower(name); v.byName[name] == nil {
		v.byName[name] = e
	}
}

// layout lays a UPS out, once.
func (e *entry) layout() *layout {
	e.once.Do(func() {
		l := &e.laid
		l.names = slices.SortedFunc(maps.Keys(e.Variables), caseless)
		l.byName = make(map[string]string, len(l.names))
		for _, name := range l.names {
			l.byName[strings.ToLower(name)] = name
		}
		l.settings = slices.SortedFunc(slices.Values(e.Settings), func(a, b Setting) int { return caseless(a.Name, b.Name) })
		l.setting = make(map[string]*Setting, len(l.settings))
		for i := range l.settings {
			set := &l.settings[i]
			set.Length = lengthOf(set)
			l.setting[strings.ToLower(set.Name)] = set
		}
		l.commands = slices.SortedFunc(slices.Values(e.Commands), func(a, b Command) int { return caseless(a.Name, b.Name) })
		l.command = make(map[string]*Command, len(l.commands))
		for i := range l.commands {
			l.command[strings.ToLower(l.commands[i].Name)] = &l.commands[i]
		}
		l.write(e)
	})
	return &e.laid
}

// write makes the answers that are asked for most.
func (l *layout) write(e *entry) {
	l.list = fmt.Appendf(nil, "BEGIN LIST VAR %s\n", e.Name)
	ends := make([]int, 0, len(l.names)+1)
	for _, name := range l.names {
		ends = append(ends, len(l.list))
		l.list = append(l.list, "VAR "+e.Name+" "+name+" "+quoted(e.Variables[name])+"\n"...)
	}
	ends = append(ends, len(l.list))
	l.list = fmt.Appendf(l.list, "END LIST VAR %s\n", e.Name)
	l.lines = make(map[string][]byte, len(l.names))
	for i, name := range l.names {
		if !isWord(name) {
			continue
		}
		l.lines[name] = l.list[ends[i]:ends[i+1]:ends[i+1]]
	}
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
	proper, ok := e.layout().byName[strings.ToLower(name)]
	return e.Variables[proper], ok
}

// setting is a setting by the name of its variable in any case, or nil.
func (e *entry) setting(name string) *Setting { return e.layout().setting[strings.ToLower(name)] }

// command is an instant command by its name in any case, or nil.
func (e *entry) command(name string) *Command { return e.layout().command[strings.ToLower(name)] }

// isWord reports whether a name is one word as it stands, without quotes.
func isWord(name string) bool { return isPlain(name) && !strings.ContainsAny(name, " \"\\#=") }

// quick is the answer to a request that is asked again and again, from bytes
// made once: LIST VAR and GET VAR, as clients write them, of a UPS by its own
// name. nil is no answer: the request goes the usual way. line has no line end.
func (v *View) quick(line []byte) []byte {
	rest, one := bytes.CutPrefix(line, []byte("GET VAR "))
	if !one {
		var all bool
		if rest, all = bytes.CutPrefix(line, []byte("LIST VAR ")); !all {
			return nil
		}
	}
	name, variable, two := bytes.Cut(rest, []byte{' '})
	e := v.own[string(name)]
	if two != one || e == nil || e.State != Current {
		return nil
	}
	if !one {
		return e.layout().list
	}
	return e.layout().lines[string(variable)]
}

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
