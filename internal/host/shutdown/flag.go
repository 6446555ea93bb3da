package shutdown

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/google/renameio/v2"
	"golang.org/x/sys/unix"
)

// A Flag is the content of the power down flag, which has the UPS cut its
// output. It counts for the boot that wrote it, so a stale one is harmless.
type Flag struct {
	Version int       `json:"version"` // of this form; the first release wrote none
	Boot    string    `json:"boot"`
	At      time.Time `json:"at"`
	Reason  string    `json:"reason"`

	// Uptime is in an order to shut down alone: when it was written, by a clock
	// that nobody sets.
	Uptime time.Duration `json:"uptime_ns,omitempty"`
}

// FlagVersion is the version of the form in which flags and orders are written.
// An older one is read for ever, a newer one is left as it is and never cuts
// power.
const FlagVersion = 2

// FlagFault is what is logged where the flag cannot be written.
const FlagFault = "the power down flag cannot be written: the UPS will not be told to cut its output"

// WriteFlag writes the flag of a boot, whole or not at all, and makes its
// folder where that is missing.
func WriteFlag(path, boot, reason string) error {
	raw, err := json.Marshal(Flag{Version: FlagVersion, Boot: boot, At: time.Now().Round(time.Second), Reason: reason})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return renameio.WriteFile(path, append(raw, '\n'), 0o644)
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

// maxFlag is a bound on the size of the flag, in bytes; the reason in it is a
// sentence.
const maxFlag = 16 << 10

// ReadFlag looks at the power down flag. boot is the id of this boot. A flag
// counts for the boot that wrote it: one on a disk, as /etc/killpower, may
// have outlived its shutdown and must not cut the power of another. What
// cannot be read does not count either.
func ReadFlag(path, boot string) FlagFound {
	if path == "" {
		return FlagFound{State: FlagAbsent, Why: "power_down_flag is none, so the output is never cut"}
	}
	// A FIFO of that name must not block the shutdown.
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return FlagFound{State: FlagAbsent, Why: "there is no flag " + path + ": this shutdown is not one of ecnutd's"}
	case err != nil:
		return FlagFound{State: FlagForeign, Why: "the flag cannot be read: " + err.Error()}
	}
	defer f.Close()
	if st, err := f.Stat(); err != nil || !st.Mode().IsRegular() {
		return FlagFound{State: FlagForeign, Why: path + " is not a plain file"}
	}
	raw, err := io.ReadAll(io.LimitReader(f, maxFlag+1))
	if err != nil {
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
	return FlagFound{State: FlagCounts, Flag: flag}
}
