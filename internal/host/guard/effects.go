package guard

import (
	"context"
	"os"

	"golang.org/x/sys/unix"

	"ecnutd/internal/host"
)

// Sync writes the buffers of all disks. It may take for ever where a network
// file system is dead.
func Sync() error {
	unix.Sync()
	return nil
}

// sysRq is where the kernel takes orders by a letter
// (admin-guide/sysrq.rst). Root may give all of them, whatever kernel.sysrq says.
const sysRq = "/proc/sysrq-trigger"

// ReadOnly has the kernel remount all file systems read-only, as far as they can
// be.
func ReadOnly() error { return os.WriteFile(sysRq, []byte("u"), 0) }

// PowerOff switches the host off without asking anybody.
func PowerOff() error { return unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF) }

// Arm has the UPSs cut and restore their output, by the program that the hook of
// the late stage runs. It waits for nothing afterwards: whoever calls it switches
// the host off.
func Arm(program string) func(context.Context) error {
	return func(ctx context.Context) error {
		return host.Run(ctx, []string{program, "killpower", "--action", "poweroff", "--now"}, os.Environ(), "", armTime)
	}
}
