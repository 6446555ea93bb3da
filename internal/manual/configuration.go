package manual

import (
	"regexp"
	"strings"
	"time"
)

// section is the line that begins a part of the example.
var section = regexp.MustCompile(`^# -{4,} (.+) --$`)

// Configuration is the page of the configuration file, in section 5: the
// example, its explanations as text and its keys as they stand.
func Configuration(example string, date time.Time) []byte {
	var p page
	p.head("ecnutd.yaml", 5, date, "configuration of ecnutd")
	p.macro("Sh", "DESCRIPTION")
	var keys, text []string
	began := true // a heading stands right above
	flush := func() {
		if len(text) > 0 {
			p.prose(strings.Join(text, "\n"), began)
			text, began = nil, false
		}
		for len(keys) > 0 && keys[len(keys)-1] == "" {
			keys = keys[:len(keys)-1]
		}
		if len(keys) > 0 {
			p.literal(keys)
			keys, began = nil, false
		}
	}
	for line := range strings.SplitSeq(strings.TrimRight(example, "\n"), "\n") {
		bare := strings.TrimLeft(line, " ")
		switch m := section.FindStringSubmatch(line); {
		case m != nil:
			flush()
			p.macro("Sh", strings.ToUpper(m[1]))
			began = true
		case bare == "#" || strings.HasPrefix(bare, "# "):
			if len(keys) > 0 {
				flush()
			}
			text = append(text, strings.TrimPrefix(strings.TrimPrefix(bare, "#"), " "))
		case bare == "":
			if len(text) > 0 {
				flush()
			} else if len(keys) > 0 {
				keys = append(keys, "")
			}
		default:
			if len(text) > 0 {
				flush()
			}
			keys = append(keys, line)
		}
	}
	flush()
	p.macro("Sh", "FILES")
	p.WriteString(".Bl -tag -width Ds\n.It Pa /etc/ecnutd/config.yaml\nThe configuration.\n.It Pa /usr/share/doc/ecnutd/examples/config.example.yaml\nThis page as a file.\n.It Pa /usr/share/doc/ecnutd/docs/configuration.md\nHow the parts of it go together; messages.md beside it has recipes for routes.\n.El\n")
	p.macro("Sh", "SEE ALSO")
	p.WriteString(".Xr ecnutd 8\n")
	return []byte(p.String())
}
