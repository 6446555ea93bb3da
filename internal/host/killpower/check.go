package killpower

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ecnutd/config"
	"ecnutd/hid"
	"ecnutd/hid/power"
	"ecnutd/hid/power/family"
	"ecnutd/internal/host"
	"ecnutd/internal/systemd"
	"ecnutd/ups"
)

// Check proves beforehand that the late stage would work. path is that of the
// configuration.
func (l *Stage) Check(ctx context.Context, path string) []host.Finding {
	c := l.Config
	list := []host.Finding{
		checkReadable(path, l.Fault),
		CheckFlag(c.PowerDownFlag),
		CheckHook(filepath.Join(l.Root, systemd.HookPath)),
		CheckProgram(filepath.Join(l.Root, systemd.Program)),
		CheckWait(c),
	}
	units, err := l.Units(ctx, nil)
	if err != nil {
		list = append(list, host.Bad("UPSs", host.FirstLine(err), "run this as root"))
	}
	for _, u := range units {
		list = append(list, l.checkUnit(ctx, u))
	}
	return append(list, checkSurplus(units)...)
}

// longestWait is the longest wait that comes about before systemd goes on.
const longestWait = systemd.HookTime - Time - lookTime

func checkReadable(path string, err error) host.Finding {
	what := "configuration " + path
	if err != nil {
		return host.Bad(what, host.FirstLine(err)+" (what the flag says would be used)", "ecnutd check --config "+path)
	}
	return host.Good(what)
}

// CheckFlag looks whether the flag can be written, and read in the late stage.
func CheckFlag(path string) host.Finding {
	if path == "" {
		return host.Bad("flag", "power_down_flag is none, so the output is never cut", "leave power_down_flag out of the configuration")
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
	if err := host.MayCreate(dir); err != nil {
		return host.Bad(what, err.Error(), "sudo install -d -o ecnutd -g ecnutd "+filepath.Dir(path)+", or another power_down_flag")
	}
	if st, err := os.Lstat(path); err == nil && !st.Mode().IsRegular() {
		return host.Bad(what, "it is there and is not a plain file", "sudo rm -r "+path)
	}
	if !host.StaysMounted(dir) {
		return host.Bad(what, dir+" is on a file system that is unmounted by the time the flag is read", "power_down_flag: "+config.Minimal("").PowerDownFlag)
	}
	return host.Good(what)
}

// CheckHook looks whether systemd finds the hook of this version.
func CheckHook(path string) host.Finding {
	what := "hook " + path
	const fix = "reinstall the package ecnutd"
	st, err := os.Stat(path)
	if err != nil {
		return host.Bad(what, "it is not installed, so nobody tells the UPS to cut its output", fix)
	}
	text, err := os.ReadFile(path)
	switch {
	case err != nil:
		return host.Bad(what, err.Error(), "run this as root")
	case st.Mode().Perm()&0o111 == 0:
		return host.Bad(what, "it is not executable, so systemd leaves it out", "sudo chmod 755 "+path)
	case string(text) != systemd.Hook:
		return host.Bad(what, "it is not the hook of this version", fix)
	}
	return host.Good(what)
}

// CheckProgram looks whether the hook finds the program.
func CheckProgram(path string) host.Finding {
	what := "program " + path
	st, err := os.Stat(path)
	switch {
	case err != nil:
		return host.Bad(what, "it is not there, and the hook runs it", "install the package ecnutd")
	case st.Mode().Perm()&0o111 == 0:
		return host.Bad(what, "it is not executable", "sudo chmod 755 "+path)
	case !host.StaysMounted(filepath.Dir(path)) && !host.StaysMounted("/usr"):
		// A /usr of its own stays mounted as long as the hook runs from it.
		return host.Good(what + ", on a file system of its own")
	}
	return host.Good(what)
}

// CheckWait looks whether wait_then_reboot has the time that it says.
func CheckWait(c *config.Config) host.Finding {
	k := c.KillPower
	what := "wait_then_reboot " + k.WaitThenReboot.String()
	if longest := longestWait; k.WaitThenReboot > longest {
		return host.Bad(what, fmt.Sprintf("systemd gives the late stage %s, so the host goes off before that", systemd.HookTime), fmt.Sprintf("kill_power: {wait_then_reboot: %s} or less", longest))
	}
	for _, u := range c.UPS {
		if least := u.OffDelay + cutMargin; k.WaitThenReboot > 0 && k.WaitThenReboot < least && u.Power > 0 {
			return host.Bad(what, fmt.Sprintf("the UPS %s cuts its output %s after the command, so the host waits %s all the same", u.Name, u.OffDelay, least), fmt.Sprintf("kill_power: {wait_then_reboot: %s}", least+cutMargin))
		}
	}
	if k.WaitThenReboot == 0 {
		what = "wait_then_reboot: off, so a host that the UPS does not cut stays off until somebody comes"
	}
	return host.Good(what)
}

// checkUnit opens a UPS and reads it, and looks whether it has the command.
func (l *Stage) checkUnit(ctx context.Context, u Unit) host.Finding {
	command := string(l.Config.KillPower.Command)
	what := "UPS " + u.Name
	if u.Node != "" {
		what += " at " + u.Node
	}
	switch {
	case u.Spared != "":
		return host.Good(what + ": left alone: " + u.Spared)
	case u.Open == nil:
		return host.Bad(what, cmp.Or(u.Missing, missingText), "plug its USB cable in, or correct its device and match in the configuration")
	}
	dev, err := u.Open(ctx)
	if err != nil {
		return host.Bad(what, host.FirstLine(err), "run this as root, and see `ecnutd udev check`")
	}
	defer dev.Close()
	reader, err := power.NewReader(dev, power.Options{Delays: u.Delays}, l.Families...)
	if err == nil {
		_, err = reader.Sweep(ctx)
	}
	if err != nil {
		return host.Bad(what, host.FirstLine(err), "leave it alone for a minute; then unplug its USB cable and plug it in again")
	}
	decoder := reader.Decoder()
	var have []string
	for _, c := range decoder.Commands() {
		if c.Cuts {
			have = append(have, c.Name)
		}
	}
	ready := unread(ctx, dev, command, u.Delays, l.Families)
	status := decoder.Snapshot().Status
	switch {
	case !slices.Contains(have, command):
		usable := slices.DeleteFunc(ladder(command), func(s string) bool { return !slices.Contains(have, s) })
		if len(usable) == 0 {
			return host.Bad(what, "its output is not cut: "+ComesBack(l.Config), "in the firmware of this host: start when power returns (it does once the battery is empty)")
		}
		return host.Bad(what, "it has no "+command+"; "+usable[0]+" would be used", "kill_power: {command: "+usable[0]+"}")
	case ready != nil:
		return host.Bad(what, host.FirstLine(ready), "ecnutd command "+command+", once, with nothing on its output that matters")
	case !status.Has(ups.Online) && !status.Has(ups.OnBattery):
		return host.Bad(what, "it says neither that it is on mains nor on battery, and no power is cut in that state", "ecnutd dump ups.status ups.alarm")
	}
	return host.Good(what + ": opens, answers, and has " + command)
}

// unread reads what the late stage will read of a UPS that is to be cut, and says
// why it cannot; nil where it can, or would not for another reason. Nothing is
// written.
func unread(ctx context.Context, dev hid.Device, command string, delays power.Delays, families []*family.Family) error {
	decoder, err := power.Bind(dev, families...)
	if err != nil {
		return nil
	}
	err = power.NewCommander(dev, decoder, delays).Ready(ctx, command)
	if !errors.Is(err, power.ErrUnread) {
		return nil
	}
	return fmt.Errorf("%s would be written without reading first, and whether the UPS takes it cannot be known: %w", command, err)
}

// cuts reports whether a UPS has a command that cuts its output.
func cuts(d *power.Decoder) bool {
	return slices.ContainsFunc(d.Commands(), func(c family.Command) bool { return c.Cuts })
}

// ComesBack says how a host comes back whose UPS is not cut.
func ComesBack(c *config.Config) string {
	if wait := c.KillPower.WaitThenReboot; wait > 0 {
		return fmt.Sprintf("ecnutd knows no way to have this model do it; this host comes back by kill_power.wait_then_reboot: it waits %s at the end of its shutdown and starts again if the UPS says mains then; if not, it stays off until somebody starts it, or its firmware does", config.FormatDuration(wait))
	}
	return "ecnutd knows no way to have this model do it, and kill_power.wait_then_reboot is off: this host stays off until somebody starts it"
}

// A StringsFunc reads USB strings, which nobody needs here.
type StringsFunc = func(ctx context.Context, indexes []uint8) (map[uint8]string, error)

// Unready says what the last stage could not read of the UPS of a block that it
// is to cut; nil where it could, or where it does not cut it.
func Unready(ctx context.Context, c *config.Config, u config.UPS, open func(context.Context) (hid.Device, StringsFunc, error), families []*family.Family) error {
	if !u.Cut() || c.CutFlag() == "" {
		return nil
	}
	dev, _, err := open(ctx)
	if err != nil {
		return nil // it was read a moment ago, and killpower --check looks closer
	}
	defer dev.Close()
	if decoder, err := power.Bind(dev, families...); err == nil && !cuts(decoder) {
		return fmt.Errorf("its output is not cut: %s", ComesBack(c))
	}
	return unread(ctx, dev, string(c.KillPower.Command), DelaysOf(u), families)
}

// checkSurplus warns of UPSs that one block of the configuration means though
// it may have been written for one: all of them would be cut.
func checkSurplus(units []Unit) (list []host.Finding) {
	nodes := make(map[string][]string)
	for _, u := range units {
		if u.Node != "" && u.Spared == "" {
			nodes[u.Name] = append(nodes[u.Name], u.Node)
		}
	}
	for name, all := range nodes {
		if len(all) > 1 {
			list = append(list, host.Bad("UPS "+name, fmt.Sprintf("%d UPSs fit its block, and all of them would cut their output: %s", len(all), strings.Join(all, ", ")), "give it a match or a device in the configuration"))
		}
	}
	return list
}
