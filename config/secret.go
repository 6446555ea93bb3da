package config

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
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

// maxSecret bounds the first line of a secret file, in bytes.
const maxSecret = 4096

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
		return firstLine(s.file)
	case s.credential != "":
		return s.handed()
	}
	return "", errors.New("no secret is given")
}

// CredentialFolder is where the credentials are that the unit hands to the
// daemon: each file is one, readable for root alone.
const CredentialFolder = "/etc/ecnutd/credentials"

// unitPrefix is what the unit puts in front of the name of a file in
// CredentialFolder: LoadCredential=ecnutd:/etc/ecnutd/credentials.
const unitPrefix = "ecnutd_"

// handed reads a credential that systemd handed over: one of its own
// LoadCredential=, or one of the folder. A command that root runs by hand is
// handed nothing and reads the folder itself.
func (s Secret) handed() (string, error) {
	dir := os.Getenv("CREDENTIALS_DIRECTORY")
	if dir == "" {
		path := filepath.Join(CredentialFolder, s.credential)
		value, err := firstLine(path)
		if err != nil {
			return "", fmt.Errorf("no credential %s: systemd handed over none (LoadCredential=%s:FILE), and %w", s.credential, s.credential, err)
		}
		return value, nil
	}
	own := filepath.Join(dir, s.credential)
	if _, err := os.Stat(own); errors.Is(err, fs.ErrNotExist) {
		if value, err := firstLine(filepath.Join(dir, unitPrefix+s.credential)); !errors.Is(err, fs.ErrNotExist) {
			return value, err
		}
		return "", fmt.Errorf("no credential %s in %s: put the secret into %s and restart the daemon", s.credential, dir, filepath.Join(CredentialFolder, s.credential))
	}
	return firstLine(own)
}

func firstLine(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("cannot read a secret: %w", err)
	}
	defer f.Close()
	line, err := bufio.NewReader(io.LimitReader(f, maxSecret+1)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("cannot read a secret: %w", err)
	}
	if len(line) > maxSecret {
		return "", fmt.Errorf("cannot read a secret: the first line of %s is longer than %d bytes", path, maxSecret)
	}
	if line = strings.TrimSpace(line); line == "" {
		return "", fmt.Errorf("cannot read a secret: the first line of %s is empty", path)
	}
	return line, nil
}

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
