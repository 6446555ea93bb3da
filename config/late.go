package config

import "time"

// Cut reports whether the late stage of a shutdown has the UPS cut its output:
// its cable is in this host, and it feeds it. What hangs on another host is
// that host's to cut, and power: 0 means that the output feeds somebody else.
func (u UPS) Cut() bool { return u.Remote == "" && u.Power > 0 }

// Cut are the UPSs that the late stage of a shutdown has cut their output.
func (c *Config) Cut() []UPS {
	var list []UPS
	for _, u := range c.UPS {
		if u.Cut() {
			list = append(list, u)
		}
	}
	return list
}

// CutFlag is the path of the flag that has the late stage cut the output; ""
// where the configuration has none, or no UPS that is cut.
func (c *Config) CutFlag() string {
	if len(c.Cut()) == 0 {
		return ""
	}
	return c.PowerDownFlag
}

const (
	waitKey = "kill_power.wait_then_reboot"

	// afterCut is how long after the cut a host that still runs reboots.
	afterCut = 40 * time.Second

	// MostWait is the longest wait that comes about before systemd goes on: it
	// gives its hooks 90 s, of which 10 s are for arming the UPSs, and 5 s for
	// asking them for mains at the end.
	MostWait = 75 * time.Second

	// leastAfterCut is how long after the cut the host has to wait at least.
	leastAfterCut = 10 * time.Second
)

// defaultWait is wait_then_reboot of a file that does not say it: the longest
// off_delay of the UPSs that are cut and 40 s, within what systemd waits. Where
// a UPS cuts its output later than that, or the command says that the host is to
// stay off, there is no wait.
func (c *Config) defaultWait() time.Duration {
	var longest time.Duration
	for _, u := range c.Cut() {
		longest = max(longest, u.OffDelay)
	}
	switch {
	case len(c.Cut()) == 0:
		longest = newUPS("").OffDelay
	case longest+leastAfterCut > MostWait:
		return 0
	}
	if c.KillPower.Command == "shutdown.stayoff" || c.KillPower.Command == "load.off.delay" {
		return 0
	}
	return min(longest+afterCut, MostWait)
}
