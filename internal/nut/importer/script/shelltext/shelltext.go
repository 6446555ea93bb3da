// Package shelltext reads texts as the shell and its commands do: escapes,
// patterns, times, addresses. Placeholders of our templates are kept whole.
package shelltext

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"mvdan.cc/sh/v3/pattern"
)

// Most bounds each text, in bytes.
const Most = 4 << 10

// Cut is a text that is no longer than Most.
func Cut(s string) string {
	if len(s) > Most {
		s = strings.ToValidUTF8(s[:Most], "")
	}
	return s
}

// Compiled is a regular expression that is compiled when it is first used: most
// processes of this program read no script.
func Compiled(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}

// Placeholders are those of our templates.
var Placeholders = Compiled(`\{\{[a-z0-9.-]+\}\}`)

// Outside changes what of a text is not in a placeholder.
func Outside(text string, change func(string) string) string {
	var b strings.Builder
	at := 0
	for _, m := range Placeholders().FindAllStringIndex(text, -1) {
		b.WriteString(change(text[at:m[0]]))
		b.WriteString(text[m[0]:m[1]])
		at = m[1]
	}
	b.WriteString(change(text[at:]))
	return b.String()
}

// Apart keeps braces of the script from being taken for our Placeholders.
func Apart(text string) string {
	for strings.Contains(text, "{{") {
		text = strings.ReplaceAll(text, "{{", "{ {")
	}
	return text
}

// Unescape undoes the backslashes of a word without quotes.
func Unescape(text string) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) {
			if i++; text[i] == '\n' {
				continue
			}
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// ANSI undoes the escapes of $'…' that occur in texts.
func ANSI(text string) string {
	return strings.NewReplacer(`\n`, "\n", `\r`, "\n", `\t`, "\t", `\'`, "'", `\"`, `"`, `\\`, `\`).Replace(text)
}

// Pattern is a pattern of the shell as a regular expression.
func Pattern(glob string, whole bool) (*regexp.Regexp, error) {
	mode := pattern.ExtendedOperators
	if whole {
		mode |= pattern.EntireString
	}
	text, err := pattern.Regexp(glob, mode)
	if err != nil {
		return nil, err
	}
	return regexp.Compile(text)
}

// Duration reads what sleep takes: 20, 0.5, 5m, 1h, 2d.
func Duration(text string) (time.Duration, bool) {
	if text == "" {
		return 0, false
	}
	if last := text[len(text)-1]; last >= '0' && last <= '9' {
		text += "s"
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		text = days + "h"
		if d, err := time.ParseDuration(text); err == nil && d >= 0 && d < 1e4*time.Hour {
			return 24 * d, true
		}
	}
	d, err := time.ParseDuration(text)
	return d, err == nil && d >= 0 && d < 1e5*time.Hour
}

// Later reads what at takes: now, now + 10 minutes.
func Later(text string) (time.Duration, bool) {
	words := strings.Fields(strings.ReplaceAll(text, "+", " + "))
	units := map[string]time.Duration{"min": time.Minute, "minute": time.Minute, "minutes": time.Minute, "mins": time.Minute, "hour": time.Hour, "hours": time.Hour}
	if len(words) == 1 && words[0] == "now" {
		return 0, true
	}
	if len(words) == 4 && words[0] == "now" && words[1] == "+" && units[words[3]] > 0 {
		n, err := strconv.Atoi(words[2])
		return time.Duration(n) * units[words[3]], err == nil && n >= 0 && n < 1e5
	}
	return 0, false
}

// Decode undoes percent signs as far as there are any; what is none stays.
func Decode(s string) string {
	if !strings.Contains(s, " ") {
		s = strings.ReplaceAll(s, "+", " ")
	}
	s = percent().ReplaceAllStringFunc(s, func(run string) string {
		t, err := url.PathUnescape(run)
		if err != nil {
			return run
		}
		return t
	})
	return strings.ToValidUTF8(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s), "")
}

var percent = Compiled(`(%[0-9A-Fa-f]{2})+`)

// Quoted undoes the backslashes of a text in double quotes.
func Quoted(text string) string { return quotedEscape().ReplaceAllString(text, "$1") }

var quotedEscape = Compiled("\\\\([$`\"\\\\\n])")
