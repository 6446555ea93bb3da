package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/renameio/v2"
	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"ecnutd/config"
	"ecnutd/internal/host"
	"ecnutd/internal/systemd"
	"ecnutd/udev"
)

// An installer puts in their places what the Debian package brings, or takes
// it away. Below another root nothing but files is touched.
type installer struct {
	root string // "" for this system
	dry  bool
	self string                                          // the program to install
	say  func(format string, args ...any)                // what is done
	run  func(ctx context.Context, argv ...string) error // on this system alone
}

func newInstaller(cmd *cobra.Command, root string, dry bool) *installer {
	return &installer{
		root: root, dry: dry, self: "/proc/self/exe",
		say: func(format string, args ...any) { note(cmd, format, args...) },
		run: func(ctx context.Context, argv ...string) error {
			return host.Run(ctx, argv, os.Environ(), "", time.Minute)
		},
	}
}

func installCommand(*globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "install",
		GroupID: groupSetup,
		Short:   "Install this program as a service, where there is no package",
		Long: `Puts this program into ` + systemd.Program + `, with its units, its user, the udev
rule and the hook that has the UPS cut its output; writes a configuration that
protects this host, if there is none; and starts the service. What is in place
already is left alone, what differs is shown. Where NUT is at work nothing is
enabled or started.

On Debian the package does the same, and better: apt knows of it.`,
		Args: wants(),
	}
	dry := cmd.Flags().Bool("dry-run", false, "only show what would change")
	root := rootFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return needsRoot(newInstaller(cmd, *root, *dry).install(cmd.Context()), "install")
	}
	return cmd
}

func uninstallCommand(*globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "uninstall",
		GroupID: groupSetup,
		Short:   "Take away what install has put in place",
		Long: `Stops the service and deletes what install wrote. The configuration, the state
and the user stay; how they go is said at the end.`,
		Args: wants(),
	}
	dry := cmd.Flags().Bool("dry-run", false, "only show what would change")
	root := rootFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return needsRoot(newInstaller(cmd, *root, *dry).uninstall(cmd.Context()), "uninstall")
	}
	return cmd
}

// needsRoot adds how to get the rights that were missing.
func needsRoot(err error, command string) error {
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w; it takes root: sudo ecnutd %s", err, command)
	}
	return err
}

func (i *installer) install(ctx context.Context) error {
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
	if nut := i.nutAtWork(ctx); nut != "" {
		i.say("NUT is at work on this host (%s), so ecnutd is neither enabled nor started; NUT and its configuration are as they were. To change over: %s && sudo systemctl enable --now %s %s", nut, stopNUT, systemd.ShutdownPath, systemd.Service)
		return nil
	}
	if err := i.do(ctx, "systemctl", "enable", "--now", systemd.ShutdownPath, systemd.Service); err != nil {
		return err
	}
	// One that ran before runs the new program from now on.
	return i.do(ctx, "systemctl", "try-restart", systemd.Service)
}

func (i *installer) uninstall(ctx context.Context) error {
	if err := i.refuseBesidePackage(ctx); err != nil {
		return err
	}
	if _, there, err := systemd.Files()[1].Now(below(i.root)); err == nil && there {
		if err := i.do(ctx, "systemctl", "disable", "--now", systemd.Service, systemd.ShutdownPath); err != nil {
			return err
		}
	}
	files := systemd.Files()
	files = append(files, systemd.File{Path: udev.Path}, systemd.File{Path: systemd.Program})
	for _, f := range files {
		if i.dry {
			if _, there, err := f.Now(below(i.root)); err == nil && there {
				i.say("would remove %s", f.Path)
			}
			continue
		}
		removed, err := f.Remove(below(i.root))
		if err != nil {
			return err
		}
		if removed {
			i.say("removed %s", filepath.Join(i.root, f.Path))
		}
	}
	if err := i.do(ctx, "systemctl", "daemon-reload"); err != nil {
		return err
	}
	i.reload(ctx)
	i.say("the configuration, the state and the user stay; away with them: sudo rm -r /etc/ecnutd /var/lib/ecnutd && sudo userdel %s", udev.Group)
	return nil
}

// refuseBesidePackage keeps from a system whose package manager knows better.
func (i *installer) refuseBesidePackage(ctx context.Context) error {
	if i.root != "" {
		return nil
	}
	out, err := exec.CommandContext(ctx, "dpkg-query", "-W", "-f", "${Status}", "ecnutd").Output()
	if err == nil && strings.Contains(string(out), "ok installed") {
		return errors.New("the Debian package ecnutd is installed, and has all of this in its care: use apt")
	}
	return nil
}

// do runs a program on this system, or says that it would.
func (i *installer) do(ctx context.Context, argv ...string) error {
	switch {
	case i.root != "":
		return nil
	case i.dry:
		i.say("would run %s", strings.Join(argv, " "))
		return nil
	}
	return i.run(ctx, argv...)
}

// program copies this program to its place.
func (i *installer) program() error {
	to := filepath.Join(below(i.root), systemd.Program)
	now, _ := os.ReadFile(to)
	self, err := os.ReadFile(i.self)
	if err != nil {
		return err
	}
	switch {
	case string(now) == string(self):
		return nil
	case i.dry:
		i.say("would write %s, this program", systemd.Program)
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	if err := renameio.WriteFile(to, self, 0o755, renameio.WithTempDir(filepath.Dir(to)), renameio.IgnoreUmask()); err != nil {
		return err
	}
	i.say("wrote %s, this program", to)
	return nil
}

// file puts one of systemd's files in its place, and shows what changes.
func (i *installer) file(f systemd.File) error {
	now, there, err := f.Now(below(i.root))
	if err != nil {
		return err
	}
	before := f.Path
	if !there {
		before = "(no file)"
	}
	change := diff.Diff(before, []byte(now), f.Path, []byte(f.Text))
	if i.dry {
		if !there || now != f.Text {
			i.say("would write %s\n%s", f.Path, change)
		}
		return nil
	}
	written, err := f.Install(below(i.root))
	switch {
	case err != nil:
		return err
	case written && there:
		i.say("wrote %s in place of another:\n%s", filepath.Join(i.root, f.Path), change)
	case written:
		i.say("wrote %s", filepath.Join(i.root, f.Path))
	}
	return nil
}

// rule puts the udev rule in its place.
func (i *installer) rule(context.Context) error {
	before, err := udev.Find(below(i.root))
	if err != nil {
		return err
	}
	if i.dry {
		if !before.Ours() {
			i.say("would write %s (sudo ecnutd udev install --dry-run shows it)", udev.Path)
		}
		return nil
	}
	written, err := udev.Install(below(i.root))
	if written {
		i.say("wrote %s", filepath.Join(i.root, udev.Path))
	}
	return err
}

// reload has udev use the rule, or not use it any more. Without udev, as in a
// container, the rest is as good.
func (i *installer) reload(ctx context.Context) {
	if i.root != "" || i.dry {
		return
	}
	if err := udev.Reload(ctx); err != nil {
		i.say("%v", err)
	}
}

// configuration writes the first one, and the folder of secrets. One that is
// there is never touched.
func (i *installer) configuration(ctx context.Context) error {
	to := filepath.Join(below(i.root), defaultConfig)
	_, err := os.Lstat(to)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if i.dry {
		i.say("would write %s, which protects this host and tells nobody", defaultConfig)
		return nil
	}
	if err := os.MkdirAll(filepath.Join(below(i.root), config.CredentialFolder), 0o755); err != nil {
		return err
	}
	if err := os.Chmod(filepath.Join(below(i.root), config.CredentialFolder), 0o700); err != nil {
		return err
	}
	if err := renameio.WriteFile(to, []byte(config.Initial), 0o640, renameio.WithTempDir(filepath.Dir(to)), renameio.IgnoreUmask()); err != nil {
		return err
	}
	i.say("wrote %s, which protects this host and tells nobody: add a route for messages", to)
	return i.do(ctx, "chown", "root:"+udev.Group, defaultConfig)
}

// nutAtWork names a unit of NUT that is active; "" where none is.
func (i *installer) nutAtWork(ctx context.Context) string {
	if i.root != "" {
		return ""
	}
	for _, unit := range systemd.NUT() {
		if exec.CommandContext(ctx, "systemctl", "--quiet", "is-active", unit).Run() == nil {
			return unit
		}
	}
	return ""
}
