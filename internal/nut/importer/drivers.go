package importer

import (
	"fmt"
	"slices"
	"strings"

	"ecnutd/internal/nut/importer/document"
	"ecnutd/internal/nut/importer/nutfile"
	"ecnutd/internal/nut/importer/report"
	"ecnutd/internal/nut/importer/wording"
)

// An otherUPS is a section of ups.conf whose driver is not for USB HID: it is no
// UPS of ours, and must not become one that looks for any device on USB.
type otherUPS struct {
	name, driver, port string
	d                  directive
	monitored          *monitored
}

// driver is the only one whose devices ecnutd serves.
const driver = "usbhid-ups"

// otherDrivers finds the sections with other drivers.
func (m *importer) otherDrivers(file string, entries []nutfile.Entry) {
	drivers, ports := map[string]string{}, map[string]string{}
	for _, e := range entries {
		switch strings.ToLower(e.Key) {
		case "driver":
			drivers[e.Section] = e.Value()
		case "port":
			ports[e.Section] = e.Value()
		}
	}
	for _, e := range entries {
		if d := drivers[e.Section]; e.Key == "" && e.Section != "" && d != "" && d != driver && m.other(e.Section) == nil {
			m.others = append(m.others, &otherUPS{name: e.Section, driver: d, port: ports[e.Section], d: directive{file, e.N, e.Section}})
		}
	}
}

// other is the section of that name with another driver, nil if there is none.
func (m *importer) other(name string) *otherUPS {
	for _, o := range m.others {
		if o.name == name {
			return o
		}
	}
	return nil
}

// foreign reports whether a rule is for a UPS of another driver.
func (m *importer) foreign(r rule) bool { return m.otherOf(r.ups) != nil }

func (m *importer) otherOf(system string) *otherUPS {
	for _, o := range m.others {
		if o.monitored != nil && o.monitored.system == system {
			return o
		}
	}
	return nil
}

// repeats is the address of the UPS that a dummy-ups passes on from another
// host, "" for one that plays a file.
func (o *otherUPS) repeats() string {
	name, host, ok := strings.Cut(o.port, "@")
	if o.driver != "dummy-ups" || !ok || name == "" || host == "" {
		return ""
	}
	return "nut://USER@" + host + "/" + name
}

// plays reports whether it is a UPS that does not exist: a file, or the watch
// over NUT itself that is made of one.
func (o *otherUPS) plays() bool { return o.driver == "dummy-ups" && o.repeats() == "" }

// otherUPSs notes what becomes of the sections with other drivers, and of the
// MONITOR lines for them.
func (m *importer) otherUPSs() {
	for i := range m.monitored {
		if w := &m.monitored[i]; w.remote == nil && m.other(w.ups) != nil {
			m.other(w.ups).monitored = w
		}
	}
	m.monitored = slices.DeleteFunc(slices.Clone(m.monitored), func(w monitored) bool { return w.remote == nil && m.other(w.ups) != nil })
	for _, o := range m.others {
		power := "upsmon does not watch it"
		if o.monitored != nil {
			power = fmt.Sprintf("its power value of %d does not count here", o.monitored.power)
		}
		switch address := o.repeats(); {
		case o.plays():
			m.note(o.d.file, o.d.line, NotNeeded, "", "[%s], driver = %s: not a UPS but a file that is played, to watch NUT itself as a rule: systemd watches the daemon, and messages.heartbeat tells a service elsewhere that all is well; %s", report.Shorten(o.name), report.Shorten(o.driver), power)
		case address != "":
			m.note(o.d.file, o.d.line, Unsupported, "", "[%s], driver = %s: it passes on a UPS of another host; in its place write ups.%s with remote: %s and password_file; %s", report.Shorten(o.name), report.Shorten(o.driver), wording.Clean(o.name), address, power)
		default:
			m.note(o.d.file, o.d.line, Unsupported, "", "[%s], driver = %s: ecnutd speaks HID over USB to the units that %s serves, and nothing else: it is left out, with its options; %s. If NUT goes on serving it on another host, follow it with remote: nut://USER@HOST/%s", report.Shorten(o.name), report.Shorten(o.driver), driver, power, wording.Clean(o.name))
		}
		if o.monitored != nil {
			w := o.monitored
			m.log.Notes = slices.DeleteFunc(m.log.Notes, func(n Note) bool { return n.File == w.d.file && n.Line == w.d.line && n.Kind == Translated })
			m.note(w.d.file, w.d.line, NotNeeded, "", "MONITOR %s %d: see [%s] in ups.conf", report.Shorten(w.system), w.power, report.Shorten(o.name))
		}
	}
	for _, r := range m.rules {
		o := m.otherOf(r.ups)
		switch {
		case o == nil:
		case o.plays():
			m.note(r.d.file, r.d.line, NotNeeded, "", "AT %s %s %s: it watched NUT itself", r.event, report.Shorten(r.ups), r.verb)
		default:
			m.note(r.d.file, r.d.line, Unsupported, "", "AT %s %s %s: a rule for a UPS that is left out (driver %s)", r.event, report.Shorten(r.ups), r.verb, report.Shorten(o.driver))
		}
	}
	m.rules = slices.DeleteFunc(m.rules, m.foreign)
}

// otherComment is a line of the YAML for each UPS that is left out.
func (m *importer) otherComment() string {
	var lines []string
	for _, o := range m.others {
		power := 0
		if o.monitored != nil {
			power = o.monitored.power
		}
		lines = append(lines, fmt.Sprintf("# %s (%s, power %d): not a UPS on USB, left out, %s", document.OneLine(wording.Clean(o.name)), document.OneLine(wording.Clean(o.driver)), power, o.d.from()))
	}
	return strings.Join(lines, "\n")
}

// otherPower is what the UPSs that are left out had counted for.
func (m *importer) otherPower() (sum int, names []string) {
	for _, o := range m.others {
		if o.monitored != nil && o.monitored.power > 0 {
			sum += o.monitored.power
			names = append(names, report.Shorten(o.name))
		}
	}
	return sum, names
}

// client reports whether NUT only followed UPSs of other hosts.
func (m *importer) client() bool {
	return len(m.monitored) > 0 && !slices.ContainsFunc(m.monitored, func(w monitored) bool { return w.remote == nil })
}
