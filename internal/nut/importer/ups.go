package importer

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"ecnutd/config"
	"ecnutd/internal/nut/importer/directives"
	"ecnutd/internal/nut/importer/nutfile"
	"ecnutd/internal/nut/importer/report"
	"ecnutd/internal/nut/importer/wording"
)

// A upsPlan is a UPS of ups.conf.
type upsPlan struct {
	name     string // as NUT has it
	file     string
	line     int
	settings map[string]setting // by key below ups.NAME
	ignoreLB directive
	on, off  time.Duration // 0: not given
}

// monitored is a MONITOR line for a UPS on this host.
type monitored struct {
	d      directive
	system string // "eaton@localhost", as it is written
	ups    string
	power  int
	remote *remotePlan // nil: it hangs on this host
}

func (m *importer) nutConf() {
	const file = "nut.conf"
	for _, e := range nutfile.Entries(m.lines[file]) {
		value := strings.Trim(e.Value(), "'")
		switch {
		case e.Key == "MODE":
			m.mode(file, e.N, value)
		case e.Key == "POWEROFF_WAIT":
			d, err := time.ParseDuration(value)
			if n, bad := strconv.Atoi(value); bad == nil {
				d, err = time.Duration(n)*time.Second, nil
			}
			if err != nil || d < 0 {
				m.note(file, e.N, Unsupported, "", "POWEROFF_WAIT %s: not a time; set kill_power.wait_then_reboot", report.Shorten(value))
				continue
			}
			m.set(directive{file, e.N, value}, "kill_power.wait_then_reboot", d, "POWEROFF_WAIT "+value)
		case directives.NutConf[e.Key] != "":
			m.note(file, e.N, NotNeeded, "", "%s: %s", e.Key, directives.NutConf[e.Key])
		default:
			m.log.Unknown(file, e.N, e.Key)
		}
	}
}

func (m *importer) mode(file string, line int, value string) {
	switch value {
	case "standalone":
		m.note(file, line, NotNeeded, "", "MODE=standalone: %s", directives.OneProcess)
	case "none":
		m.note(file, line, Trap, "", "MODE=none: with this, NUT does not run at all, and the host is not protected; ecnutd has no such switch")
	case "netserver", "netclient":
		m.note(file, line, NotNeeded, "", "MODE=%s: whom the daemon serves and whom it follows stands in network and ups", value)
	default:
		m.note(file, line, Unsupported, "", "MODE=%s: NUT knows no such mode", report.Shorten(value))
	}
}

func (m *importer) upsConf() {
	const file = "ups.conf"
	entries := nutfile.Entries(m.lines[file])
	m.otherDrivers(file, entries)
	for _, e := range entries {
		if m.other(e.Section) != nil {
			continue
		}
		if e.Key == "" {
			m.ups = append(m.ups, upsPlan{name: e.Section, file: file, line: e.N, settings: map[string]setting{}})
			m.note(file, e.N, Translated, "ups."+wording.Clean(e.Section), "[%s]", report.Shorten(e.Section))
			continue
		}
		key := strings.ToLower(e.Key)
		if e.Section == "" && len(m.ups) == 0 {
			m.globalUPS(file, e, key)
			continue
		}
		m.oneUPS(file, e, key, &m.ups[len(m.ups)-1])
	}
	m.ups = slices.DeleteFunc(m.ups, func(u upsPlan) bool { return u.name == "" })
}

func (m *importer) globalUPS(file string, e nutfile.Entry, key string) {
	if why := directives.UpsConf[key]; why != "" {
		m.note(file, e.N, NotNeeded, "", "%s: %s", e.Key, why)
		return
	}
	m.log.Unknown(file, e.N, e.Key)
}

var hexID = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9A-Fa-f]{4}$`) })

// oneUPS takes one line of a section of ups.conf.
func (m *importer) oneUPS(file string, e nutfile.Entry, key string, u *upsPlan) {
	d := directive{file, e.N, e.Value()}
	at := "ups." + wording.Clean(u.name) + "."
	put := func(name string, value any) {
		u.settings[name] = setting{value, d.from()}
		m.note(file, e.N, Translated, at+name+": "+plainValue(value), "%s = %s", e.Key, report.Shorten(d.value))
	}
	// What NUT's files say of a kind is all that counts for it.
	noFloor := func(kind string) { u.settings["low_battery.floors."+kind] = setting{"none", d.from()} }
	seconds := func() (time.Duration, bool) {
		n, err := strconv.Atoi(d.value)
		if err != nil || n < 0 || n > 7200 {
			m.note(file, e.N, Unsupported, "", "%s = %s: not 0 to 7200 seconds; the default stays", e.Key, report.Shorten(d.value))
			return 0, false
		}
		return time.Duration(n) * time.Second, true
	}
	switch key {
	case "driver":
		m.note(file, e.N, NotNeeded, "", "driver = usbhid-ups: the driver is built in")
	case "desc":
		d.value = strings.Join(e.Values, " ")
		put("description", d.value)
	case "vendorid", "productid":
		id, name := strings.Trim(d.value, "^$"), map[string]string{"vendorid": "vendor", "productid": "product"}[key]
		if !hexID().MatchString(id) {
			m.note(file, e.N, Unsupported, "", "%s = %s: a pattern; set %smatch.%s to four hex digits if there are several UPSs", e.Key, report.Shorten(d.value), at, name)
			return
		}
		put("match."+name, strings.ToLower(id))
		if key == "vendorid" && !slices.Contains([]string{"0463", "06da"}, strings.ToLower(id)) {
			u.settings["generic"] = setting{true, d.from()}
			m.note(file, e.N, Unsupported, at+"generic: true", "vendorid = %s: not Eaton, MGE or Santak: the UPS is read by the standard of its class, warns and shuts the host down, and its output is never cut; look at ecnutd check and docs/models.md", id)
		}
	case "product":
		model := strings.Trim(d.value, "^$.*")
		if strings.ContainsAny(model, `[](){}|\?+*.^$`) {
			m.note(file, e.N, Unsupported, "", "product = %s: a pattern; set %smatch.model to a part of the name if there are several UPSs", report.Shorten(d.value), at)
			return
		}
		put("match.model", model)
	case "serial":
		m.note(file, e.N, Unsupported, "", "serial: units of this family have the same serial number, so it tells nothing apart; with several UPSs use %smatch.phys", at)
	case "vendor":
		m.note(file, e.N, NotNeeded, "", "vendor: the ids tell the makers apart")
	case "bus", "device", "busport":
		m.note(file, e.N, Unsupported, "", "%s: numbers of USB change with every plug; with several UPSs use %smatch.phys, as ecnutd devices prints it", e.Key, at)
	case "offdelay":
		if s, ok := seconds(); ok {
			u.off = s
			put("off_delay", s)
		}
	case "ondelay":
		if s, ok := seconds(); ok {
			u.on = s
			put("on_delay", s)
		}
	case "lowbatt", "override.battery.charge.low":
		n, err := strconv.Atoi(d.value)
		if err != nil || n < 1 || n > 100 {
			m.note(file, e.N, Unsupported, "", "%s = %s: not 1 to 100 percent", e.Key, report.Shorten(d.value))
			return
		}
		put("low_battery.charge", fmt.Sprintf("%d%%", n))
		noFloor("charge")
		if !m.ignoresLB(u.name) {
			m.note(file, e.N, Trap, "", "%s: in NUT this changes what is shown and not when the battery counts as low, unless ignorelb is set; ecnutd does act on it, at %d %%", e.Key, n)
		}
	case "override.battery.runtime.low":
		if d.value == "-1" {
			m.note(file, e.N, Translated, at+"low_battery.floors.runtime: none", "%s = -1: no runtime makes the battery low, also where a shutdown does not fit into it any more", e.Key)
			noFloor("runtime")
			return
		}
		if s, ok := seconds(); ok && s > 0 {
			put("low_battery.runtime", s)
			noFloor("runtime")
			if m.ignoresLB(u.name) {
				return
			}
			m.note(file, e.N, Trap, "", "%s: in NUT this changes what is shown and not when the battery counts as low, unless ignorelb is set; ecnutd does act on it, at %s", e.Key, config.FormatDuration(s))
		}
	case "ignorelb":
		u.ignoreLB = d
		put("low_battery.shutdown_imminent", "ignore")
		m.note(file, e.N, Unsupported, "", "ignorelb: the flag ShutdownImminent is ignored, as asked; the UPS's own limit of charge is not: set battery.charge.low on the UPS below yours, with ecnutd set")
	case "sdorder":
		m.note(file, e.N, Unsupported, "", "sdorder: UPSs are cut in the order of the file")
	case "sdcommands":
		first, _, _ := strings.Cut(d.value, ",")
		if slices.ContainsFunc(config.UPSCommands(), func(c string) bool { return c == first }) {
			m.set(d, "kill_power.command", first, "sdcommands = "+report.Shorten(d.value))
			return
		}
		m.note(file, e.N, Unsupported, "", "sdcommands = %s: kill_power.command takes %s", report.Shorten(d.value), strings.Join(config.UPSCommands(), ", "))
	default:
		switch why := directives.UpsConf[key]; {
		case why != "":
			m.note(file, e.N, NotNeeded, "", "%s: %s", e.Key, why)
		case strings.HasPrefix(key, "default.") || strings.HasPrefix(key, "override."):
			m.note(file, e.N, Unsupported, "", "%s: values are shown as the UPS says them", report.Shorten(e.Key))
		default:
			m.log.Unknown(file, e.N, e.Key)
		}
	}
}

// monitors brings MONITOR lines and sections of ups.conf together.
func (m *importer) monitors() {
	for i := range m.monitored {
		w := &m.monitored[i]
		if w.remote != nil {
			continue
		}
		if m.other(w.ups) != nil {
			continue
		}
		if !slices.ContainsFunc(m.ups, func(u upsPlan) bool { return u.name == w.ups }) {
			m.ups = append(m.ups, upsPlan{name: w.ups, file: w.d.file, line: w.d.line, settings: map[string]setting{}})
			m.note(w.d.file, w.d.line, Trap, "", "ups.conf has no section [%s]: NUT would never reach it; the import looks for it on USB", report.Shorten(w.ups))
		}
	}
	for i := range m.monitored {
		if w := &m.monitored[i]; w.remote != nil {
			m.remoteUPS(w)
		}
	}
	names := map[string]bool{}
	for i := range m.ups {
		u := &m.ups[i]
		if names[wording.Clean(u.name)] {
			m.note(u.file, u.line, Unsupported, "", "[%s]: a second UPS of that name", report.Shorten(u.name))
			u.name = ""
			continue
		}
		names[wording.Clean(u.name)] = true
		j := slices.IndexFunc(m.monitored, func(w monitored) bool { return w.ups == u.name })
		if j < 0 {
			u.settings["power"] = setting{0, "no MONITOR line"}
			m.note(u.file, u.line, Trap, "ups."+wording.Clean(u.name)+".power: 0", "[%s] has no MONITOR line: upsmon does not watch it, and no shutdown follows from it", report.Shorten(u.name))
		} else {
			u.settings["power"] = setting{m.monitored[j].power, m.monitored[j].d.from()}
		}
		on, off := u.on, u.off
		if _, given := u.settings["on_delay"]; !given {
			on = 30 * time.Second
		}
		if _, given := u.settings["off_delay"]; !given {
			off = 20 * time.Second
		}
		if on <= off {
			m.note(u.file, u.line, Trap, "ups."+wording.Clean(u.name)+".on_delay", "[%s]: ondelay (%d s) is not above offdelay (%d s): the output may come back before it went off, and the host stays down; NUT does not look at this, the import writes %d s", report.Shorten(u.name), on/time.Second, off/time.Second, (off+10*time.Second)/time.Second)
			if off+10*time.Second > config.LongestDelay {
				off = config.LongestDelay - 10*time.Second
				u.settings["off_delay"] = setting{off, u.file}
			}
			u.settings["on_delay"] = setting{off + 10*time.Second, "above off_delay"}
		}
	}
	m.ups = slices.DeleteFunc(m.ups, func(u upsPlan) bool { return u.name == "" })
	m.sameMatch()
	if len(m.ups) == 0 {
		m.ups = []upsPlan{{name: "ups", settings: map[string]setting{}}}
		if len(m.others) > 0 {
			m.note("ups.conf", 0, Unsupported, "ups.ups", "none of the UPSs of NUT is one that ecnutd serves; a configuration has one at least, and this one looks for it on USB")
			return
		}
		m.note("ups.conf", 0, Trap, "ups.ups", "no UPS of this host is named: the import looks for one on USB")
	}
}

// ignoresLB reports whether a section has ignorelb.
func (m *importer) ignoresLB(name string) bool {
	return slices.ContainsFunc(nutfile.Entries(m.lines["ups.conf"]), func(e nutfile.Entry) bool { return e.Section == name && strings.EqualFold(e.Key, "ignorelb") })
}

// sameMatch drops what does not tell two UPSs apart. Where the second one is
// plugged in only a person can say: until then its port is one that there is
// not, so that it is not the first one by mistake.
func (m *importer) sameMatch() {
	seen := map[string]string{}
	for _, u := range m.ups {
		if u.settings["remote"].value != nil {
			continue
		}
		text := ""
		for _, key := range []string{"match.vendor", "match.product", "match.model"} {
			text += fmt.Sprint(u.settings[key].value) + " "
		}
		if other, ok := seen[text]; ok {
			m.note(u.file, u.line, Unsupported, "ups."+wording.Clean(u.name)+".match", "nothing tells [%s] and [%s] apart: give each a match.phys, as ecnutd devices prints it; until then [%s] is not found", report.Shorten(other), report.Shorten(u.name), report.Shorten(u.name))
			for _, key := range []string{"match.vendor", "match.product", "match.model"} {
				delete(u.settings, key)
			}
			u.settings["match.phys"] = setting{"port-of-" + wording.Clean(u.name), ""}
			continue
		}
		seen[text] = u.name
	}
}

// base is the last element of the path of a program.
func base(program string) string { return path.Base(program) }
