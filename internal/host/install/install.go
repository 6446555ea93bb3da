// Package install does what the Debian package does, where there is none: it
// puts the program, its units, its user, the udev rule and the hook in their
// places, or takes them away.
package install

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"
	"github.com/rogpeppe/go-internal/diff"

	"ecnutd/config"
	"ecnutd/internal/folder"
	"ecnutd/internal/host"
	"ecnutd/internal/systemd"
	"ecnutd/udev"
)

// An Installer puts in their places what the Debian package brings, or takes
// it away. Below another root nothing but files is touched.
type Installer struct {
	Root   string                                          // "" for this system
	Dry    bool                                            // only say what would change
	Self   string                                          // the program to install
	Config string                                          // path of the configuration
	Say    func(format string, args ...any)                // what is done
	Run    func(ctx context.Context, argv ...string) error // on this system alone
}

// Install puts all in place, and starts the service where NUT is not at work.
func (i *Installer) Install(ctx context.Context) error {
	if err := i.refuseBesidePackage(ctx); err != nil {
		return err
	}
	if err := i.program(); err != nil {
		return err
	}
	for _, f := range systemd.Files() {
		if err := i.file(f); err != nil {
			return err
		}
	}
	if err := i.rule(ctx); err != nil {
		return err
	}
	if err := i.do(ctx, "systemd-sysusers", "ecnutd.conf"); err != nil {
		return err
	}
	if err := i.configuration(ctx); err != nil {
		return err
	}
	i.reload(ctx)
	if err := i.do(ctx, "systemctl", "daemon-reload"); err != nil {
		return err
	}
	if err := i.former(); err != nil { // nobody runs it any more
		return err
	}
	if nut := i.nutAtWork(ctx); nut != "" {
		i.Say("NUT is at work on this host (%s), so ecnutd is neither enabled nor started; NUT and its configuration are as they were. To change over: %s && sudo systemctl enable --now %s %s", nut, host.StopNUT, systemd.ShutdownPath, systemd.Service)
		return nil
	}
	if err := i.do(ctx, "systemctl", "enable", "--now", systemd.ShutdownPath, systemd.Service); err != nil {
		return err
	}
	// One that ran before runs the new program from now on.
	return i.do(ctx, "systemctl", "try-restart", systemd.Service)
}

// Uninstall stops the service and deletes what Install wrote.
func (i *Installer) Uninstall(ctx context.Context) error {
	if err := i.refuseBesidePackage(ctx); err != nil {
		return err
	}
	if _, there, err := systemd.Files()[1].Now(i.below()); err == nil && there {
		if err := i.do(ctx, "systemctl", "disable", "--now", systemd.Service, systemd.ShutdownPath); err != nil {
			return err
		}
		_ = i.do(ctx, "systemctl", "stop", systemd.ShutdownSocket) // an older release has none
	}
	files := systemd.Files()
	files = append(files, systemd.File{Path: udev.Path}, systemd.File{Path: systemd.FormerProgram}, systemd.File{Path: systemd.Program})
	for _, f := range files {
		if i.Dry {
			if _, there, err := f.Now(i.below()); err == nil && there {
				i.Say("would remove %s", f.Path)
			}
			continue
		}
		removed, err := f.Remove(i.below())
		if err != nil {
			return err
		}
		if removed {
			i.Say("removed %s", filepath.Join(i.Root, f.Path))
		}
	}
	if err := i.do(ctx, "systemctl", "daemon-reload"); err != nil {
		return err
	}
	i.reload(ctx)
	i.Say("the configuration, the state and the user stay; away with them: sudo rm -r /etc/ecnutd /var/lib/ecnutd && sudo userdel %s", udev.Group)
	return nil
}

// below is the root of the file system to work on.
func (i *Installer) below() string { return cmp.Or(i.Root, "/") }

// refuseBesidePackage keeps from a system whose package manager knows better.
func (i *Installer) refuseBesidePackage(ctx context.Context) error {
	if i.Root != "" {
		return nil
	}
	out, err := exec.CommandContext(ctx, "dpkg-query", "-W", "-f", "${Status}", "ecnutd").Output()
	if err == nil && strings.Contains(string(out), "ok installed") {
		return errors.New("the Debian package ecnutd is installed, and has all of this in its care: use apt")
	}
	return nil
}

// do runs a program on this system, or says that it would.
func (i *Installer) do(ctx context.Context, argv ...string) error {
	switch {
	case i.Root != "":
		return nil
	case i.Dry:
		i.Say("would run %s", strings.Join(argv, " "))
		return nil
	}
	return i.Run(ctx, argv...)
}

// program copies this program to its place.
func (i *Installer) program() error {
	to := filepath.Join(i.below(), systemd.Program)
	now, _ := os.ReadFile(to)
	self, err := os.ReadFile(i.Self)
	if err != nil {
		return err
	}
	switch {
	case string(now) == string(self):
		return nil
	case i.Dry:
		i.Say("would write %s, this program", systemd.Program)
		return nil
	}
	if err := folder.Ensure(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	if err := renameio.WriteFile(to, self, 0o755, renameio.WithTempDir(filepath.Dir(to)), renameio.IgnoreUmask()); err != nil {
		return err
	}
	i.Say("wrote %s, this program", to)
	return nil
}

// former takes away the program of before: the shells of root would find it
// first. Where both places are one folder it is the new one.
func (i *Installer) former() error {
	was, now := filepath.Join(i.below(), systemd.FormerProgram), filepath.Join(i.below(), systemd.Program)
	old, err := os.Stat(was)
	if err != nil {
		return nil // it is not there
	}
	st, err := os.Stat(now)
	switch {
	case err == nil && os.SameFile(old, st):
		return nil
	case err != nil && !i.Dry:
		return err
	}
	if i.Dry {
		i.Say("would remove %s, the program of before", systemd.FormerProgram)
		return nil
	}
	if err := os.Remove(was); err != nil {
		return err
	}
	i.Say("removed %s, the program of before", was)
	return nil
}

// file puts one of systemd's files in its place, and shows what changes.
func (i *Installer) file(f systemd.File) error {
	now, there, err := f.Now(i.below())
	if err != nil {
		return err
	}
	before := f.Path
	if !there {
		before = "(no file)"
	}
	change := diff.Diff(before, []byte(now), f.Path, []byte(f.Text))
	if i.Dry {
		if !there || now != f.Text {
			i.Say("would write %s\n%s", f.Path, change)
		}
		return nil
	}
	written, err := f.Install(i.below())
	switch {
	case err != nil:
		return err
	case written && there:
		i.Say("wrote %s in place of another:\n%s", filepath.Join(i.Root, f.Path), change)
	case written:
		i.Say("wrote %s", filepath.Join(i.Root, f.Path))
	}
	return nil
}

// rule puts the udev rule in its place.
func (i *Installer) rule(context.Context) error {
	before, err := udev.Find(i.below())
	if err != nil {
		return err
	}
	if i.Dry {
		if !before.Ours() {
			i.Say("would write %s (sudo ecnutd udev install --dry-run shows it)", udev.Path)
		}
		return nil
	}
	written, err := udev.Install(i.below())
	if written {
		i.Say("wrote %s", filepath.Join(i.Root, udev.Path))
	}
	return err
}

// reload has udev use the rule, or not use it any more. Without udev, as in a
// container, the rest is as good.
func (i *Installer) reload(ctx context.Context) {
	if i.Root != "" || i.Dry {
		return
	}
	if err := udev.Reload(ctx); err != nil {
		i.Say("%v", err)
	}
}

// configuration writes the first one, and the folder of secrets. One that is
// there is never touched.
func (i *Installer) configuration(ctx context.Context) error {
	to := filepath.Join(i.below(), i.Config)
	_, err := os.Lstat(to)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if i.Dry {
		i.Say("would write %s, which protects this host and tells nobody", i.Config)
		return nil
	}
	if err := folder.Ensure(filepath.Join(i.below(), config.CredentialFolder), 0o755); err != nil {
		return err
	}
	if err := os.Chmod(filepath.Join(i.below(), config.CredentialFolder), 0o700); err != nil {
		return err
	}
	if err := renameio.WriteFile(to, []byte(config.Initial), 0o640, renameio.WithTempDir(filepath.Dir(to)), renameio.IgnoreUmask()); err != nil {
		return err
	}
	i.Say("wrote %s, which protects this host and tells nobody: add a route for messages", to)
	return i.do(ctx, "chown", "root:"+udev.Group, i.Config)
}

// nutAtWork names a unit of NUT that is active; "" where none is.
func (i *Installer) nutAtWork(ctx context.Context) string {
	if i.Root != "" {
		return ""
	}
	for _, unit := range systemd.NUT() {
		if exec.CommandContext(ctx, "systemctl", "--quiet", "is-active", unit).Run() == nil {
			return unit
		}
	}
	return ""
}
