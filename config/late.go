package config

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
