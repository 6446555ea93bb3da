package importer

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// decodeText is the text of a file in UTF-8. What is not UTF-8 is read as
// Windows-1252, which has the letters of Latin-1; changed says so.
func decodeText(data []byte) (text []byte, changed bool) {
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

// lettersOf notes that a file is not UTF-8.
func (m *importer) lettersOf(file string) {
	m.note(file, 0, Translated, "", "its letters are not UTF-8: they are read as Windows-1252 (Latin-1); look whether accents in the texts are right")
}
