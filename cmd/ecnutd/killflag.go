package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// A flagState is what the power down flag says to whoever would cut power.
type flagState uint8

// The states. Only one of them lets power be cut.
const (
	flagCounts  flagState = iota // this boot's own daemon wrote it
	flagAbsent                   // there is none
	flagStale                    // another boot wrote it
	flagForeign                  // it is no flag of this program
)

// A flagFound is the flag with what it says, and why it does not count.
type flagFound struct {
	State flagState
	Flag  powerDownFlag
	Why   string // a sentence; "" where it counts
}

// maxFlag is a bound on the size of the flag, in bytes; the reason in it is a
// sentence.
const maxFlag = 16 << 10

// readFlag looks at the power down flag. boot is the id of this boot. A flag
// counts for the boot that wrote it: one on a disk, as /etc/killpower, may
// have outlived its shutdown and must not cut the power of another. What
// cannot be read does not count either.
func readFlag(path, boot string) flagFound {
	if path == "" {
		return flagFound{State: flagAbsent, Why: "power_down_flag is none, so the output is never cut"}
	}
	// A FIFO of that name must not block the shutdown.
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return flagFound{State: flagAbsent, Why: "there is no flag " + path + ": this shutdown is not one of ecnutd's"}
	case err != nil:
		return flagFound{State: flagForeign, Why: "the flag cannot be read: " + err.Error()}
	}
	defer f.Close()
	if st, err := f.Stat(); err != nil || !st.Mode().IsRegular() {
		return flagFound{State: flagForeign, Why: path + " is no plain file"}
	}
	raw, err := io.ReadAll(io.LimitReader(f, maxFlag+1))
	if err != nil {
		return flagFound{State: flagForeign, Why: "the flag cannot be read: " + err.Error()}
	}
	return judgeFlag(raw, path, boot)
}

// judgeFlag judges the content of a flag.
func judgeFlag(raw []byte, path, boot string) flagFound {
	var flag powerDownFlag
	switch err := json.Unmarshal(raw, &flag); {
	case len(raw) > maxFlag:
		return flagFound{State: flagForeign, Why: fmt.Sprintf("%s is longer than %d KiB and no flag of ecnutd", path, maxFlag>>10)}
	case bytes.HasPrefix(raw, []byte("upsmon-shutdown-file")):
		return flagFound{State: flagForeign, Why: path + " was written by upsmon of NUT, which has its own means to cut the output"}
	case err != nil || flag.Boot == "":
		return flagFound{State: flagForeign, Why: path + " is not a flag that ecnutd wrote"}
	case boot == "":
		return flagFound{State: flagStale, Flag: flag, Why: "the kernel does not say which boot this is, so nobody knows whether " + path + " is of this one"}
	case flag.Boot != boot:
		return flagFound{State: flagStale, Flag: flag, Why: fmt.Sprintf("%s is of another boot (it was written on %s) and counts no more", path, flag.At.Local().Format(time.DateTime))}
	}
	return flagFound{State: flagCounts, Flag: flag}
}
