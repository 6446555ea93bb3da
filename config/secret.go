package config

import (
	"ecnutd/internal/credential"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// A Secret is a password, a token or a URL that holds one. It is read when it
// is needed, so that a changed file counts at once, and it never prints: what
// looks like its value in a log is "(secret)".
//
// The file gives it in one of three ways: KEY (inline), KEY_file (the first
// line of a file) or KEY_credential (a credential of systemd: a file of
// CredentialFolder, or of a LoadCredential= of one's own).
type Secret struct {
	inline     *string // a pointer, so that no printer of structs shows it
	file       string
	credential string
}

// InlineSecret is a secret whose value is known.
func InlineSecret(value string) Secret { return Secret{inline: &value} }

// FileSecret is a secret on the first line of a file.
func FileSecret(path string) Secret { return Secret{file: path} }

// CredentialSecret is a secret that systemd hands to the daemon by this name.
func CredentialSecret(name string) Secret { return Secret{credential: name} }

// IsZero tells whether no secret is given.
func (s Secret) IsZero() bool { return s == Secret{} }

// Inline tells whether the value stands in the configuration file itself.
func (s Secret) Inline() bool { return s.inline != nil }

// Source says where the secret is, without its value.
func (s Secret) Source() string {
	switch {
	case s.inline != nil:
		return "inline"
	case s.file != "":
		return "file " + s.file
	case s.credential != "":
		return "credential " + s.credential
	}
	return "none"
}

// Value reads the secret. Of a file it is the first line without blanks at the
// ends. The error names the file, never the content.
func (s Secret) Value() (string, error) {
	switch {
	case s.inline != nil:
		return *s.inline, nil
	case s.file != "":
		return credential.FirstLine(s.file)
	case s.credential != "":
		return credential.Read(s.credential)
	}
	return "", errors.New("no secret is given")
}

// CredentialFolder is where the credentials are that the unit hands to the daemon.
const CredentialFolder = credential.Folder

const secretText = "(secret)"

// String is "(secret)".
func (s Secret) String() string { return secretText }

// GoString is "(secret)".
func (s Secret) GoString() string { return secretText }

// Format writes "(secret)" for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, secretText) }

// MarshalText is "(secret)", in JSON and YAML too.
func (s Secret) MarshalText() ([]byte, error) { return []byte(secretText), nil }

// LogValue is "(secret)".
func (s Secret) LogValue() slog.Value { return slog.StringValue(secretText) }
