package config

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Eyes are those of the user that the daemon runs as.
type Eyes interface {
	MayRead(path string) error
	MayRun(path string) error
	MayWrite(folder string) error
}

// OnHost looks at what the configuration names on this host, and tells what is
// not there or not as it has to be: files of secrets, certificates, folders,
// programs. Nothing is run. With eyes it is looked at as the daemon will see it
// (nil: as who asks does), but for the shutdown command, which is root's. A
// credential is looked for only where systemd gave any.
func (c *Config) OnHost(eyes Eyes) []Finding {
	var found []Finding
	seen := func(key, path, what string, may func(string) error) {
		if err := may(path); err != nil {
			found = append(found, c.Found(key, "%s%v", what, err))
		}
	}
	for _, s := range c.secrets() {
		switch why := s.secret.amiss(); {
		case why != "":
			found = append(found, c.Found(s.key, "%s", why))
		case eyes != nil && s.secret.file != "":
			seen(s.key, s.secret.file, "the daemon cannot read this secret: ", eyes.MayRead)
		}
	}
	for _, f := range c.certificates() {
		if _, err := os.Stat(f.path); f.path != "" && err != nil {
			found = append(found, c.Found(f.key, "no connection can be encrypted: %v", err))
		} else if f.path != "" && eyes != nil {
			seen(f.key, f.path, "no connection can be encrypted: ", eyes.MayRead)
		}
	}
	for _, f := range []struct{ key, path string }{{"state", c.State}, {"power_down_flag", c.PowerDownFlag}} {
		folder := filepath.Dir(f.path)
		if info, err := os.Stat(folder); f.path != "" && err == nil && info.IsDir() && eyes != nil {
			seen(f.key, folder, "the daemon cannot keep it there: ", eyes.MayWrite)
		}
	}
	for _, p := range c.programs() {
		path, err := exec.LookPath(p.program)
		if err != nil {
			found = append(found, c.Found(p.key, "%s cannot be run: %v", p.program, errors.Unwrap(err)))
		} else if eyes != nil && p.key != "shutdown_command" {
			seen(p.key, path, p.program+" cannot be run by the daemon: ", eyes.MayRun)
		}
	}
	sortByPlace(found)
	return found
}

// A namedFile is a file and the key that names it.
type namedFile struct{ key, path string }

// certificates are the files that connections are encrypted with.
func (c *Config) certificates() []namedFile {
	list := []namedFile{{"network.certificate", c.Network.Certificate}, {"network.key", c.Network.Key}, {"messages.heartbeat.ca_file", c.Messages.Heartbeat.CAFile}}
	for _, r := range c.Messages.Routes {
		at := "messages.routes." + r.Name
		if r.FreeMobile != nil {
			list = append(list, namedFile{at + ".free_mobile.ca_file", r.FreeMobile.CAFile})
		}
		if r.HTTP != nil {
			list = append(list, namedFile{at + ".http.ca_file", r.HTTP.CAFile})
		}
		if r.Mail != nil {
			list = append(list, namedFile{at + ".mail.ca_file", r.Mail.CAFile})
		}
	}
	return list
}

// amiss says why a secret cannot be read, or is not one any more.
func (s Secret) amiss() string {
	if s.IsZero() || s.Inline() || s.credential != "" && os.Getenv("CREDENTIALS_DIRECTORY") == "" {
		return ""
	}
	_, err := s.Value()
	if errors.Is(err, fs.ErrNotExist) && s.file != "" {
		return err.Error() + ": make it with sudo install -m 640 -g ecnutd /dev/null " + s.file + ", and write the secret into its first line"
	}
	if err != nil {
		return err.Error()
	}
	if info, err := os.Stat(s.file); s.file != "" && err == nil && info.Mode().Perm()&0o004 != 0 {
		return "a secret in a file that everybody on this host can read (" + info.Mode().Perm().String() + "): sudo chmod 640 " + s.file
	}
	return ""
}

type namedProgram struct{ key, program string }

// programs are all programs that may be run, by their keys.
func (c *Config) programs() []namedProgram {
	var list []namedProgram
	add := func(key string, argv []string) {
		for len(argv) > 0 && !strings.Contains(argv[0], "{{") {
			list = append(list, namedProgram{key, argv[0]})
			if argv[0] != "/usr/bin/env" {
				return
			}
			for argv = argv[1:]; len(argv) > 0 && strings.Contains(argv[0], "="); {
				argv = argv[1:] // env names another program behind its variables
			}
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
