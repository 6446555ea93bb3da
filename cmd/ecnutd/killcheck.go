package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"ecnutd/config"
	"ecnutd/eaton"
	"ecnutd/internal/systemd"
	"ecnutd/ups"
)

// checkKillPower proves beforehand that the late stage would work. err is what
// was wrong with the configuration.
func checkKillPower(cmd *cobra.Command, g *globals, src *source, c *config.Config, err error, asJSON bool) error {
	list := []finding{checkReadable(g.config, err)}
	if err != nil {
		c = config.Minimal("ups")
	}
	list = append(list,
		checkFlag(c.PowerDownFlag),
		checkHook(systemd.HookPath),
		checkProgram(systemd.Program),
		checkWait(c),
	)
	find, err := lateUnits(c, g, src)
	if err != nil {
		return err
	}
	units, err := find(cmd.Context())
	if err != nil {
		list = append(list, finding{"UPSs", false, firstLine(err), "run this as root"})
	}
	for _, u := range units {
		list = append(list, checkUnit(cmd.Context(), u, string(c.KillPower.Command)))
	}
	list = append(list, checkSurplus(units)...)
	return printFindings(cmd, list, asJSON)
}

func checkReadable(path string, err error) finding {
	what := "configuration " + path
	if err != nil {
		return finding{what, false, firstLine(err) + " (the defaults would be used)", "ecnutd check --config " + path}
	}
	return finding{What: what, OK: true}
}

// checkFlag looks whether the flag can be written, and read in the late stage.
func checkFlag(path string) finding {
	if path == "" {
		return finding{"flag", false, "power_down_flag is none, so the output is never cut", "leave power_down_flag out of the configuration"}
	}
	what := "flag " + path
	dir := filepath.Dir(path)
	for { // the daemon makes what is missing
		_, err := os.Stat(dir)
		if up := filepath.Dir(dir); errors.Is(err, fs.ErrNotExist) && up != dir {
			dir = up
			continue
		}
		break
	}
	if err := mayCreate(dir); err != nil {
		return finding{what, false, err.Error(), "sudo install -d -o ecnutd -g ecnutd " + filepath.Dir(path) + ", or another power_down_flag"}
	}
	if st, err := os.Lstat(path); err == nil && !st.Mode().IsRegular() {
		return finding{what, false, "it is there and is no plain file", "sudo rm -r " + path}
	}
	if !staysMounted(dir) {
		return finding{what, false, dir + " is on a file system that is unmounted by the time the flag is read", "power_down_flag: " + config.Minimal("").PowerDownFlag}
	}
	return finding{What: what, OK: true}
}

// staysMounted tells whether a folder is still there when all that can be
// unmounted has been: it is on the root file system, or below /run.
func staysMounted(dir string) bool {
	var here, root unix.Stat_t
	if to, err := filepath.EvalSymlinks(dir); err == nil {
		dir = to
	}
	if dir == "/run" || strings.HasPrefix(dir, "/run/") {
		return true
	}
	if unix.Stat(dir, &here) != nil || unix.Stat("/", &root) != nil {
		return false
	}
	return here.Dev == root.Dev
}

func checkHook(path string) finding {
	what := "hook " + path
	const fix = "reinstall the package ecnutd"
	st, err := os.Stat(path)
	if err != nil {
		return finding{what, false, "it is not installed, so nobody tells the UPS to cut its output", fix}
	}
	text, err := os.ReadFile(path)
	switch {
	case err != nil:
		return finding{what, false, err.Error(), "run this as root"}
	case st.Mode().Perm()&0o111 == 0:
		return finding{what, false, "it is not executable, so systemd leaves it out", "sudo chmod 755 " + path}
	case string(text) != systemd.Hook:
		return finding{what, false, "it is not the hook of this version", fix}
	}
	return finding{What: what, OK: true}
}

func checkProgram(path string) finding {
	what := "program " + path
	st, err := os.Stat(path)
	switch {
	case err != nil:
		return finding{what, false, "it is not there, and the hook runs it", "install the package ecnutd"}
	case st.Mode().Perm()&0o111 == 0:
		return finding{what, false, "it is not executable", "sudo chmod 755 " + path}
	case !staysMounted(filepath.Dir(path)) && !staysMounted("/usr"):
		// A /usr of its own stays mounted as long as the hook runs from it.
		return finding{What: what + ", on a file system of its own", OK: true}
	}
	return finding{What: what, OK: true}
}

func checkWait(c *config.Config) finding {
	k := c.KillPower
	what := "wait_then_reboot " + k.WaitThenReboot.String()
	if longest := systemd.HookTime - killTime; k.WaitThenReboot > longest {
		return finding{what, false, fmt.Sprintf("systemd gives the late stage %s, so the host goes off before that", systemd.HookTime), fmt.Sprintf("kill_power: {wait_then_reboot: %s} or less", longest)}
	}
	for _, u := range c.UPS {
		if least := u.OffDelay + cutMargin; k.WaitThenReboot > 0 && k.WaitThenReboot < least && u.Power > 0 {
			return finding{what, false, fmt.Sprintf("the UPS %s cuts its output %s after the command, so the host waits %s all the same", u.Name, u.OffDelay, least), fmt.Sprintf("kill_power: {wait_then_reboot: %s}", least+cutMargin)}
		}
	}
	if k.WaitThenReboot == 0 {
		what = "wait_then_reboot: off, so a host that the UPS does not cut stays off until somebody comes"
	}
	return finding{What: what, OK: true}
}

// checkUnit opens a UPS and reads it, and looks whether it has the command.
func checkUnit(ctx context.Context, u lateUnit, command string) finding {
	what := "UPS " + u.name
	if u.node != "" {
		what += " at " + u.node
	}
	switch {
	case u.spared:
		return finding{What: what + ": left alone, its power is 0", OK: true}
	case u.open == nil:
		return finding{what, false, "it is not attached", "plug its USB cable in, or correct its device and match in the configuration"}
	}
	dev, err := u.open(ctx)
	if err != nil {
		return finding{what, false, firstLine(err), "run this as root, and see `ecnutd udev check`"}
	}
	defer dev.Close()
	reader, err := eaton.NewReader(dev, eaton.Options{Delays: u.delays})
	if err == nil {
		_, err = reader.Sweep(ctx)
	}
	if err != nil {
		return finding{what, false, firstLine(err), "leave it alone for a minute; then unplug its USB cable and plug it in again"}
	}
	decoder := reader.Decoder()
	var have []string
	for _, c := range decoder.Commands() {
		if c.Cuts {
			have = append(have, c.Name)
		}
	}
	status := decoder.Snapshot().Status
	switch {
	case !slices.Contains(have, command):
		usable := slices.DeleteFunc(ladder(command), func(s string) bool { return !slices.Contains(have, s) })
		if len(usable) == 0 {
			return finding{what, false, "it has no command that cuts its output", "power_down_flag: none"}
		}
		return finding{what, false, "it has no " + command + "; " + usable[0] + " would be used", "kill_power: {command: " + usable[0] + "}"}
	case !status.Has(ups.Online) && !status.Has(ups.OnBattery):
		return finding{what, false, "it says neither that it is on mains nor on battery, and no power is cut in that state", "ecnutd dump ups.status ups.alarm"}
	}
	return finding{What: what + ": opens, answers, and has " + command, OK: true}
}

// checkSurplus warns of UPSs that one block of the configuration means though
// it may have been written for one: all of them would be cut.
func checkSurplus(units []lateUnit) (list []finding) {
	nodes := make(map[string][]string)
	for _, u := range units {
		if u.node != "" && !u.spared {
			nodes[u.name] = append(nodes[u.name], u.node)
		}
	}
	for name, all := range nodes {
		if len(all) > 1 {
			list = append(list, finding{"UPS " + name, false, fmt.Sprintf("%d UPSs fit its block, and all of them would cut their output: %s", len(all), strings.Join(all, ", ")), "give it a match or a device in the configuration"})
		}
	}
	return list
}
