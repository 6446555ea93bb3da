package monitor

import (
	"encoding/json"
	"fmt"
	"slices"
)

// StateVersion is the version of the stored form of a State that this program
// writes. Version 1 had no number and the names of Go fields for keys; it is
// read for ever (stored_v1.go). The keys of this one are the tags of the types:
// renaming a field changes nothing, and a key is never given another meaning
// without a new version.
const StateVersion = 2

// A NewerError says that something was stored by a later release, in a form that
// this one does not know. It is to be kept as it is.
type NewerError struct{ Version, Known int }

// Error says which version it is and which is known.
func (e NewerError) Error() string {
	return fmt.Sprintf("it was stored by a newer release, in version %d of its form; this one knows version %d", e.Version, e.Known)
}

// plainState is a State without its methods.
type plainState State

// MarshalJSON writes the stored form.
func (s State) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Version int `json:"version"`
		plainState
	}{StateVersion, plainState(s)})
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
	case head.Version > StateVersion:
		return NewerError{head.Version, StateVersion}
	case head.Version <= 1:
		var old stateV1
		if err := json.Unmarshal(raw, &old); err != nil {
			return err
		}
		*s = old.state()
		return nil
	}
	var plain plainState
	if err := json.Unmarshal(raw, &plain); err != nil {
		return err
	}
	*s = State(plain)
	return nil
}

// The stored words of the enumerations, by their values.
var (
	lineWords  = []string{"unknown", "mains", "battery"}
	linkWords  = []string{"never heard", "linked", "lost"}
	phaseWords = []string{"watching", "syncing", "shutting down", "down"}
)

// MarshalText writes the stored word.
func (l Line) MarshalText() ([]byte, error) { return word(lineWords, l) }

// UnmarshalText reads a stored word.
func (l *Line) UnmarshalText(text []byte) error { return valueOf(lineWords, text, l) }

// MarshalText writes the stored word.
func (l Link) MarshalText() ([]byte, error) { return word(linkWords, l) }

// UnmarshalText reads a stored word.
func (l *Link) UnmarshalText(text []byte) error { return valueOf(linkWords, text, l) }

// MarshalText writes the stored word.
func (p Phase) MarshalText() ([]byte, error) { return word(phaseWords, p) }

// UnmarshalText reads a stored word.
func (p *Phase) UnmarshalText(text []byte) error { return valueOf(phaseWords, text, p) }

func word[T ~uint8](words []string, value T) ([]byte, error) {
	if int(value) >= len(words) {
		return nil, fmt.Errorf("%T %d has no stored word", value, value)
	}
	return []byte(words[value]), nil
}

func valueOf[T ~uint8](words []string, text []byte, into *T) error {
	i := slices.Index(words, string(text))
	if i < 0 {
		return fmt.Errorf("%q is not a stored word of %T", text, *into)
	}
	*into = T(i)
	return nil
}
