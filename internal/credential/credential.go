// Package credential reads what is secret from where it is kept: the first line of
// a file, or a credential of systemd.
package credential

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Folder is where the credentials are that the unit hands to the daemon: each file
// is one, readable for root alone.
const Folder = "/etc/ecnutd/credentials"

// unitPrefix is what the unit puts in front of the name of a file in
// Folder: LoadCredential=ecnutd:/etc/ecnutd/credentials.
const unitPrefix = "ecnutd_"

// maxSecret bounds the first line of a secret file, in bytes.
const maxSecret = 4096

// Read reads a credential that systemd handed over: one of its own
// LoadCredential=, or one of the folder. A command that root runs by hand is
// handed nothing and reads the folder itself.
func Read(name string) (string, error) {
	dir := os.Getenv("CREDENTIALS_DIRECTORY")
	if dir == "" {
		path := filepath.Join(Folder, name)
		value, err := FirstLine(path)
		if err != nil {
			return "", fmt.Errorf("no credential %s: systemd handed over none (LoadCredential=%s:FILE), and %w", name, name, err)
		}
		return value, nil
	}
	own := filepath.Join(dir, name)
	if _, err := os.Stat(own); errors.Is(err, fs.ErrNotExist) {
		if value, err := FirstLine(filepath.Join(dir, unitPrefix+name)); !errors.Is(err, fs.ErrNotExist) {
			return value, err
		}
		return "", fmt.Errorf("no credential %s in %s: put the secret into %s and restart the daemon", name, dir, filepath.Join(Folder, name))
	}
	return FirstLine(own)
}

// FirstLine is the first line of a file without blanks at its ends. The error names
// the file, never the content.
func FirstLine(path string) (string, error) {
	// A FIFO of its name must keep nobody waiting.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return "", fmt.Errorf("cannot read a secret: %w", err)
	}
	defer f.Close()
	if st, err := f.Stat(); err != nil || !st.Mode().IsRegular() {
		return "", fmt.Errorf("cannot read a secret: %s is not a regular file", path)
	}
	line, err := bufio.NewReader(io.LimitReader(f, maxSecret+1)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("cannot read a secret: %w", err)
	}
	if len(line) > maxSecret {
		return "", fmt.Errorf("cannot read a secret: the first line of %s is longer than %d bytes", path, maxSecret)
	}
	// Editors of other systems put a byte order mark in front, which is no part of it.
	if line = strings.TrimSpace(strings.TrimPrefix(line, "\ufeff")); line == "" {
		return "", fmt.Errorf("cannot read a secret: the first line of %s is empty", path)
	}
	return line, nil
}
