package sim

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"ecnutd/hid"
)

// MainsReturn is what a UPS does when mains comes back while it counts down to
// a shutdown. Nothing public says which one a Protection Station does.
type MainsReturn uint8

// The behaviours.
const (
	CycleAnyway   MainsReturn = iota // the output goes off, and on again after the start delay
	CancelOnMains                    // the count-down ends, the output stays on
)

// A UPS is a simulated one.
type UPS struct {
	model  *model
	desc   *hid.Descriptor
	raw    []byte
	speed  float64
	policy MainsReturn
	onOut  func(on bool)

	mu       sync.Mutex
	last     time.Time // how far the simulation has come, on the real clock
	elapsed  time.Duration
	mains    bool
	outage   time.Duration // simulated time since mains was lost
	load     float64
	charge   Charge
	battery  Battery
	output   bool
	flat     bool    // the output dropped because the battery is empty
	shutdown float64 // seconds until the output goes off, -1 for none
	start    float64 // seconds until it comes back, -1 for none

	bodies    map[uint8][]byte // feature reports without their id
	inputs    map[uint8][]byte // input reports as last pushed
	changed   map[uint8]time.Duration
	faults    map[faultKey]Fault
	mute      bool
	muteSince time.Time
	plugged   bool
	handles   map[*Handle]bool
	wake      chan struct{}
	transfers []Transfer
}

// An Option changes a new UPS.
type Option func(*UPS)

// WithSpeed makes simulated time pass n times as fast as the clock.
func WithSpeed(n float64) Option { return func(u *UPS) { u.speed = n } }

// WithMainsReturn sets what happens when mains returns during a count-down.
func WithMainsReturn(m MainsReturn) Option { return func(u *UPS) { u.policy = m } }

// WithWear takes a part of the battery's capacity away, 0 to 1.
func WithWear(wear float64) Option { return func(u *UPS) { u.battery.Wear = wear } }

// WithOutput is told when the output goes off and comes back. It must not call
// the UPS.
func WithOutput(f func(on bool)) Option { return func(u *UPS) { u.onOut = f } }

// New plugs in a model at rest: on mains, battery full, output on. "" is the
// default model; an unknown name is an error that lists the known ones.
func New(name string, opts ...Option) (*UPS, error) {
	m, err := find(name)
	if err != nil {
		return nil, err
	}
	text, err := descriptors.ReadFile("descriptors/" + m.descriptor + ".hex")
	if err != nil {
		return nil, fmt.Errorf("sim: %w", err)
	}
	raw, err := unhex(string(text))
	if err != nil {
		return nil, fmt.Errorf("sim: descriptor %s: %w", m.descriptor, err)
	}
	desc, err := hid.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("sim: descriptor %s: %w", m.descriptor, err)
	}
	u := &UPS{
		model: m, desc: desc, raw: raw, speed: 1,
		last: time.Now(), mains: true, load: float64(m.load), charge: Charge{1, 1}, battery: m.battery,
		output: true, shutdown: -1, start: -1,
		bodies: make(map[uint8][]byte), inputs: make(map[uint8][]byte), changed: make(map[uint8]time.Duration),
		faults: make(map[faultKey]Fault), plugged: true, handles: make(map[*Handle]bool), wake: make(chan struct{}),
	}
	for _, text := range m.reports {
		report, err := unhex(text)
		if err != nil {
			return nil, fmt.Errorf("sim: %s: %w", m.name, err)
		}
		if want := desc.Size(hid.Feature, report[0]); want != len(report)-1 {
			return nil, fmt.Errorf("sim: %s: report %02x has %d bytes behind the id, the descriptor says %d", m.name, report[0], len(report)-1, want)
		}
		u.bodies[report[0]] = report[1:]
	}
	for _, o := range opts {
		o(u)
	}
	u.refresh()
	for _, id := range desc.IDs(hid.Input) {
		u.inputs[id] = slices.Clone(u.bodies[id])
	}
	clear(u.changed)
	return u, nil
}

// Info is what enumeration says of the UPS.
func (u *UPS) Info() hid.Info {
	info := u.model.info
	info.Bus, info.Vendor, info.Product, info.Release = hid.BusUSB, 0x0463, 0xffff, 0x0100
	info.Phys = "simulated/" + u.model.name
	return info
}

// Strings are the USB strings among the indexes asked for.
func (u *UPS) Strings(indexes []uint8) map[uint8]string {
	all := maps.Clone(u.model.strings)
	maps.DeleteFunc(all, func(i uint8, _ string) bool { return !slices.Contains(indexes, i) })
	return all
}

// CutMains takes mains away.
func (u *UPS) CutMains() {
	u.control(func() {
		if u.mains {
			u.mains, u.outage = false, 0
		}
	})
}

// RestoreMains gives mains back.
func (u *UPS) RestoreMains() {
	u.control(func() {
		u.mains = true
		if u.policy == CancelOnMains && u.output {
			u.shutdown, u.start = -1, -1
		}
		if u.flat {
			u.flat = false
			u.setOutput(true) // an empty battery leaves the restart to mains
		}
	})
}

// SetLoad sets the load in percent of the nominal power.
func (u *UPS) SetLoad(percent int) { u.control(func() { u.load = float64(percent) }) }

// SetCharge sets the charge in percent.
func (u *UPS) SetCharge(percent int) {
	u.control(func() { u.charge = Charge{float64(percent) / 100, float64(percent) / 100} })
}

// Unplug pulls the USB cable: every handle finds its device gone.
func (u *UPS) Unplug() { u.control(func() { u.plugged = false; clear(u.handles) }) }

// Plug puts it back in. Handles from before stay gone.
func (u *UPS) Plug() { u.control(func() { u.plugged = true }) }

// Output tells whether the output is powered.
func (u *UPS) Output() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.advance()
	return u.output
}

// control changes something and lets every waiting handle look.
func (u *UPS) control(change func()) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.advance()
	change()
	u.refresh()
	u.wakeAll()
}

func (u *UPS) wakeAll() {
	close(u.wake)
	u.wake = make(chan struct{})
}

// step is how finely time is cut, so that timers and battery meet their ends
// in the right order.
const step = 250 * time.Millisecond

// advance moves the simulation to the present.
func (u *UPS) advance() {
	now := time.Now()
	dt := time.Duration(float64(now.Sub(u.last)) * u.speed)
	u.last = now
	for dt > 0 {
		d := min(dt, step)
		if u.resting() {
			d = dt // nothing moves, however long
		}
		dt -= d
		u.elapsed += d
		u.move(d)
		u.refresh()
	}
}

// resting tells that time changes nothing: on mains, full, no timer, and no
// report waiting to be pushed.
func (u *UPS) resting() bool {
	return u.mains && u.charge.Shown == 1 && u.charge.Left == 1 && u.shutdown < 0 && u.start < 0 && len(u.changed) == 0
}

// move is dt of simulated time.
func (u *UPS) move(dt time.Duration) {
	switch {
	case u.mains:
		u.charge = u.battery.recharge(u.charge, dt)
	default:
		u.outage += dt
		if u.output {
			u.charge = u.battery.discharge(u.charge, u.load, dt)
			if u.charge.Left == 0 {
				u.flat = true
				u.setOutput(false)
			}
		}
	}
	if u.shutdown >= 0 && u.output {
		if u.shutdown -= dt.Seconds(); u.shutdown <= 0 {
			u.shutdown = -1
			u.setOutput(false)
			return
		}
	}
	// The start delay runs once the output is off and mains is there; with
	// no shutdown pending it runs out without an effect.
	if u.start >= 0 && u.shutdown < 0 && (u.output || u.mains) {
		if u.start -= dt.Seconds(); u.start <= 0 {
			u.start = -1
			u.setOutput(true)
		}
	}
}

func (u *UPS) setOutput(on bool) {
	if u.output != on {
		u.output = on
		if u.onOut != nil {
			u.onOut(on)
		}
	}
}

// refresh writes the state into the reports and pushes those that changed.
func (u *UPS) refresh() {
	const status = "UPS.PowerSummary.PresentStatus."
	bit := func(on bool) int64 {
		if on {
			return 1
		}
		return 0
	}
	limit, _ := u.get("UPS.PowerSummary.RemainingCapacityLimit")
	low := !u.mains && u.charge.percent() <= int(limit)
	imminent := !u.mains && u.charge.percent() < int(limit)
	if _, early := u.fault(ImminentEarly, 0); early && !u.mains && u.outage >= time.Second {
		imminent = true
	}
	_, overload := u.fault(Overload, 0)
	_, replace := u.fault(NeedReplacement, 0)
	u.put(status+"ACPresent", bit(u.mains))
	u.put(status+"Charging", bit(u.mains)) // stays set at 100 %
	u.put(status+"Discharging", bit(!u.mains && u.output))
	u.put(status+"Good", bit(u.output))
	u.put(status+"BelowRemainingCapacityLimit", bit(low))
	u.put(status+"ShutdownImminent", bit(imminent))
	u.put(status+"NeedReplacement", bit(replace))
	u.put(status+"Overload", bit(overload || u.load > 100))
	u.put("UPS.PowerSummary.RemainingCapacity", int64(u.charge.percent()))
	u.put("UPS.PowerSummary.RunTimeToEmpty", int64(u.battery.remaining(u.charge, u.load)))
	u.put("UPS.PowerSummary.PercentLoad", int64(min(u.load, 255)))
	u.put("UPS.PowerSummary.DelayBeforeShutdown", seconds(u.shutdown))
	u.put("UPS.PowerSummary.DelayBeforeStartup", seconds(u.start))
	eco := !u.mains && u.outage >= ecoAfter
	for n := 1; n <= 3; n++ {
		path := fmt.Sprintf("UPS.OutletSystem.Outlet.[%d].PresentStatus.SwitchOn/Off", n)
		present, known := u.get(fmt.Sprintf("UPS.OutletSystem.Outlet.[%d].PresentStatus.Present", n))
		on := u.output && !(eco && slices.Contains(u.model.ecoOutlets, path))
		if !known || present == 1 {
			u.put(path, bit(on))
		}
	}
	u.push()
}

// seconds is a timer as the report shows it: -1 for none, and whole seconds
// that are still to come.
func seconds(t float64) int64 {
	if t < 0 {
		return -1
	}
	return int64(t + 0.999)
}

// put writes a field into its feature report, where the model has it.
func (u *UPS) put(path string, v int64) {
	if f, ok := u.desc.Lookup(hid.Feature, path); ok {
		if body := u.bodies[f.Report]; body != nil {
			_ = f.Put(body, v) // every value here is inside its field's range
		}
	}
}

func (u *UPS) get(path string) (int64, bool) {
	f, ok := u.desc.Lookup(hid.Feature, path)
	if !ok || u.bodies[f.Report] == nil {
		return 0, false
	}
	return f.Raw(u.bodies[f.Report])
}

// push queues every input report that changed pushAfter ago.
func (u *UPS) push() {
	for _, id := range u.desc.IDs(hid.Input) {
		body := u.bodies[id]
		if body == nil || slices.Equal(body, u.inputs[id]) {
			delete(u.changed, id)
			continue
		}
		since, waiting := u.changed[id]
		if !waiting {
			since = u.elapsed
			u.changed[id] = since
		}
		if u.elapsed-since < u.model.pushAfter {
			continue
		}
		delete(u.changed, id)
		u.inputs[id] = slices.Clone(body)
		if _, silent := u.fault(Silence, 0); silent || u.mute || !u.plugged {
			continue
		}
		for h := range u.handles {
			h.queue = append(h.queue, append([]byte{id}, body...))
		}
	}
}
