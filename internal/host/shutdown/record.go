package shutdown

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"time"

	"ecnutd/internal/folder"
	"ecnutd/internal/host"
)

// A Record is the result of the last killpower, kept beside the state. At
// that stage of a shutdown the file system is read-only as a rule; therefore
// the daemon writes one that is pending together with the flag, so that the
// next boot knows that a cut was meant, and killpower completes it where it
// can.
type Record struct {
	Version int       `json:"version"` // of this form; the first release wrote none
	Boot    string    `json:"boot"`    // that was to end
	At      time.Time `json:"at"`
	Reason  string    `json:"reason"`
	Pending bool      `json:"pending,omitempty"` // what came of it could not be stored
	UPS     []Killed  `json:"ups,omitempty"`
	Told    bool      `json:"told,omitempty"` // a daemon has logged it

	Simulated bool `json:"simulated,omitempty"` // by killpower --simulate or --replay
}

// Killed is what came of one UPS.
type Killed struct {
	UPS      string `json:"ups"`
	Node     string `json:"node,omitempty"`
	Armed    bool   `json:"armed"`
	Attempts int    `json:"attempts"`
	Text     string `json:"text"` // the last result, as a sentence

	// MayStayOff says that nothing was seen to bring the output back with the
	// mains.
	MayStayOff bool `json:"may_stay_off,omitempty"`
}

// RecordName is the file of the record, in the folder of the state.
const RecordName = "killpower.json"

// recordVersion is the version of the form in which records are written. An
// older one is read for ever.
const recordVersion = 2

// newerRecord is where a record of a later release is kept for it.
const newerRecord = "killpower.newer.json"

// maxRecord is a bound on its size, in bytes.
const maxRecord = 64 << 10

// Armed reports whether every UPS is going to cut its output.
func (r Record) Armed() bool {
	for _, k := range r.UPS {
		if !k.Armed {
			return false
		}
	}
	return len(r.UPS) > 0
}

// String is the record as a sentence, for after the next boot.
func (r Record) String() string {
	text := fmt.Sprintf("the shutdown of %s (%s): ", r.At.Local().Format(time.DateTime), r.Reason)
	if r.Simulated {
		text += "a rehearsal, on a simulated UPS: "
	}
	if r.Pending {
		return text + "the UPS was to cut its output; what it answered could not be stored, since the file system was read-only by then"
	}
	for i, k := range r.UPS {
		if i > 0 {
			text += "; "
		}
		if k.Armed {
			text += k.UPS + " took the order to cut its output"
			if k.MayStayOff {
				text += ", WHICH MAY HAVE STAYED OFF WITH MAINS THERE: " + k.Text
			}
		} else {
			text += k.UPS + " WAS NOT ARMED to cut its output: " + k.Text
		}
	}
	return text
}

// Keep stores a record in the folder of the state, which must be there.
func (r Record) Keep(dir string) error {
	r.Version = recordVersion
	raw, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return folder.Write(filepath.Join(dir, RecordName), append(raw, '\n'), 0o644)
}

// LastRecord is the record in the folder of the state; nil where there is
// none.
func LastRecord(dir string) (*Record, error) {
	raw, err := folder.Read(filepath.Join(dir, RecordName), maxRecord+1)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the result of the last killpower: %w", err)
	}
	return parseRecord(raw)
}

// errNewerRecord says that a later release wrote the record.
var errNewerRecord = errors.New("the result of the last killpower was written by a newer release, in a form that this one does not know")

func parseRecord(raw []byte) (*Record, error) {
	// The version is read by itself: what stands beside it may have changed.
	var head struct {
		Version int `json:"version"`
	}
	_ = json.Unmarshal(raw, &head)
	if head.Version > recordVersion {
		return nil, errNewerRecord
	}
	var r Record
	if err := json.Unmarshal(raw, &r); err != nil || len(raw) > maxRecord || r.Boot == "" || !r.Pending && len(r.UPS) == 0 {
		return nil, errors.New("the result of the last killpower is not readable and is left out: " + RecordName)
	}
	host.CleanStrings(&r) // the daemon's user may have written it
	return &r, nil
}

// TellLast logs the result of the last killpower, once, and returns it
// for the status; nil where there is none, or it is of this boot and yet to
// come. state is the file of the state, "" for none.
func TellLast(state, boot string, log *slog.Logger) *Record {
	if state == "" {
		return nil
	}
	r, err := LastRecord(filepath.Dir(state))
	switch {
	case errors.Is(err, errNewerRecord):
		log.Warn(err.Error()+"; it is kept", "as", newerRecord)
		dir := filepath.Dir(state)
		if err := folder.Rename(filepath.Join(dir, RecordName), newerRecord); err != nil {
			log.Warn("the result of the last killpower cannot be set aside; the next shutdown overwrites it", "reason", err)
		}
		return nil
	case err != nil:
		log.Warn(err.Error())
		return nil
	case r == nil || r.Pending && r.Boot == boot:
		return nil
	case r.Told:
		return r
	}
	level := slog.LevelInfo
	if !r.Pending && !r.Armed() {
		level = slog.LevelError
	}
	log.Log(context.Background(), level, r.String())
	r.Told = true
	if err := r.Keep(filepath.Dir(state)); err != nil {
		log.Warn("that the last killpower was told cannot be stored, so it will be told again", "reason", err)
	}
	return r
}
