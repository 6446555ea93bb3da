// Package family has the form in which it is written down how the devices of a
// family speak the Power Device Class: which usage paths are which variables and
// flags, by which commands and settings they are told what to do, and what prints
// their numbers. A family is a table of these; package power walks it.
package family

import (
	"math"
	"slices"
	"time"

	"ecnutd/hid"
	"ecnutd/ups"
)

// A Family is what is known of the devices that speak the Power Device Class in
// one way: data alone, that the code of this package walks. A family is never
// changed once a device is bound to it.
type Family struct {
	Name    string
	IDs     []ID     // what its devices call themselves on USB
	Others  []ID     // what devices of other makers call themselves that speak the same: served where somebody names them
	Vendors []uint16 // makers whose devices are all served by this family, where somebody names them
	Any     bool     // it serves whatever describes itself as a UPS, where somebody names it
	Models  []Model  // units that somebody has shown data of
	Quirks  []Quirk  // what is taken care of, for people

	Variables       []Variable
	Lines           []Line // in the order of trust
	Flags           []Flag
	TransferReasons []TransferReason
	Chargers        []Charger // the first one that is on and known counts

	Commands        []Command
	Settings        []Setting        // variables with narrower limits than their fields
	CommandSettings []CommandSetting // variables that are set by giving a command
	Witnesses       map[string]Witness
	Restored        []string // paths of settings that commands change on their way

	Paths Paths
}

// Paths are the fields that a family has in places of its own and that the code
// looks at by itself; "" where there is none.
type Paths struct {
	Model   string   // index of the string with the number of the model
	Nominal string   // nominal power in VA, which stands in for it
	Test    string   // the Test usage of the battery
	Once    []string // further fields that conditions of the tables look at

	// Where the figures are, in the order of trust, and that the battery
	// discharges; nil stands for the place of the constants below.
	Charge, Runtime, Load, Discharging []string

	// Full is what the charge is when the battery is full, and Mode says in what
	// both are (CapacityMode), for devices whose charge may be another number than
	// a percentage; "" where it is one for certain.
	Full, Mode string

	Overfull bool // a charge of a little over 100 % is full

	// Product is the name of the model in the product string; nil: all of it.
	Product func(product string) string
}

// capacityPercent is the CapacityMode of percentages (HID Power Device Class 1.1, 4.2.3).
const capacityPercent = 2

// ChargePaths are the places of the charge, in the order of trust.
func (f *Family) ChargePaths() []string { return or(f.Paths.Charge, PathCharge) }

// RuntimePaths are those of the runtime.
func (f *Family) RuntimePaths() []string { return or(f.Paths.Runtime, PathRuntime) }

// LoadPaths are those of the load.
func (f *Family) LoadPaths() []string { return or(f.Paths.Load, PathLoad) }

// DischargingPaths are those of the flag that stands in for a line.
func (f *Family) DischargingPaths() []string {
	return or(f.Paths.Discharging, PathStatus+"Discharging")
}

func or(paths []string, usual string) []string {
	if paths == nil {
		return []string{usual}
	}
	return paths
}

// Percent makes a percentage of a charge, which a device may count in ampere seconds
// or milliwatt hours. percent is that its descriptor says that it is one.
func (f *Family) Percent(d Device, v float64, percent bool) (float64, bool) {
	if f.Paths.Full == "" {
		return v, true
	}
	if mode, known := d.Number(f.Paths.Mode); known && f.Paths.Mode != "" {
		percent = mode == capacityPercent
	}
	if !percent {
		full, known := d.Number(f.Paths.Full)
		if !known || full <= 0 {
			return 0, false
		}
		v = math.Round(v / full * 100)
	}
	if f.Paths.Overfull && v > 100 && v <= 120 {
		v = 100
	}
	return v, true
}

// The paths of the Power Device Class that every family shares.
const (
	PathCharge   = "UPS.PowerSummary.RemainingCapacity"
	PathRuntime  = "UPS.PowerSummary.RunTimeToEmpty"
	PathLoad     = "UPS.PowerSummary.PercentLoad"
	PathStatus   = "UPS.PowerSummary.PresentStatus." // of which a flag is part
	PathShutdown = "UPS.PowerSummary.DelayBeforeShutdown"
	PathStartup  = "UPS.PowerSummary.DelayBeforeStartup"
	PathReboot   = "UPS.PowerSummary.DelayBeforeReboot"

	PathManufacturer = "UPS.PowerSummary.iManufacturer"
	PathProduct      = "UPS.PowerSummary.iProduct"
	PathSerial       = "UPS.PowerSummary.iSerialNumber"
)

// An ID is the pair of USB ids that a device calls itself by.
type ID struct{ Vendor, Product uint16 }

// A Model is a unit that somebody has shown data of, and who. A unit that is
// not in a table is served just the same, by its descriptor.
type Model struct {
	Name   string // as device.model prints it
	VA     int    // nominal power
	SeenBy string // whose data is known, and by which tool
	How    string // what of the data was checked here
}

// A Quirk is a behaviour of a device that the code takes care of, and why.
// The rows are for people: `ecnutd devices --supported -v` and the documents
// print them.
type Quirk struct {
	Name   string
	Reason string
}

// Match reports whether a device calls itself one of these families.
func Match(info hid.Info, families ...*Family) bool { return find(info, families) != nil }

func find(info hid.Info, families []*Family) *Family {
	for _, f := range families {
		if slices.Contains(f.IDs, ID{info.Vendor, info.Product}) {
			return f
		}
	}
	return nil
}

// MatchOther reports whether a device calls itself one of those that are served
// only where somebody names them.
func MatchOther(info hid.Info, families ...*Family) bool {
	return slices.ContainsFunc(families, func(f *Family) bool { return slices.Contains(f.Others, ID{info.Vendor, info.Product}) })
}

// Of is the family that serves a device: the one that it calls itself, else that of
// its maker; where it is none of them one for any device, since somebody named the
// device, and the first where there is no such family, or the device has no ids.
func Of(info hid.Info, families []*Family) *Family {
	if f := find(info, families); f != nil {
		return f
	}
	if info.Vendor == 0 {
		return families[0]
	}
	id := ID{info.Vendor, info.Product}
	for _, serves := range []func(*Family) bool{
		func(f *Family) bool { return slices.Contains(f.Others, id) },
		func(f *Family) bool { return slices.Contains(f.Vendors, info.Vendor) },
		func(f *Family) bool { return f.Any },
	} {
		if i := slices.IndexFunc(families, serves); i >= 0 {
			return families[i]
		}
	}
	return families[0]
}

// A Class says how fast a value can change of itself, and with that how often
// its report is asked for. See plan.go for the intervals.
type Class uint8

// The classes, the slowest first.
const (
	Once      Class = iota // fixed while the device is open
	Rarely                 // a setting: changes when somebody changes it
	Full                   // a measurement
	Countdown              // a timer: moves only while it runs
	Quick                  // decides whether the host lives
)

// A Variable is one name that upsc prints, and where it comes from.
type Variable struct {
	Name string
	From []Source // the first one that is known is taken
}

// A Source is a HID field and how its number becomes the text of a variable.
type Source struct {
	Path     string
	As       Format
	Every    Class
	Settable bool       // can be written; Family.Settings has the limits
	Only     *Condition // nil: on every model
}

// A Device is what a condition or a format may ask of the device that is read.
type Device interface {
	// Number is the scaled number of a field; known is false where the device has
	// not said it.
	Number(path string) (v float64, known bool)

	Charge() (percent float64, known bool)        // of the battery
	Model() string                                // the name with its number
	ModelNumber() string                          // the number alone, blanks and all
	Product() string                              // the product string
	USBText(index uint8) (text string, have bool) // a USB string that was read
	Delay(variable string) time.Duration          // ups.delay.start, ups.delay.shutdown
}

// A Condition limits a row to some models.
type Condition struct {
	Reason string
	Holds  func(d Device) bool
}

// A Sense says which numbers of a field set a flag.
type Sense uint8

// The senses.
const (
	Set   Sense = iota // any number but 0: some flags are whole bytes
	Clear              // 0 sets it: the field says that all is well
)

// A Flag is a bit of ups.status and the fields that say it: any of them sets
// it. An alarm is a text of ups.alarm.
type Flag struct {
	Bit    ups.Status
	Low    ups.LowReason
	Alarm  string
	When   Sense
	Paths  []string
	PollAs Class

	// Unless are fields that make the flag mean nothing while they are not 0.
	Unless []string
}

// A Line is a field that tells mains from battery: the first one that the
// device has and that has a value decides.
type Line struct {
	Path    string
	OnMains Sense
	Why     string

	// Unless are sets of fields: where all of one are not 0, the load is fed from
	// the battery, whatever the line says.
	Unless [][]string
}

// Says reports whether the line says that there is mains to feed the load; known
// is false where it says nothing. number is the value at a path.
func (l *Line) Says(number func(path string) (v float64, known bool)) (mains, known bool) {
	v, known := number(l.Path)
	contradicted := func(set []string) bool {
		return !slices.ContainsFunc(set, func(path string) bool { v, known := number(path); return !known || v == 0 })
	}
	return (v != 0) == (l.OnMains == Set) && !slices.ContainsFunc(l.Unless, contradicted), known
}

// A TransferReason is a flag and its text in input.transfer.reason.
type TransferReason struct{ Path, Text string }

// A Charger is a field that tells what the charger does, on units where the
// plain flags follow the battery's current and flicker.
type Charger struct {
	Enable string             // counts only where this field is known and not 0
	Mode   string             // the stage
	Stages map[int]ups.Status // what a stage is in ups.status
}

// A Command is an instant command: writes in their order. It exists on a
// device exactly when every path of every step does.
type Command struct {
	Name        string
	Description string // as NUT's upscmd -l words it
	Cuts        bool   // it can take power away from the load
	Steps       []Step
}

// A Step is one write.
type Step struct {
	Paths    []string // all that exist are written, at least one must
	Value    int64
	Setting  string        // take the value of this variable instead, "ups.delay.start"
	Argument bool          // the command's argument replaces the value
	Optional bool          // leave the step out where no path exists
	Pause    time.Duration // wait before this step
}

// A Setting limits what may be written to a variable. Numbers are in the
// variable's unit; what a setting does not limit, the field's logical range
// in the descriptor does.
type Setting struct {
	Variable string
	Min, Max int64 // both 0: the logical range alone
	// Choices are the only values allowed, where given. Of several groups the
	// one counts that the present value is in: units are sold for one region.
	Choices [][]string
	// Above and Below are variables that a number has to be above and below,
	// where this UPS has them.
	Above, Below []string
}

// A CommandSetting is a variable that is shown and set like a setting, and is
// set by giving commands.
type CommandSetting struct {
	Variable string
	Values   []ValueCommand
}

// A ValueCommand is the command that brings a value about.
type ValueCommand struct{ Value, Command string }

// A Witness is the flag that shows whether a timer that has run out did what it
// is for.
type Witness struct {
	Path string
	When Sense
}

// SettableNames are the names of all variables that can be set on some device
// of the family, sorted.
func (f *Family) SettableNames() []string {
	var names []string
	for _, s := range f.CommandSettings {
		names = append(names, s.Variable)
	}
	for _, v := range f.Variables {
		if slices.ContainsFunc(v.From, func(s Source) bool { return s.Settable }) {
			names = append(names, v.Name)
		}
	}
	slices.Sort(names)
	return names
}

// LimitsOf is the row of a variable; one without limits where there is none.
func (f *Family) LimitsOf(variable string) Setting {
	for _, s := range f.Settings {
		if s.Variable == variable {
			return s
		}
	}
	return Setting{Variable: variable}
}

// Restores reports whether a command that is taken back gives a path its old
// number.
func (f *Family) Restores(path string) bool { return slices.Contains(f.Restored, path) }
