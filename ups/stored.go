package ups

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// Values are stored as words and plain numbers, so that what was stored by one
// release means the same to every later one, however its constants count.

// MarshalText writes the tokens as String does.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText wrote. Tokens that are not known are left
// out.
func (s *Status) UnmarshalText(text []byte) error {
	*s = ParseStatus(string(text))
	return nil
}

// lowWords are the stored names of the reasons, in the order of their bits.
var lowWords = []string{"below_capacity", "time_expired", "shutdown_imminent"}

// MarshalText writes the reasons as words with blanks between.
func (r LowReason) MarshalText() ([]byte, error) {
	var words []string
	for bit, word := range lowWords {
		if r>>bit&1 == 1 {
			words = append(words, word)
		}
	}
	return []byte(strings.Join(words, " ")), nil
}

// UnmarshalText reads what MarshalText wrote. Words that are not known are left
// out.
func (r *LowReason) UnmarshalText(text []byte) error {
	*r = 0
	for word := range strings.FieldsSeq(string(text)) {
		for bit, known := range lowWords {
			if word == known {
				*r |= 1 << bit
			}
		}
	}
	return nil
}

// MarshalJSON writes the number, null where it is not known.
func (n Number) MarshalJSON() ([]byte, error) {
	if !n.Known {
		return []byte("null"), nil
	}
	return json.Marshal(n.N)
}

// UnmarshalJSON reads what MarshalJSON wrote, and the object with the keys N and
// Known that the first release stored.
func (n *Number) UnmarshalJSON(raw []byte) error {
	*n = Number{}
	raw = bytes.TrimSpace(raw)
	if bytes.Equal(raw, []byte("null")) {
		return nil
	}
	if len(raw) > 0 && raw[0] == '{' {
		var first struct {
			N     int  `json:"N"`
			Known bool `json:"Known"`
		}
		if err := json.Unmarshal(raw, &first); err != nil {
			return err
		}
		*n = Number{first.N, first.Known}
		return nil
	}
	if err := json.Unmarshal(raw, &n.N); err != nil {
		return fmt.Errorf("a number or null is expected, not %s: %w", raw, err)
	}
	n.Known = true
	return nil
}
