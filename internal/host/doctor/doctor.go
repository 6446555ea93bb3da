// Package doctor looks at all that protection depends on, from the device to
// the firmware of the host, and says what is wrong here and how it is mended.
// Nothing is changed, no message is sent, and a UPS is only read.
package doctor

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"

	"ecnutd/config"
	"ecnutd/hid"
	"ecnutd/hid/hidraw"
	"ecnutd/hid/power/family"
	"ecnutd/hid/usb"
	"ecnutd/internal/discovery"
	"ecnutd/internal/host"
	"ecnutd/internal/host/killpower"
	"ecnutd/internal/systemd"
	"ecnutd/udev"
)

// A Doctor finds out why it does not work.
type Doctor struct {
	Config   string           // path of the configuration
	Version  string           // of this program
	Families []*family.Family // of UPSs that are known

	// Ask asks the daemon that answers on a socket.
	Ask func(ctx context.Context, socket string) Daemon
}

// isUPS reports whether a device is a UPS of a family.
func (d *Doctor) isUPS(info hid.Info) bool { return family.Match(info, d.Families...) }

// usbNode is the node of the USB device behind a hidraw node.
func usbNode(info hid.Info) string {
	return usb.Location{Bus: info.USBBus, Address: info.USBAddress}.Node()
}

// DaemonEyes are those of the user that the service runs as; nil where there is
// none, or where that user asks.
func DaemonEyes() config.Eyes {
	if id, ok := host.IdentityOf(udev.Group); ok {
		return id
	}
	return nil
}

// Examine looks at everything, from the device outwards.
func (d *Doctor) Examine(ctx context.Context) []host.Finding {
	c, findings, err := config.Load(d.Config)
	var list []host.Finding
	if err != nil || len(c.Local()) > 0 {
		list = d.examineDevice()
	}
	if err != nil {
		fix := "ecnutd check --config " + d.Config
		if errors.Is(err, fs.ErrNotExist) {
			fix = "sudo ecnutd install writes one; ecnutd import-nut /etc/nut translates NUT's"
		}
		list = append(list, host.Bad("configuration "+d.Config, host.FirstLine(err), fix))
		c = config.Minimal("ups")
	} else {
		list = append(list, host.Good("configuration "+d.Config))
		for _, f := range findings {
			list = append(list, host.Look(f.Key, f.Msg))
		}
		list = append(list, checkPrograms(c, DaemonEyes())...)
	}
	list = append(list, checkSecrets(c.SecretPlaces(), config.CredentialFolder)...)
	list = append(list, checkGateways(ctx, c.Messages.Routes)...)
	if len(c.Messages.Routes) == 0 {
		list = append(list, host.Look("messages", "there is no route, so nobody is told of an outage; messages.routes in the configuration"))
	}
	list = append(list, checkUnits("/")...)
	active, runs := checkActive(ctx, systemd.ShutdownPath)
	list = append(list, active)
	if socket, asked := checkActive(ctx, systemd.ShutdownSocket); asked {
		list = append(list, socket)
	}
	if runs {
		list = append(list, checkDaemon(d.Ask(ctx, c.Control), d.Version)...)
	}
	list = append(list, checkNetwork(ctx, c, runs, Addresses())...)
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
func (d *Doctor) examineDevice() (list []host.Finding) {
	var ids []family.ID
	for _, f := range d.Families {
		ids = append(ids, f.IDs...)
	}
	attached := usb.Attached(func(vendor, product uint16) bool {
		return slices.ContainsFunc(ids, func(id family.ID) bool { return id.Vendor == vendor && id.Product == product })
	})
	if len(attached) == 0 {
		list = append(list, host.Bad("UPS", "none of the family is on USB (lsusb -d 0463:)", "plug its USB cable in, try another port and cable; in a virtual machine pass the device through"))
	}
	for _, r := range attached {
		list = append(list, checkBinding(r))
	}
	if _, err := hidraw.Enumerate(d.isUPS); err != nil {
		list = append(list, host.Bad("hidraw nodes", host.FirstLine(err), "run this as root"))
	}
	list = append(list, checkReaders(host.ThisHost().Processes(discovery.Nodes()))...)
	all, err := d.Rule("")
	if err != nil {
		list = append(list, host.Bad("udev rule", host.FirstLine(err), "run this as root"))
	}
	return append(list, slices.DeleteFunc(all, func(f host.Finding) bool { return f == noNodes })...)
}
