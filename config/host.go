package config

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"strings"
)

// OnHost looks at what the configuration names on this host, and tells what is
// not there or not as it has to be: files of secrets, programs. Nothing is run.
// A credential is looked for only where systemd gave any.
func (c *Config) OnHost() []Finding {
	var found []Finding
	for _, s := range c.secrets() {
		if why := s.secret.amiss(); why != "" {
			found = append(found, c.Found(s.key, "%s", why))
		}
	}
	for _, f := range []struct{ key, path string }{{"network.certificate", c.Network.Certificate}, {"network.key", c.Network.Key}} {
		if _, err := os.Stat(f.path); f.path != "" && err != nil {
			found = append(found, c.Found(f.key, "no connection can be encrypted: %v", err))
		}
	}
	for _, p := range c.programs() {
		if _, err := exec.LookPath(p.program); err != nil {
			found = append(found, c.Found(p.key, "%s cannot be run: %v", p.program, errors.Unwrap(err)))
		}
	}
	sortByPlace(found)
	return found
}

// amiss says why a secret cannot be read, or is not one any more.
func (s Secret) amiss() string {
	if s.IsZero() || s.Inline() || s.credential != "" && os.Getenv("CREDENTIALS_DIRECTORY") == "" {
		return ""
	}
	_, err := s.Value()
	if errors.Is(err, fs.ErrNotExist) && s.file != "" {
		return err.Error() + ": make it with install -m 640 -g ecnutd /dev/null " + s.file + ", and write the secret into its first line"
	}
	if err != nil {
		return err.Error()
	}
	if info, err := os.Stat(s.file); s.file != "" && err == nil && info.Mode().Perm()&0o004 != 0 {
		return "a secret in a file that everybody on this host can read (" + info.Mode().Perm().String() + "): chmod 640 " + s.file
	}
	return ""
}

type namedProgram struct{ key, program string }

// programs are all programs that may be run, by their keys.
func (c *Config) programs() []namedProgram {
	var list []namedProgram
	add := func(key string, argv []string) {
		if len(argv) > 0 && !strings.Contains(argv[0], "{{") {
			list = append(list, namedProgram{key, argv[0]})
		}
	}
	add("shutdown_command", c.ShutdownCommand.Argv)
	for _, r := range c.Messages.Routes {
		add("messages.routes."+r.Name+".command", r.Command)
	}
	for _, s := range c.scopes() {
		for _, e := range s.reaction.Exec {
			add(s.key+".exec", e.Command)
		}
	}
	return list
}

// A SecretPlace is where a secret of the configuration is kept: a file, or a
// credential of systemd.
type SecretPlace struct{ Key, File, Credential string }

// SecretPlaces are the places of all secrets that do not stand in the file.
func (c *Config) SecretPlaces() []SecretPlace {
	var list []SecretPlace
	for _, s := range c.secrets() {
		if s.secret.file != "" || s.secret.credential != "" {
			list = append(list, SecretPlace{s.key, s.secret.file, s.secret.credential})
		}
	}
	return list
}
