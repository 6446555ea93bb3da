package main

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"ecnutd/config"
	"ecnutd/hid/hidraw"
	"ecnutd/hid/power"
	"ecnutd/hid/usb"
	"ecnutd/internal/host"
	"ecnutd/internal/host/killpower"
	"ecnutd/internal/systemd"
)

func doctorCommand(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "doctor",
		GroupID: groupSetup,
		Short:   "Find out why it does not work",
		Long: `Looks at all that protection depends on, and says on one line each what it found:
"ok", "BAD" with a fix, or "look" where only a person can tell. It looks at the
device (driver, nodes, rights, power saving, other programs that read it), the
configuration and its secrets, the gateways, the service, the network, the shutdown and the
cut of the output. Nothing is changed, no message is sent, and the UPS is only
read. Run it as root: others see less.

Exit status 1 when something is BAD.`,
		Args: wants(),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return printFindings(cmd, examine(cmd.Context(), g), *asJSON)
	}
	return cmd
}

// examine looks at everything, from the device outwards.
func examine(ctx context.Context, g *globals) []host.Finding {
	c, findings, err := config.Load(g.config)
	var list []host.Finding
	if err != nil || len(c.Local()) > 0 {
		list = examineDevice()
	}
	if err != nil {
		fix := "ecnutd check --config " + g.config
		if errors.Is(err, fs.ErrNotExist) {
			fix = "sudo ecnutd install writes one; ecnutd import-nut /etc/nut translates NUT's"
		}
		list = append(list, host.Bad("configuration "+g.config, host.FirstLine(err), fix))
		c = config.Minimal("ups")
	} else {
		list = append(list, host.Good("configuration "+g.config))
		for _, f := range findings {
			list = append(list, host.Look(f.Key, f.Msg))
		}
		list = append(list, checkPrograms(c)...)
	}
	list = append(list, checkSecrets(c.SecretPlaces(), config.CredentialFolder)...)
	list = append(list, checkGateways(ctx, c.Messages.Routes)...)
	if len(c.Messages.Routes) == 0 {
		list = append(list, host.Look("messages", "there is no route, so nobody is told of an outage; messages.routes in the configuration"))
	}
	list = append(list, checkUnits("/")...)
	active, runs := checkActive(ctx, systemd.ShutdownPath)
	list = append(list, active)
	if runs {
		var s status
		err := askDaemon(ctx, c.Control, "GET", "/v1/status", nil, &s)
		list = append(list, checkDaemon(s, err)...)
	}
	list = append(list, checkNetwork(ctx, c, runs, addresses())...)
	list = append(list, killpower.CheckProgram(systemd.Program), killpower.CheckHook(systemd.HookPath), killpower.CheckFlag(c.PowerDownFlag))
	if f, ok := checkSandboxFlag(c.PowerDownFlag); ok {
		list = append(list, f)
	}
	list = append(list, killpower.CheckWait(c))
	if c.State != "" {
		list = append(list, checkLastCut(filepath.Dir(c.State)))
	}
	return append(list, checkClock(), host.Look("firmware of this host", "have it boot when power returns: in the BIOS set-up, \"Restore on AC power loss\" to \"Power on\" (not \"Last state\": the last state is off)"))
}

// examineDevice looks at the UPSs that are attached, and at who else does.
func examineDevice() (list []host.Finding) {
	ids := allIDs()
	attached := usb.Attached(func(vendor, product uint16) bool {
		return slices.ContainsFunc(ids, func(id power.ID) bool { return id.Vendor == vendor && id.Product == product })
	})
	if len(attached) == 0 {
		list = append(list, host.Bad("UPS", "none of the family is on USB (lsusb -d 0463:)", "plug its USB cable in, try another port and cable; in a virtual machine pass the device through"))
	}
	for _, r := range attached {
		list = append(list, checkBinding(r))
	}
	found, err := hidraw.Enumerate(isUPS)
	if err != nil {
		list = append(list, host.Bad("hidraw nodes", host.FirstLine(err), "run this as root"))
	}
	list = append(list, checkReaders(processes("/proc", nodesOf("/sys", found)))...)
	all, err := checkAll("")
	if err != nil {
		list = append(list, host.Bad("udev rule", host.FirstLine(err), "run this as root"))
	}
	return append(list, slices.DeleteFunc(all, func(f host.Finding) bool { return f == noNodes })...)
}
