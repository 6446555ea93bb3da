package importer

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"ecnutd/config"
	"ecnutd/internal/nut/importer/decisions"
	"ecnutd/internal/nut/importer/document"
	"ecnutd/internal/nut/importer/nutfile"
	"ecnutd/internal/nut/importer/report"
	"ecnutd/internal/nut/importer/script"
	"ecnutd/internal/nut/importer/upsd"
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

// A Note is one line of the report of an import.
type Note = report.Note

// The kinds of notes.
const (
	Translated  = report.Translated
	NotNeeded   = report.NotNeeded
	Unsupported = report.Unsupported
	Trap        = report.Trap
	Different   = report.Different
)

// nutFiles: files of NUT, in the order of the report.
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
	return newImporter(dir, o, nutfile.Read).run()
}

func newImporter(dir string, o Options, read func(string, int64) ([]byte, error)) *importer {
	return &importer{
		dir: dir, options: o, read: read, lines: map[string][]nutfile.Line{},
		hash:      password.Hash,
		reactions: map[target]*plan{}, settings: map[string]setting{}, given: map[script.Pos]bool{},
		followed: map[string]script.Outcome{}, work: script.NewBudget(mostWork),
	}
}

// run reads, understands and writes.
func (m *importer) run() ([]byte, []Note, error) {
	if err := m.open(); err != nil {
		return nil, nil, err
	}
	m.nutConf()
	m.upsConf()
	m.network = upsd.Network(upsd.Files{Conf: m.lines["upsd.conf"], Users: m.lines["upsd.users"]}, &m.log, m.hash)
	m.upsmonConf()
	m.upsschedConf()
	m.absent()
	m.wishesForTLS()
	m.otherUPSs()
	m.monitors()
	m.cmdProgram()
	m.events()
	m.finishTimers()
	m.ownLow()
	m.applyLowTexts()
	m.account()
	m.programs()
	m.general()
	text, err := m.yaml()
	if err != nil {
		return nil, nil, err
	}
	c, _, err := config.Parse(text, "the import")
	if err == nil {
		m.different(c)
	}
	report.Sort(m.log.Notes, nutFiles)
	if err != nil {
		return nil, m.log.Notes, fmt.Errorf("the import cannot be used as it is, which is a fault of the importer: %w", err)
	}
	return text, m.log.Notes, nil
}

// different notes where the daemon decides or tells otherwise than upsmon did, on
// purpose, as far as this configuration has to do with it.
func (m *importer) different(c *config.Config) {
	for _, d := range decisions.Touching(c) {
		file := d.File
		if m.lines[file] == nil {
			file = "upsmon.conf"
		}
		m.note(file, 0, Different, "", "%s", d.Text)
	}
}

// An importer holds what is read, and then what is to be written.
type importer struct {
	dir     string
	read    func(path string, most int64) ([]byte, error)
	options Options
	log     report.Log
	lines   map[string][]nutfile.Line

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
	followed    map[string]script.Outcome
	work        *script.Budget
	limits      []limitPlan
	lowTexts    []lowText

	// what is to be written
	settings  map[string]setting
	reactions map[target]*plan
	timers    []*timerPlan
	language  ups.Language
	route     *routePlan
	network   document.Block
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

func (m *importer) note(file string, line int, kind report.Kind, key, format string, args ...any) {
	m.log.Add(file, line, kind, key, format, args...)
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
		text, changed := nutfile.Decode(data)
		if changed {
			m.lettersOf(name)
		}
		lines := nutfile.Lines(text)
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

// lettersOf notes that a file is not UTF-8.
func (m *importer) lettersOf(file string) {
	m.note(file, 0, Translated, "", "its letters are not UTF-8: they are read as Windows-1252 (Latin-1); look whether accents in the texts are right")
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
