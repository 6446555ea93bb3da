package request

import (
	"encoding/base64"
	"encoding/json"
	"html"
	"net/url"
	"strings"
	"unicode"
)

// A Secret is a string that cannot be printed by accident: whatever formats,
// logs or encodes it, alone or inside another value, writes three asterisks.
type Secret struct{ s *string }

// NewSecret wraps a secret. Line breaks at its end, as editors leave them in
// files, are taken off.
func NewSecret(s string) Secret {
	s = strings.TrimRight(s, "\r\n")
	return Secret{&s}
}

// String is three asterisks, or nothing for an empty secret.
func (s Secret) String() string {
	if s.Reveal() == "" {
		return ""
	}
	return "***"
}

// GoString is String: %#v must not print it either.
func (s Secret) GoString() string { return s.String() }

// MarshalText is String, for JSON, YAML and slog.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Equal reports whether two secrets are the same, so that a reload can tell a
// new password from the old one.
func (s Secret) Equal(o Secret) bool { return s.Reveal() == o.Reveal() }

// Reveal is the secret itself.
func (s Secret) Reveal() string {
	if s.s == nil {
		return ""
	}
	return *s.s
}

// Hide replaces secrets in a text by asterisks, in every spelling in which a
// request or an echo of it could hold them. Secrets of fewer than four bytes
// are left: they would make holes in ordinary words.
func Hide(text string, secrets ...Secret) string {
	for _, s := range secrets {
		raw := s.Reveal()
		if len(raw) < 4 {
			continue
		}
		quoted, _ := json.Marshal(raw)
		for _, spelling := range []string{
			raw, Percent(raw), url.QueryEscape(raw), url.PathEscape(raw), html.EscapeString(raw),
			base64.StdEncoding.EncodeToString([]byte(raw)), strings.Trim(string(quoted), `"`),
		} {
			text = strings.ReplaceAll(text, spelling, "***")
		}
	}
	return text
}

// Percent encodes every byte that is not a letter, a digit or one of - _ . ~
// (RFC 3986 §2.3). A space becomes %20: a plus is one only in forms.
func Percent(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}

// longest is how long foreign text may be in an error, in bytes.
const longest = 300

// OneLine makes foreign text fit for an error: short, one line, printable.
// Secrets are hidden before: half of one would not be found any more.
func OneLine(s string) string {
	s = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))), " ")
	if len(s) <= longest {
		return s
	}
	head := strings.ToValidUTF8(s[:longest], "")
	if i := strings.LastIndexByte(head, ' '); i > 0 {
		head = head[:i]
	}
	return head + " […]"
}
