package sms

import (
	"encoding/base64"
	"encoding/json"
	"html"
	"net/url"
	"strings"
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
	if s.reveal() == "" {
		return ""
	}
	return "***"
}

// GoString is String: %#v must not print it either.
func (s Secret) GoString() string { return s.String() }

// MarshalText is String, for JSON, YAML and slog.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Equal tells whether two secrets are the same, so that a reload can tell a
// new password from the old one.
func (s Secret) Equal(o Secret) bool { return s.reveal() == o.reveal() }

// reveal is the secret itself.
func (s Secret) reveal() string {
	if s.s == nil {
		return ""
	}
	return *s.s
}

// hide replaces secrets in a text by asterisks, in every spelling in which a
// request or an echo of it could hold them. Secrets of fewer than four bytes
// are left: they would make holes in ordinary words.
func hide(text string, secrets ...Secret) string {
	for _, s := range secrets {
		raw := s.reveal()
		if len(raw) < 4 {
			continue
		}
		quoted, _ := json.Marshal(raw)
		for _, spelling := range []string{
			raw, percent(raw), url.QueryEscape(raw), url.PathEscape(raw), html.EscapeString(raw),
			base64.StdEncoding.EncodeToString([]byte(raw)), strings.Trim(string(quoted), `"`),
		} {
			text = strings.ReplaceAll(text, spelling, "***")
		}
	}
	return text
}
