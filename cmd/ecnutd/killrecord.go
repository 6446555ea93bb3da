package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/google/renameio/v2"
)

// A killRecord is the result of the last killpower, kept beside the state. At
// that stage of a shutdown the file system is read-only as a rule; therefore
// the daemon writes one that is pending together with the flag, so that the
// next boot knows that a cut was meant, and killpower completes it where it
// can.
type killRecord struct {
	Boot    string    `json:"boot"` // that was to end
	At      time.Time `json:"at"`
	Reason  string    `json:"reason"`
	Pending bool      `json:"pending,omitempty"` // what came of it could not be stored
	UPS     []killed  `json:"ups,omitempty"`
	Told    bool      `json:"told,omitempty"` // a daemon has logged it

	Simulated bool `json:"simulated,omitempty"` // by killpower --simulate or --replay
}

// killed is what came of one UPS.
type killed struct {
	UPS      string `json:"ups"`
	Node     string `json:"node,omitempty"`
	Armed    bool   `json:"armed"`
	Attempts int    `json:"attempts"`
	Text     string `json:"text"` // the last result, as a sentence

	cutIn time.Duration // from the command to the cut
}

const (
	killRecordName = "killpower.json"
	maxKillRecord  = 64 << 10
)

// armed tells whether every UPS is going to cut its output.
func (r killRecord) armed() bool {
	for _, k := range r.UPS {
		if !k.Armed {
			return false
		}
	}
	return len(r.UPS) > 0
}

// String tells it after the next boot.
func (r killRecord) String() string {
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
		} else {
			text += k.UPS + " WAS NOT ARMED to cut its output: " + k.Text
		}
	}
	return text
}

// painted is a record in colours: what went wrong stands out.
func (r killRecord) painted(p palette) string {
	if r.Pending || r.armed() {
		return r.String()
	}
	return p.bad(r.String())
}

// keep stores a record in the folder of the state, which must be there.
func (r killRecord) keep(dir string) error {
	raw, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	path := filepath.Join(dir, killRecordName)
	return renameio.WriteFile(path, append(raw, '\n'), 0o644, renameio.WithTempDir(dir))
}

// lastKillPower is the record in the folder of the state; nil where there is
// none.
func lastKillPower(dir string) (*killRecord, error) {
	f, err := os.Open(filepath.Join(dir, killRecordName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the result of the last killpower: %w", err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxKillRecord+1))
	if err != nil {
		return nil, fmt.Errorf("the result of the last killpower: %w", err)
	}
	return parseKillRecord(raw)
}

func parseKillRecord(raw []byte) (*killRecord, error) {
	var r killRecord
	if err := json.Unmarshal(raw, &r); err != nil || len(raw) > maxKillRecord || r.Boot == "" || !r.Pending && len(r.UPS) == 0 {
		return nil, errors.New("the result of the last killpower is not readable and is left out: " + killRecordName)
	}
	return &r, nil
}

// expectKillPower notes that the UPS is going to be told to cut its output.
func (d *daemon) expectKillPower(reason string) {
	if d.dryRun || d.config.State == "" {
		return
	}
	r := killRecord{Boot: d.store.boot, At: time.Now().Round(time.Second), Reason: reason, Pending: true}
	if err := r.keep(filepath.Dir(d.config.State)); err != nil {
		d.log.Warn("the next boot will not know that the UPS was to cut its output", "reason", err)
	}
}

// tellKillPower logs the result of the last killpower, once, and returns it
// for the status; nil where there is none, or it is of this boot and yet to
// come. state is the file of the state, "" for none.
func tellKillPower(state, boot string, log *slog.Logger) *killRecord {
	if state == "" {
		return nil
	}
	r, err := lastKillPower(filepath.Dir(state))
	switch {
	case err != nil:
		log.Warn(err.Error())
		return nil
	case r == nil || r.Pending && r.Boot == boot:
		return nil
	case r.Told:
		return r
	}
	level := slog.LevelInfo
	if !r.Pending && !r.armed() {
		level = slog.LevelError
	}
	log.Log(context.Background(), level, r.String())
	r.Told = true
	if err := r.keep(filepath.Dir(state)); err != nil {
		log.Warn("that the last killpower was told cannot be stored, so it will be told again", "reason", err)
	}
	return r
}
