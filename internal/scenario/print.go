package scenario

import (
	"encoding/json"
	"fmt"
	"io"
	"math"

	"ecnutd/internal/engine"
)

// Print prints a timeline, one row a line, for people or as JSON.
func Print(w io.Writer, timeline []engine.Row, asJSON bool) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, r := range timeline {
		if asJSON {
			if err := enc.Encode(r); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(w, "%10s  %s\n", Stamp(r.T), r)
	}
	return nil
}

// Stamp is a time since the start as hours, minutes and seconds, to the tenth.
func Stamp(seconds float64) string {
	tenths := int(math.Round(seconds * 10))
	whole := tenths / 10
	s := fmt.Sprintf("%d:%02d:%02d", whole/3600, whole/60%60, whole%60)
	if tenths%10 > 0 {
		s += fmt.Sprintf(".%d", tenths%10)
	}
	return s
}
