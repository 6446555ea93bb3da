// Package stored is the form in which the state of the monitor is kept: JSON with
// a version and names of its own.
package stored

import (
	"encoding/json"
	"fmt"

	"ecnutd/monitor"
)

// Version is the version of the form that this program writes. Version 1 had no
// number and the names of Go fields for keys; it is read for ever (v1.go). The
// keys of this one are the tags of the types: renaming a field changes nothing,
// and a key is never given another meaning without a new version.
const Version = 2

// A NewerError says that something was stored by a later release, in a form that
// this one does not know. It is to be kept as it is.
type NewerError struct{ Version, Known int }

// Error says which version it is and which is known.
func (e NewerError) Error() string {
	return fmt.Sprintf("it was stored by a newer release, in version %d of its form; this one knows version %d", e.Version, e.Known)
}

// A State is a state of the monitor in its stored form.
type State struct{ monitor.State }

// MarshalJSON writes the stored form.
func (s State) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Version int `json:"version"`
		monitor.State
	}{Version, s.State})
}

// UnmarshalJSON reads the stored form of this release and of every earlier one.
// The error of a later form is a NewerError, and the state is left as it was.
func (s *State) UnmarshalJSON(raw []byte) error {
	var head struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return err
	}
	switch {
	case head.Version > Version:
		return NewerError{head.Version, Version}
	case head.Version <= 1:
		var old stateV1
		if err := json.Unmarshal(raw, &old); err != nil {
			return err
		}
		s.State = old.state()
		return nil
	}
	var state monitor.State
	if err := json.Unmarshal(raw, &state); err != nil {
		return err
	}
	s.State = state
	return nil
}
