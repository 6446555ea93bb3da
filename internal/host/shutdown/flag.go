package shutdown

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"syscall"
	"time"

	"ecnutd/internal/folder"
	"ecnutd/internal/host"
)

// A Flag is the content of the power down flag, which has the UPS cut its
// output. It counts for the boot that wrote it, so a stale one is harmless.
type Flag struct {
	Version int       `json:"version"` // of this form; the first release wrote none
	Boot    string    `json:"boot"`
	At      time.Time `json:"at"`
	Reason  string    `json:"reason"`

	// Plan says what is cut; nil in a flag of the first release.
	Plan *Plan `json:"plan,omitempty"`

	// Uptime is in an order alone: when it was written, by a clock that nobody
	// sets.
	Uptime time.Duration `json:"uptime_ns,omitempty"`

	// DropFlag is in an order to undo alone: the flag goes as well.
	DropFlag bool `json:"drop_flag,omitempty"`
}

// FlagVersion is the version of the form in which flags and orders are written.
// An older one is read for ever, a newer one is left as it is and never cuts
// power.
const FlagVersion = 2

// FlagFault is what is logged where the flag cannot be written.
const FlagFault = "the power down flag cannot be written: the UPS will not be told to cut its output"

// DefaultPointer is where the daemon of the unit writes where its flag stands.
const DefaultPointer = "/run/ecnutd/flag"

// A Place is where the flag stands. The late stage finds it by the pointer
// where the configuration cannot be read.
type Place struct {
	Flag    string   // power_down_flag of the configuration; "" where it has none
	Pointer string   // "" for none
	Spares  []string // where root's helper writes it where its place takes nothing
}

// A pointer is the content of the file that says where the flag stands.
type pointer struct {
	Version int    `json:"version"`
	Boot    string `json:"boot"`
	Flag    string `json:"flag"` // its path
}

// pointerVersion is the version of the form in which pointers are written.
const pointerVersion = 1

// Write writes the flag and the pointer to it, each whole or not at all, and
// makes the folder of the flag where that is missing. Version and At are
// filled in.
func (p Place) Write(f Flag) error {
	errFlag := writeFlag(p.Flag, f)
	if p.Pointer == "" {
		return errFlag
	}
	raw, err := json.Marshal(pointer{Version: pointerVersion, Boot: f.Boot, Flag: p.Flag})
	if err == nil {
		err = folder.Write(p.Pointer, append(raw, '\n'), 0o644)
	}
	if err != nil {
		err = fmt.Errorf("where the flag stands is not told, so it is not found where the configuration cannot be read: %w", err)
	}
	return errors.Join(errFlag, err)
}

func writeFlag(path string, f Flag) error {
	f.Version, f.At = FlagVersion, time.Now().Round(time.Second)
	raw, err := json.Marshal(f)
	if err != nil {
		return err
	}
	in, err := folder.Make(filepath.Dir(path), 0o755)
	if err != nil {
		return err
	}
	defer in.Close()
	return in.Write(filepath.Base(path), append(raw, '\n'), 0o644)
}

// Remove removes the flag of a boot, wherever it stands, and the pointer to it. A
// flag that is not of this boot stays.
func (p Place) Remove(boot string) error {
	var err error
	for _, path := range append([]string{p.Flag}, p.Spares...) {
		if ReadFlag(path, boot).State == FlagCounts {
			err = errors.Join(err, folder.Remove(path))
		}
	}
	if err == nil && p.Pointer != "" {
		if err = folder.Remove(p.Pointer); errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
	}
	return err
}

// Find looks for the flag of a boot: at its path, and where none is there, at
// that of the pointer, which the daemon may have written by an older
// configuration; then in the spare places.
func (p Place) Find(boot string) FlagFound {
	found := p.find(boot)
	if found.State == FlagCounts || p.Flag == "" {
		return found
	}
	for _, path := range p.Spares {
		if spare := ReadFlag(path, boot); spare.State == FlagCounts {
			return spare
		}
	}
	return found
}

func (p Place) find(boot string) FlagFound {
	found := ReadFlag(p.Flag, boot)
	if found.State != FlagAbsent || p.Flag == "" || p.Pointer == "" {
		return found
	}
	raw, err := folder.Read(p.Pointer, maxFlag+1)
	if err != nil {
		return found
	}
	var to pointer
	if json.Unmarshal(raw, &to) != nil || to.Version > pointerVersion || to.Boot != boot || !filepath.IsAbs(to.Flag) || to.Flag == p.Flag {
		return found
	}
	return ReadFlag(to.Flag, boot)
}

// A FlagState is what the power down flag says to whoever would cut power.
type FlagState uint8

// The states. Only one of them lets power be cut.
const (
	FlagCounts  FlagState = iota // this boot's own daemon wrote it
	FlagAbsent                   // there is none
	FlagStale                    // another boot wrote it
	FlagForeign                  // it is not a flag of this program
)

// A FlagFound is the flag with what it says, and why it does not count.
type FlagFound struct {
	State FlagState
	Flag  Flag
	Why   string // a sentence; "" where it counts
}

// maxFlag is a bound on the size of the flag, in bytes. Its reason is a sentence,
// and a unit of its plan takes some 200.
const maxFlag = 64 << 10

// ReadFlag looks at the power down flag. boot is the id of this boot. A flag
// counts for the boot that wrote it: one on a disk, as /etc/killpower, may
// have outlived its shutdown and must not cut the power of another. What
// cannot be read does not count either.
func ReadFlag(path, boot string) FlagFound {
	if path == "" {
		return FlagFound{State: FlagAbsent, Why: "power_down_flag is none, so the output is never cut"}
	}
	raw, err := folder.Read(path, maxFlag+1)
	switch {
	case errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR):
		return FlagFound{State: FlagAbsent, Why: "there is no flag " + path + ": this shutdown is not one of ecnutd's"}
	case errors.Is(err, folder.ErrNotPlain):
		return FlagFound{State: FlagForeign, Why: path + " is not a plain file"}
	case err != nil:
		return FlagFound{State: FlagForeign, Why: "the flag cannot be read: " + err.Error()}
	}
	return judgeFlag(raw, path, boot)
}

// judgeFlag judges the content of a flag.
func judgeFlag(raw []byte, path, boot string) FlagFound {
	// The version is read by itself: what stands beside it may have changed.
	var head struct {
		Version int `json:"version"`
	}
	_ = json.Unmarshal(raw, &head)
	var flag Flag
	switch err := json.Unmarshal(raw, &flag); {
	case len(raw) > maxFlag:
		return FlagFound{State: FlagForeign, Why: fmt.Sprintf("%s is longer than %d KiB and not a flag of ecnutd", path, maxFlag>>10)}
	case bytes.HasPrefix(raw, []byte("upsmon-shutdown-file")):
		return FlagFound{State: FlagForeign, Why: path + " was written by upsmon of NUT, which has its own means to cut the output"}
	case head.Version > FlagVersion:
		return FlagFound{State: FlagForeign, Why: path + " was written by a newer release of ecnutd, in a form that this one does not know; it is left as it is"}
	case err != nil || flag.Boot == "":
		return FlagFound{State: FlagForeign, Why: path + " is not a flag that ecnutd wrote"}
	case boot == "":
		return FlagFound{State: FlagStale, Flag: flag, Why: "the kernel does not say which boot this is, so nobody knows whether " + path + " is of this one"}
	case flag.Boot != boot:
		return FlagFound{State: FlagStale, Flag: flag, Why: fmt.Sprintf("%s is of another boot (it was written on %s) and counts no more", path, flag.At.Local().Format(time.DateTime))}
	}
	host.CleanStrings(&flag) // the daemon's user wrote it, and root tells it
	return FlagFound{State: FlagCounts, Flag: flag}
}
