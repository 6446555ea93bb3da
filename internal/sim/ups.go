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

// WithoutStartDelay has the UPS take its start delay and not keep it: the output
// comes back with the mains, or at once where that is there.
func WithoutStartDelay() Option { return func(u *UPS) { u.noDelay = true } }

// A UPS is a simulated one.
type UPS struct {
	model    *model
	desc     *hid.Descriptor
	raw      []byte
	declared int // bytes of raw that the configuration descriptor tells of
	inputIDs []uint8
	fields   map[string]*hid.Field // feature fields of the reports that the model has, by path
	outlets  []outlet
	speed    float64
	policy   MainsReturn
	noDelay  bool // the start delay is taken and not kept

	mu       sync.Mutex
	last     time.Time     // how far the simulation has come, on the clock
	elapsed  time.Duration // and in simulated time since New
	mains    bool
	outage   time.Duration // simulated time since mains was lost
	load     float64       // percent
	charge   Charge
	battery  Battery
	gauge    gauge
	output   bool
	flat     bool          // the output ended with the battery
	shutdown time.Duration // until the output goes off, or idle
	start    time.Duration // until it comes back, or idle

	bodies  map[uint8][]byte        // feature reports without their id
	inputs  map[uint8][]byte        // input reports as last pushed
	changed map[uint8]time.Duration // since when an input report waits to be pushed

	faults    map[faultKey]Fault
	mute      bool
	muteSince time.Time
	plugged   bool
	handles   map[*handle]bool
	wake      chan struct{} // closed and renewed when something changes
	transfers []Transfer

	onOutput func(on bool)
	switched []bool // what onOutput has not been told
	telling  bool   // onOutput runs
	skipping bool   // time passes that nobody reads in
}

// An Option changes a new UPS.
type Option func(*UPS)

// maxSpeed is a day of outages in less than a tenth of a second.
const maxSpeed = 1e6

// WithSpeed makes simulated time pass n times as fast as the clock; n is above
// 0 and at most a million.
func WithSpeed(n float64) Option { return func(u *UPS) { u.speed = n } }

// WithMainsReturn sets what happens when mains returns during a count-down.
func WithMainsReturn(m MainsReturn) Option { return func(u *UPS) { u.policy = m } }

// WithWear takes a part of the battery's capacity away, 0 to 1. WornBattery
// does the same to a UPS that runs.
func WithWear(wear float64) Option { return func(u *UPS) { u.battery.Wear = wear } }

// WithReplyTimes has every answer take what low-speed units take: see SlowReply.
func WithReplyTimes() Option {
	return func(u *UPS) { u.faults[faultKey{SlowReply, 0}] = Fault{Kind: SlowReply} }
}

// WithShortDescriptor has the UPS tell of the first n bytes of its report
// descriptor only where Linux looks, in the configuration descriptor, and of the
// whole in its HID descriptor (NUT issues 3295, 3534).
func WithShortDescriptor(n int) Option { return func(u *UPS) { u.declared = n } }

// New plugs in a model at rest: on mains, battery full, output on. "" is the
// default model; an unknown name is an error that lists the known ones.
func New(name string, opts ...Option) (*UPS, error) {
	m, err := find(name)
	if err != nil {
		return nil, err
	}
	raw, desc, err := m.describe()
	if err != nil {
		return nil, err
	}
	u := &UPS{
		model: m, desc: desc, raw: raw, declared: len(raw), inputIDs: desc.IDs(hid.Input), fields: make(map[string]*hid.Field), speed: 1,
		last: time.Now(), mains: true, load: float64(m.load), charge: Charge{1, 1}, battery: m.battery,
		output: true, shutdown: idle, start: idle,
		bodies: make(map[uint8][]byte), inputs: make(map[uint8][]byte), changed: make(map[uint8]time.Duration),
		faults: make(map[faultKey]Fault), plugged: true, handles: make(map[*handle]bool), wake: make(chan struct{}),
	}
	for _, o := range opts {
		o(u)
	}
	if !(u.speed > 0 && u.speed <= maxSpeed) {
		return nil, fmt.Errorf("sim: a speed of %v: it must be above 0 and at most %v", u.speed, float64(maxSpeed))
	}
	if u.declared <= 0 || u.declared > len(raw) {
		return nil, fmt.Errorf("sim: %d bytes of a report descriptor of %d", u.declared, len(raw))
	}
	if w := u.battery.Wear; !(w >= 0 && w <= 1) {
		return nil, fmt.Errorf("sim: a wear of %v: it must be 0 (new) to 1 (dead)", w)
	}
	if err := u.loadReports(); err != nil {
		return nil, err
	}
	u.measure()
	u.refresh()
	for _, id := range u.inputIDs {
		u.inputs[id] = slices.Clone(u.bodies[id])
	}
	clear(u.changed)
	return u, nil
}

// Info is what enumeration says of the UPS.
func (u *UPS) Info() hid.Info {
	info := u.model.info
	info.Bus = hid.BusUSB
	info.Phys = "simulated/" + u.model.name
	return info
}

// ReportDescriptor is the whole of the report descriptor, and how many bytes of
// it the configuration descriptor tells of.
func (u *UPS) ReportDescriptor() (whole []byte, declared int) { return slices.Clone(u.raw), u.declared }

// Strings are the USB strings among the indexes asked for; none while the UPS
// is unplugged.
func (u *UPS) Strings(indexes []uint8) map[uint8]string {
	u.lock()
	defer u.unlock()
	texts := maps.Clone(u.model.strings)
	maps.DeleteFunc(texts, func(i uint8, _ string) bool { return !u.plugged || !slices.Contains(indexes, i) })
	return texts
}

// OnOutput sets who is told when the output goes off and comes back: the host
// on it loses power, or gets it. The listener may call the UPS, and is called
// by whoever moved time on: a waiting ReadInput, Run, or any other method.
func (u *UPS) OnOutput(f func(on bool)) {
	u.lock()
	defer u.unlock()
	u.onOutput = f
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
		if u.mains {
			return
		}
		u.mains = true
		if u.policy == CancelOnMains && u.output && u.shutdown >= 0 {
			u.shutdown, u.start = idle, idle
		}
		if u.flat {
			u.flat = false
			u.setOutput(true)
		}
	})
}

// SetSpeed changes how many times as fast as the clock the simulation runs,
// above 0 and at most a million; what is outside is brought inside.
func (u *UPS) SetSpeed(n float64) {
	u.control(func() { u.speed = min(max(n, 1e-6), maxSpeed) })
}

// SetLoad sets the load in percent of the nominal power, 0 and above; over 100
// is an overload.
func (u *UPS) SetLoad(percent int) {
	u.control(func() { u.load = float64(max(percent, 0)) })
}

// SetCharge sets the charge in percent, 0 to 100.
func (u *UPS) SetCharge(percent int) {
	c := float64(min(max(percent, 0), 100)) / 100
	u.control(func() { u.charge = Charge{c, c} })
}

// Unplug pulls the USB cable: every handle finds its device gone, a waiting
// one at once.
func (u *UPS) Unplug() {
	u.control(func() {
		u.plugged = false
		u.muteSince = time.Now()
		for h := range u.handles {
			close(h.gone)
		}
		clear(u.handles)
	})
}

// Plug puts it back in. Handles from before stay gone.
func (u *UPS) Plug() { u.control(func() { u.plugged = true }) }

// Plugged tells whether the USB cable is plugged in. changed is closed when that
// may have changed.
func (u *UPS) Plugged() (plugged bool, changed <-chan struct{}) {
	u.lock()
	defer u.unlock()
	return u.plugged, u.wake
}

// Output tells whether the output is powered.
func (u *UPS) Output() bool {
	u.lock()
	defer u.unlock()
	return u.output
}

// Gauge is what the UPS shows of its battery at this instant: percent, and the
// seconds that are left at this load.
func (u *UPS) Gauge() (percent, runtime int) {
	u.lock()
	defer u.unlock()
	return u.charge.percent(), u.battery.remaining(u.charge, u.load, !u.mains)
}

// Shows is what the reports of the UPS say at this instant, right or wrong: charge
// in percent, runtime in seconds, and whether the battery is low.
func (u *UPS) Shows() (percent, runtime int, low bool) {
	u.lock()
	defer u.unlock()
	flag, _ := u.get(pathStatus + "BelowRemainingCapacityLimit")
	return u.gauge.percent, u.gauge.runtime, flag == 1
}

// CountsDown reports whether a timer runs that switches the output.
func (u *UPS) CountsDown() bool {
	u.lock()
	defer u.unlock()
	return u.shutdown >= 0 || u.starting()
}

// Flat reports whether the output is off because the battery is empty, and not
// because it was told to cut it.
func (u *UPS) Flat() bool {
	u.lock()
	defer u.unlock()
	return u.flat
}

// Opened is how many handles are open.
func (u *UPS) Opened() int {
	u.lock()
	defer u.unlock()
	return len(u.handles)
}

// control changes something from outside: the UPS measures afresh, and every
// waiting handle looks.
func (u *UPS) control(change func()) {
	u.lock()
	defer u.unlock()
	change()
	u.measure()
	u.refresh()
	u.wakeAll()
}

func (u *UPS) wakeAll() {
	close(u.wake)
	u.wake = make(chan struct{})
}
