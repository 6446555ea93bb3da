package importer

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ecnutd/config"
	"ecnutd/internal/nut/importer/script"
	"ecnutd/internal/password"
	"ecnutd/ups"
)

// Options change what an import writes.
type Options struct {
	// Runtime is how long the battery lasts (battery.runtime), to compare with
	// timers; 0 where it is not known.
	Runtime time.Duration
	// InlineSecrets writes passwords into the YAML instead of the name of a
	// file that has to be made.
	InlineSecrets bool
	// MayRun says why the daemon could not run a program, "" where it can or
	// where that is not known. Nil: nobody asks.
	MayRun func(path string) string
}

// NoteKind says what became of a directive.
type NoteKind string

// The kinds.
const (
	Translated  NoteKind = "translated"  // it is in the YAML, at Key
	NotNeeded   NoteKind = "not needed"  // there is nothing to do
	Unsupported NoteKind = "unsupported" // there may be something to do by hand
	Trap        NoteKind = "found wrong" // it did not do what it looks like
)

// An Note is one line of the report of an import.
type Note struct {
	File string   `json:"file"`
	Line int      `json:"line,omitempty"` // 0: the file as a whole
	Kind NoteKind `json:"kind"`
	Key  string   `json:"key,omitempty"` // where in the YAML it is
	Text string   `json:"text"`
}

// String is the note on one line.
func (n Note) String() string {
	text := place(n.File, n.Line) + string(n.Kind) + ": " + n.Text
	if n.Key != "" {
		text += " → " + n.Key
	}
	return text
}

// files of NUT, in the order of the report.
var nutFiles = []string{"nut.conf", "ups.conf", "upsd.conf", "upsd.users", "upsmon.conf", "upssched.conf"}

// maxNUTFile bounds each of them, in bytes.
const maxNUTFile = 1 << 20

// Import reads a folder with the configuration of NUT and writes the same
// protection as a configuration file of ours, with a report on every directive.
// The file that it writes has no errors (Parse). It fails where there is
// nothing to import, or a file cannot be read. Passwords are in neither,
// unless asked for.
func Import(dir string, o Options) ([]byte, []Note, error) {
	if info, err := os.Stat(dir); err != nil {
		return nil, nil, fmt.Errorf("cannot import from NUT: %w", err)
	} else if !info.IsDir() {
		return nil, nil, fmt.Errorf("cannot import from NUT: %s is no folder: give the one with upsmon.conf, /etc/nut as a rule", dir)
	}
	return newImporter(dir, o, readUpTo).run()
}

func newImporter(dir string, o Options, read func(string, int64) ([]byte, error)) *importer {
	return &importer{
		dir: dir, options: o, read: read, lines: map[string][]Line{},
		hash:      password.Hash,
		reactions: map[target]*plan{}, settings: map[string]setting{}, given: map[script.Pos]bool{},
	}
}

// run reads, understands and writes.
func (m *importer) run() ([]byte, []Note, error) {
	if err := m.open(); err != nil {
		return nil, nil, err
	}
	m.nutConf()
	m.upsConf()
	m.upsdConf()
	m.upsdUsers()
	m.upsmonConf()
	m.upsschedConf()
	m.absent()
	m.lostTLS()
	m.otherUPSs()
	m.monitors()
	m.cmdProgram()
	m.events()
	m.finishTimers()
	m.account()
	m.programs()
	m.general()
	text, err := m.yaml()
	if err != nil {
		return nil, nil, err
	}
	m.sortNotes()
	if _, _, err := config.Parse(text, "the import"); err != nil {
		return nil, m.notes, fmt.Errorf("the import cannot be used as it is, which is a fault of the importer: %w", err)
	}
	return text, m.notes, nil
}

// An importer holds what is read, and then what is to be written.
type importer struct {
	dir     string
	read    func(path string, most int64) ([]byte, error)
	options Options
	notes   []Note
	lines   map[string][]Line

	// what NUT says
	ups       []upsPlan
	others    []*otherUPS
	tls       []directive // wishes for encrypted connections
	monitored []monitored
	flags     map[ups.Event]flag
	texts     map[ups.Event]directive
	rules     []rule

	cmd         program // CMDSCRIPT
	notify      program // NOTIFYCMD
	scheduled   bool    // NOTIFYCMD is upssched
	unscheduled bool    // and does not call it either
	sends       []sent
	given       map[script.Pos]bool // the orders that scripts give
	limits      []limitPlan

	// what is to be written
	settings  map[string]setting
	reactions map[target]*plan
	timers    []*timerPlan
	language  ups.Language
	route     *routePlan
	net       networkPlan
	hash      func(password string) (string, error)
}

// A directive is a value and where it stands.
type directive struct {
	file  string
	line  int
	value string
}

func (d directive) from() string { return fmt.Sprintf("%s:%d", d.file, d.line) }

// A setting is the value of a key and where it comes from.
type setting struct {
	value any
	from  string
}

// A target is an event of one UPS or, where ups is "", of all.
type target struct {
	ups   string
	event ups.Event
}

func (m *importer) note(file string, line int, kind NoteKind, key, format string, args ...any) {
	n := Note{file, line, kind, key, fmt.Sprintf(format, args...)}
	if !slices.Contains(m.notes, n) {
		m.notes = append(m.notes, n)
	}
}

// open reads the files. At least one of those that say something about a UPS
// has to be there.
func (m *importer) open() error {
	for _, name := range nutFiles {
		data, err := m.read(filepath.Join(m.dir, name), maxNUTFile)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("cannot import from NUT: %w", err)
		}
		text, changed := decodeText(data)
		if changed {
			m.lettersOf(name)
		}
		lines := Lines(text)
		m.lines[name] = lines
		if n := len(lines); n > 0 && lines[n-1].Open {
			m.note(name, lines[n-1].N, Trap, "", "the quotes that are open here are not closed up to the end of the file: all of it is one value")
		}
	}
	if m.lines["ups.conf"] == nil && m.lines["upsmon.conf"] == nil {
		return fmt.Errorf("cannot import from NUT: %s has neither ups.conf nor upsmon.conf: give the folder that has them, /etc/nut as a rule", m.dir)
	}
	return nil
}

// absent notes which of the files that matter are not there. A host that only
// follows others needs no ups.conf.
func (m *importer) absent() {
	for _, name := range []string{"ups.conf", "upsmon.conf"} {
		if m.lines[name] == nil && (name != "ups.conf" || !m.client()) {
			m.note(name, 0, Trap, "", "it is not there, or says nothing: the defaults are taken for what it would say")
		}
	}
}

// readUpTo reads a file that is no longer than it may be.
func readUpTo(path string, most int64) ([]byte, error) {
	if info, err := os.Stat(path); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() { // to open a pipe could last for ever
		return nil, fmt.Errorf("%s is no plain file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(data)) > most {
		err = fmt.Errorf("%s is longer than %d KiB", path, most>>10)
	}
	return data, err
}

// sortNotes brings the report into the order of the files and their lines.
func (m *importer) sortNotes() {
	rank := func(n Note) int {
		if i := slices.Index(nutFiles, n.File); i >= 0 {
			return i
		}
		return len(nutFiles)
	}
	slices.SortStableFunc(m.notes, func(a, b Note) int {
		d := rank(a) - rank(b)
		if d == 0 && rank(a) == len(nutFiles) {
			d = strings.Compare(a.File, b.File)
		}
		return cmp.Or(d, a.Line-b.Line)
	})
}

// set notes that a directive became a key.
func (m *importer) set(d directive, key string, value any, directive string) {
	m.settings[key] = setting{value, d.from()}
	m.note(d.file, d.line, Translated, key+": "+plainValue(value), "%s", directive)
}

// plainValue is a value as the report has it.
func plainValue(value any) string {
	switch v := value.(type) {
	case time.Duration:
		return config.FormatDuration(v)
	case config.Command:
		return v.String()
	case config.LinkLost:
		return "strict"
	}
	return fmt.Sprint(value)
}

// place is where a note belongs, as compilers write it.
func place(file string, line int) string {
	if line == 0 {
		return file + ": "
	}
	return fmt.Sprintf("%s:%d: ", file, line)
}

// shorten keeps notes readable whatever is in the files.
func shorten(s string) string {
	if len(s) <= 60 {
		return s
	}
	return strings.ToValidUTF8(s[:57], "") + "…"
}

// clean makes a name that the file takes of one that NUT takes.
func clean(name string) string {
	ok := func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-_.", c) {
			return c
		}
		return '-'
	}
	name = strings.Map(ok, name)
	if len(name) > 60 {
		name = name[:60]
	}
	if name == "" {
		name = "unnamed"
	}
	return name
}
