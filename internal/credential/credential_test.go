package credential

import (
	"os"
	"path/filepath"
	"testing"
)

// TestFirstLine: the secret is what somebody has typed, without what an editor has
// added to it: line breaks of either kind, blanks, a byte order mark.
func TestFirstLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	for text, want := range map[string]string{
		"geheim": "geheim", "geheim\n": "geheim", "geheim\r\nmore": "geheim", "  geheim \n": "geheim",
		"\xef\xbb\xbfgeheim\r\n": "geheim", "\xef\xbb\xbf geheim": "geheim", "ge\ufeffheim": "ge\ufeffheim",
		"\xef\xbb\xbf\n": "", "": "", "\n": "",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := FirstLine(path); got != want || (err != nil) != (want == "") {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}
