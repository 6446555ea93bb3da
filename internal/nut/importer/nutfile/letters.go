package nutfile

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Decode is the text of a file in UTF-8. What is not UTF-8 is read as
// Windows-1252, which has the letters of Latin-1; changed says so.
func Decode(data []byte) (text []byte, changed bool) {
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	if utf8.Valid(data) {
		return data, false
	}
	text, err := charmap.Windows1252.NewDecoder().Bytes(data)
	if err != nil {
		return bytes.ToValidUTF8(data, nil), true
	}
	return text, true
}
