package monitor

import (
	"fmt"
	"slices"
)

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
