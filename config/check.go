package config

import (
	"strconv"
	"time"

	"ecnutd/ups"
)

// Check proves the configuration against a UPS: vars are what the UPS with
// this name says of itself (on mains, with the load that it has to carry), and
// ground what it gives decisions to stand on. What cannot work with these is a
// finding, the numbers in it.
func (c *Config) Check(name string, vars ups.Variables, ground ups.Ground) []Finding {
	k := &checker{config: c, vars: vars}
	for _, u := range c.UPS {
		if u.Name == name {
			k.ground(u, ground)
			k.runtime(u)
			k.charge(u)
			if u.Remote == "" {
				k.delays(u)
			}
			k.selfTest(u)
		}
	}
	sortByPlace(k.findings)
	return k.findings
}

type checker struct {
	config   *Config
	vars     ups.Variables
	findings []Finding
}

func (k *checker) find(key, format string, args ...any) {
	k.findings = append(k.findings, k.config.Found(key, format, args...))
}

// number is a variable as a whole number; a fraction is cut off.
func (k *checker) number(name string) (int, bool) {
	f, err := strconv.ParseFloat(k.vars[name], 64)
	if err != nil || f < -1e9 || f > 1e9 || f != f {
		return 0, false
	}
	return int(f), true
}

// limitKey is the block that the limits of a UPS stand in.
func (k *checker) limitKey(u UPS) string {
	if u.LowBattery != nil {
		return "ups." + u.Name + ".low_battery"
	}
	return "low_battery"
}

// ground looks whether the UPS says what decisions are made on.
func (k *checker) ground(u UPS, g ups.Ground) {
	key := "ups." + u.Name
	switch {
	case !g.Line && g.Asked:
		k.find(key, "%s answers, and says neither that it is on mains nor that it is on battery: this host is not protected by it. Unplug its USB cable for a minute and check again; where that does not help, `ecnutd record` captures what it says for a report of the fault", u.Name)
	case !g.Line:
		k.find(key, "%s cannot be asked whether it is on mains or on battery, and has not said so by itself meanwhile: this host is protected by it only after its next word", u.Name)
	case !g.Asked:
		k.find(key, "%s cannot be asked whether it is on mains or on battery, it only says so by itself: a word that is lost is not noticed before the next one", u.Name)
	}
	l := k.config.LimitsOf(u)
	if !g.LowFlag && !l.Charge.Known && l.Runtime == 0 && l.OnBattery == 0 {
		k.find(k.limitKey(u), "%s has no flag that its battery is low, and no limit is set: give one, as charge: 30%% or runtime: 5m", u.Name)
	}
}

// runtime compares all that waits on battery with how long the battery lasts.
func (k *checker) runtime(u UPS) {
	c, l, key := k.config, k.config.LimitsOf(u), k.limitKey(u)
	seconds, ok := k.number("battery.runtime")
	if !ok {
		if l.Runtime > 0 {
			k.find(key+".runtime", "%s does not say battery.runtime: this limit cannot be met", u.Name)
		}
		return
	}
	lasts := time.Duration(seconds) * time.Second
	at := "at the present load the battery of " + u.Name + " lasts " + lasts.String() + " (battery.runtime " + strconv.Itoa(seconds) + ")"
	for _, t := range c.shutdownTimers() {
		if t.after >= lasts {
			k.find(t.key, "the timer %s fires after %s (%d s), and %s: the battery will be low or empty first", t.name, t.after, int(t.after/time.Second), at)
		}
	}
	if l.OnBattery >= lasts && l.OnBattery > 0 {
		k.find(key+".on_battery", "%s on battery is the limit, and %s: the battery will be low or empty first", l.OnBattery, at)
	}
	if l.Runtime >= lasts && l.Runtime > 0 {
		k.find(key+".runtime", "the limit is %s, and %s: the host goes down as soon as the mains fails", l.Runtime, at)
	}
	if need := c.ShutdownTime + c.FinalDelay; lasts < need {
		k.find("shutdown_time", "a shutdown takes %s (shutdown_time %s and final_delay %s), and %s: it does not end in time", need, c.ShutdownTime, c.FinalDelay, at)
	}
}

// charge compares the own limit with the charge and with the device's limit.
func (k *checker) charge(u UPS) {
	limit, key := k.config.LimitsOf(u).Charge, k.limitKey(u)+".charge"
	if !limit.Known {
		return
	}
	now, known := k.number("battery.charge")
	switch {
	case !known:
		k.find(key, "%s does not say battery.charge: this limit cannot be met", u.Name)
	case now <= limit.N:
		k.find(key, "the limit is %d %%, and the battery of %s is at %d %% now: the host goes down as soon as the mains fails", limit.N, u.Name, now)
	}
	if low, ok := k.number("battery.charge.low"); ok && limit.N < low {
		k.find(key, "the limit is %d %%, and %s itself calls its battery low at %d %% (battery.charge.low), which comes first: raise the limit, or lower the UPS's with ecnutd set battery.charge.low %d", limit.N, u.Name, low, limit.N)
	}
}

// selfTest looks whether the UPS has the test that it is to make.
func (k *checker) selfTest(u UPS) {
	if u.SelfTest.Every > 0 && k.vars["ups.test.result"] == "" {
		k.find("ups."+u.Name+".self_test.every", "%s has no self-test (ups.test.result): its battery is never tested", u.Name)
	}
}

// delays compares the delays with what the UPS has set.
func (k *checker) delays(u UPS) {
	for _, d := range []struct {
		variable, key string
		want          time.Duration
	}{{"ups.delay.start", "on_delay", u.OnDelay}, {"ups.delay.shutdown", "off_delay", u.OffDelay}} {
		key := "ups." + u.Name + "." + d.key
		has, ok := k.number(d.variable)
		switch {
		case !ok:
			k.find(key, "%s does not say %s: it may not take the delay of %s", u.Name, d.variable, d.want)
		case time.Duration(has)*time.Second != d.want:
			k.find(key, "the file says %s, and %s is set to %d s (%s): have one say what the other does, ecnutd set %s %d", d.want, u.Name, has, d.variable, d.variable, int(d.want/time.Second))
		}
	}
}
