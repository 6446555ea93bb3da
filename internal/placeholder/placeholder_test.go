package placeholder

import (
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	for template, want := range map[string]string{
		"{{battery.charge}} {{charge}}": "",
		"{{charg}}":                     "{{charge}} meant",
		"{{ups":                         "not closed",
		"{{}}":                          "nothing is called",
		"{{a b.c}}":                     "nothing is called",
		"{{.}}":                         "nothing is called",
	} {
		err := Check(template)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", template, err, want)
		}
	}
}
