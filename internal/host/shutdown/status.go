package shutdown

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"ecnutd/internal/folder"
)

// DefaultStatus is where the helper of the unit says what it knows. The folder
// belongs to root, so that nobody else can say it.
const DefaultStatus = "/run/ecnutd-shutdown/status.json"

// A Status is what the helper knows of the shutdown that it was ordered. It is
// written anew every statusEvery while it lasts.
type Status struct {
	Version int           `json:"version"` // of this form
	Boot    string        `json:"boot"`
	Uptime  time.Duration `json:"uptime_ns"`       // when it was written, since the boot
	Order   time.Duration `json:"order_uptime_ns"` // when the order was written that it is about

	Pending Pending `json:"pending"`         // "" where nothing is
	What    string  `json:"what,omitempty"`  // what is pending, as systemd names it
	Blind   bool    `json:"blind,omitempty"` // systemd could not be asked: the command alone counts

	Command CommandStatus `json:"command"`

	// Taken is the order that is being carried out, for the next helper; nil when it
	// is over.
	Taken *Flag `json:"taken,omitempty"`

	// Undone says that the shutdown was undone, and UndoFault why it could not
	// be.
	Undone    bool   `json:"undone,omitempty"`
	UndoFault string `json:"undo_fault,omitempty"`

	// Final says that the helper has ended and says nothing more.
	Final bool `json:"final,omitempty"`
}

// A CommandStatus is how far the shutdown command is.
type CommandStatus struct {
	Runs   int           `json:"runs"` // how often it was started
	PID    int           `json:"pid,omitempty"`
	Ticks  uint64        `json:"start_ticks,omitempty"` // when the process began, as the kernel counts
	Began  time.Duration `json:"began_ns,omitempty"`    // since the boot
	Ended  time.Duration `json:"ended_ns,omitempty"`    // since the boot; 0 while it is at work
	Failed string        `json:"failed,omitempty"`      // why it failed the last time; "" for a success
}

// CommandEnded reports whether the command was run and is not at work any more.
// One that failed has ended too, though the helper goes on trying it.
func (s Status) CommandEnded() bool { return s.Command.Runs > 0 && s.Pending != ByCommand }

const (
	// StatusVersion is the version of the form in which a status is written. A
	// newer one is not read.
	StatusVersion = 1

	// statusEvery is how often it is written.
	statusEvery = 2 * time.Second

	// StatusFresh is how old one may be that still says something.
	StatusFresh = 15 * time.Second

	maxStatus = 64 << 10
)

var (
	// ErrNoStatus says that no helper of this boot has said anything.
	ErrNoStatus = errors.New("nobody says how far the shutdown is")

	// ErrSilent says that the helper has fallen silent: what it said last is
	// returned beside it, and does not count any more.
	ErrSilent = errors.New("the helper of the shutdown has fallen silent")
)

// ReadStatus is what the helper said last. boot is the id of this boot, and now
// the time since it.
func ReadStatus(path, boot string, now time.Duration) (Status, error) {
	var s Status
	raw, err := folder.Read(path, maxStatus+1)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return s, ErrNoStatus
	case err != nil:
		return s, fmt.Errorf("%w: %w", ErrNoStatus, err)
	}
	var head struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(raw, &head); err != nil || len(raw) > maxStatus {
		return s, fmt.Errorf("%w: %s cannot be read", ErrNoStatus, path)
	}
	if head.Version > StatusVersion {
		return s, fmt.Errorf("%w: %s was written by a newer release", ErrNoStatus, path)
	}
	if err := json.Unmarshal(raw, &s); err != nil || boot == "" || s.Boot != boot {
		return Status{}, fmt.Errorf("%w in this boot", ErrNoStatus)
	}
	if age := now - s.Uptime; !s.Final && (age < 0 || age > StatusFresh) {
		return s, fmt.Errorf("%w: its last word is %s old", ErrSilent, age.Round(time.Second))
	}
	return s, nil
}

// newestStatus is what the helper said last in any of its places.
func newestStatus(paths []string, boot string, now time.Duration) (s Status, err error) {
	err = ErrNoStatus
	for _, path := range paths {
		if path == "" {
			continue
		}
		one, fault := ReadStatus(path, boot, now)
		known := fault == nil || errors.Is(fault, ErrSilent)
		if known && (errors.Is(err, ErrNoStatus) || one.Uptime > s.Uptime) {
			s, err = one, fault
		}
	}
	return s, err
}

// writeStatus writes a status, whole or not at all.
func writeStatus(path string, s Status) error {
	s.Version = StatusVersion
	raw, err := json.Marshal(s)
	if err != nil {
		return err
	}
	in, err := folder.Make(filepath.Dir(path), 0o755)
	if err != nil {
		return err
	}
	defer in.Close()
	// It is in /run, and written every two seconds: nothing is to be gained
	// from having the disk confirm it.
	return in.Note(filepath.Base(path), append(raw, '\n'), 0o644)
}
