package sim

import (
	"fmt"
	"slices"
	"time"

	"ecnutd/hid"
)

// The usage paths that the simulation moves. A model that lacks one lacks what
// it says.
const (
	pathStatus       = "UPS.PowerSummary.PresentStatus."
	pathCharge       = "UPS.PowerSummary.RemainingCapacity"
	pathRuntime      = "UPS.PowerSummary.RunTimeToEmpty"
	pathLimit        = "UPS.PowerSummary.RemainingCapacityLimit"
	pathLimitSetting = "UPS.PowerSummary.RemainingCapacityLimitSetting"
	pathShutdown     = "UPS.PowerSummary.DelayBeforeShutdown"
	pathStartup      = "UPS.PowerSummary.DelayBeforeStartup"
)

// pathsLoad are where units have the load.
var pathsLoad = []string{"UPS.PowerSummary.PercentLoad", "UPS.Output.PercentLoad", "UPS.PowerConverter.PercentLoad"}

// maxQueue is how many input reports the kernel keeps for a reader that does
// not read; later ones are lost (HIDRAW_BUFFER_SIZE is 64, and the ring holds
// one fewer).
const maxQueue = 63

// An outlet is a group of sockets whose switch the reports show.
type outlet struct {
	path string
	eco  bool // goes ecoAfter losing mains
}

// loadReports takes the model's reports at rest and finds the fields in them.
func (u *UPS) loadReports() error {
	for _, text := range u.model.reports {
		report, err := unhex(text)
		if err != nil {
			return fmt.Errorf("sim: %s: %w", u.model.name, err)
		}
		if want := u.desc.Size(hid.Feature, report[0]); want != len(report)-1 {
			return fmt.Errorf("sim: %s: report %02x has %d bytes behind the id, the descriptor says %d", u.model.name, report[0], len(report)-1, want)
		}
		u.bodies[report[0]] = report[1:]
	}
	fields := u.desc.Fields()
	if u.model.fields != nil {
		for i := range fields {
			f := &fields[i]
			if u.bodies[f.Report] == nil {
				u.bodies[f.Report] = make([]byte, max(u.desc.Size(hid.Feature, f.Report), u.desc.Size(hid.Input, f.Report)))
			}
			if path := f.Path.String(); u.fields[path] == nil {
				u.fields[path] = f
			}
		}
		for path, v := range u.model.numbers {
			u.put(path, v)
		}
	}
	for i := range fields {
		f := &fields[i]
		if path := f.Path.String(); f.Type == hid.Feature && u.bodies[f.Report] != nil && u.fields[path] == nil {
			u.fields[path] = f
		}
	}
	for n := 1; n <= 3; n++ {
		prefix := fmt.Sprintf("UPS.OutletSystem.Outlet.[%d].PresentStatus.", n)
		if present, ok := u.get(prefix + "Present"); ok && present == 0 {
			continue // its switch stands still: so an Ellipse ECO 650 showed it
		}
		u.outlets = append(u.outlets, outlet{prefix + "SwitchOn/Off", slices.Contains(u.model.ecoOutlets, n)})
	}
	return nil
}

// refresh writes the state into the reports and pushes those that changed.
func (u *UPS) refresh() {
	limit, _ := u.get(pathLimit)
	_, early := u.fault(ImminentEarly, 0)
	_, overload := u.fault(Overload, 0)
	_, replace := u.fault(NeedReplacement, 0)
	under := u.gauge.percent < int(limit)
	u.putFlag(pathStatus+"ACPresent", u.mains)
	u.putFlag(pathStatus+"Charging", u.mains) // stays set at 100 %
	u.putFlag(pathStatus+"Discharging", u.carrying())
	u.putFlag(pathStatus+"Good", u.output)
	u.putFlag(pathStatus+"BelowRemainingCapacityLimit", !u.mains && u.gauge.percent <= int(limit))
	u.putFlag(pathStatus+"ShutdownImminent", !u.mains && (under || early && u.outage >= imminentAfter))
	u.putFlag(pathStatus+"NeedReplacement", replace)
	u.putFlag(pathStatus+"Overload", overload || u.load > 100)
	u.put(pathCharge, int64(u.gauge.percent))
	u.put(pathRuntime, int64(u.gauge.runtime))
	for _, path := range pathsLoad {
		u.put(path, u.shownLoad())
	}
	u.put(pathShutdown, wholeSeconds(u.shutdown))
	u.put(pathStartup, wholeSeconds(u.start))
	eco := !u.mains && u.outage >= ecoAfter
	for _, o := range u.outlets {
		u.putFlag(o.path, u.output && !(o.eco && eco))
	}
	u.push()
}

// shownLoad is the load as report 07 shows it, in percent.
func (u *UPS) shownLoad() int64 {
	switch {
	case !u.output:
		return 0
	case u.carrying() && u.model.loadJump > 0:
		return int64(min(u.load*u.model.loadJump+0.5, 255))
	}
	return int64(min(u.load, 255))
}

// wholeSeconds is a timer as a report shows it: seconds that are still to
// come, begun ones included, and -1 for none.
func wholeSeconds(t time.Duration) int64 {
	if t < 0 {
		return -1
	}
	return int64((t + time.Second - 1) / time.Second)
}

// put writes a field into its feature report, where the model has it.
func (u *UPS) put(path string, v int64) {
	if f := u.fields[path]; f != nil {
		if err := f.Put(u.bodies[f.Report], v); err != nil {
			panic("sim: " + err.Error()) // a mistake in this package
		}
	}
}

func (u *UPS) putFlag(path string, on bool) {
	v := int64(0)
	if on {
		v = 1
	}
	u.put(path, v)
}

func (u *UPS) get(path string) (int64, bool) {
	f := u.fields[path]
	if f == nil {
		return 0, false
	}
	return f.Raw(u.bodies[f.Report])
}

// pushed is an input report as it goes out, with its id.
func (u *UPS) pushed(id uint8, body []byte) []byte {
	report := append([]byte{id}, body...)
	if _, ok := u.fault(ShortPush, id); ok {
		report = report[:len(report)-1]
	}
	if f, ok := u.fault(LongPush, id); ok {
		report = f.longer(report)
	}
	if f, ok := u.fault(ForeignPush, id); ok {
		report[0] = f.Reply
	}
	return report
}

// push queues every input report that changed pushAfter ago. A silent device
// keeps its reports until it speaks again.
func (u *UPS) push() {
	if u.skipping {
		return
	}
	for _, id := range u.inputIDs {
		body := u.bodies[id]
		if body == nil || slices.Equal(body, u.inputs[id]) {
			delete(u.changed, id)
			continue
		}
		if _, waiting := u.changed[id]; !waiting {
			u.changed[id] = u.elapsed
		}
		if u.silent() || u.elapsed-u.changed[id] < u.model.pushAfter {
			continue
		}
		delete(u.changed, id)
		u.inputs[id] = slices.Clone(body)
		if _, lost := u.fault(LostPushes, 0); lost {
			continue
		}
		for h := range u.handles {
			if len(h.queue) < maxQueue {
				h.queue = append(h.queue, u.pushed(id, body))
			}
		}
		u.wakeAll()
	}
}
