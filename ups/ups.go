// Package ups is the vocabulary that the other packages share: what a UPS can
// say of itself (Status, Snapshot, Variables), what can happen to it (Event),
// and nothing about how it is asked. The words are those of NUT, which every
// client, script and administrator of a UPS knows: status tokens and events of
// upsmon, variable names of RFC 9271.
//
// The package knows no device, no rule and no clock. Its types are plain
// values: they can be compared, stored and printed.
package ups

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Status is a set of status tokens, the words of ups.status.
type Status uint32

// The status tokens (RFC 9271, appendix on ups.status; NUT 2.8 new-drivers).
// Neither Online nor OnBattery is set while the line state is unknown.
const (
	ForcedShutdown Status = 1 << iota // FSD: a shutdown was ordered; never said by the device
	Alarm                             // ALARM: ups.alarm says which
	Calibrating                       // CAL: runtime calibration, discharging on purpose
	Online                            // OL: on mains
	OnBattery                         // OB
	Discharging                       // DISCHRG
	Charging                          // CHRG
	LowBattery                        // LB
	Overloaded                        // OVER
	ReplaceBattery                    // RB
	Trimming                          // TRIM: lowering a high mains voltage
	Boosting                          // BOOST: raising a low mains voltage
	Bypassed                          // BYPASS: output fed from mains, unprotected
	Off                               // OFF: output not powered
)

// tokens in the order in which NUT's usbhid-ups prints them, the ones that the
// monitor and the alarm put in front included.
var tokens = []struct {
	bit  Status
	text string
}{
	{ForcedShutdown, "FSD"},
	{Alarm, "ALARM"},
	{Calibrating, "CAL"},
	{Online, "OL"},
	{OnBattery, "OB"},
	{Discharging, "DISCHRG"},
	{Charging, "CHRG"},
	{LowBattery, "LB"},
	{Overloaded, "OVER"},
	{ReplaceBattery, "RB"},
	{Trimming, "TRIM"},
	{Boosting, "BOOST"},
	{Bypassed, "BYPASS"},
	{Off, "OFF"},
}

// Has tells whether every token of want is in s.
func (s Status) Has(want Status) bool { return s&want == want }

// String prints the tokens with blanks between, "OB DISCHRG LB"; "" for none.
func (s Status) String() string {
	var words []string
	for _, t := range tokens {
		if s.Has(t.bit) {
			words = append(words, t.text)
		}
	}
	return strings.Join(words, " ")
}

// ParseStatus reads tokens separated by blanks, in any order and case. Tokens
// without a meaning here (HB, ECO, TEST and those of other drivers) are left
// out, as upsmon does.
func ParseStatus(s string) Status {
	var status Status
	for word := range strings.FieldsSeq(s) {
		for _, t := range tokens {
			if strings.EqualFold(word, t.text) {
				status |= t.bit
			}
		}
	}
	return status
}

// A Number is a whole number that may be unknown. The zero Number is unknown,
// so that what nobody has set can never pass for 0.
type Number struct {
	N     int
	Known bool
}

// Known is the number n.
func Known(n int) Number { return Number{n, true} }

// String prints the number, "unknown" where it is not known.
func (n Number) String() string {
	if !n.Known {
		return "unknown"
	}
	return strconv.Itoa(n.N)
}

// LowReason is why a device says that its battery is low. The reasons are kept
// apart because they deserve different trust: on some Eaton units
// ShutdownImminent rises one second into an outage with a full battery (NUT
// issues 3087 and 1942).
type LowReason uint8

// The reasons.
const (
	BelowCapacity    LowReason = 1 << iota // BelowRemainingCapacityLimit
	TimeExpired                            // RemainingTimeLimitExpired
	ShutdownImminent                       // ShutdownImminent
)

// String names the HID usages of the reasons.
func (r LowReason) String() string {
	var words []string
	for bit, text := range []string{"BelowRemainingCapacityLimit", "RemainingTimeLimitExpired", "ShutdownImminent"} {
		if r>>bit&1 == 1 {
			words = append(words, text)
		}
	}
	return strings.Join(words, ", ")
}

// A Snapshot is what decisions are made of: the state of one UPS at one
// instant, as the device says it. It is a plain comparable value.
type Snapshot struct {
	Status  Status    `json:"status,omitzero"`
	Low     LowReason `json:"low,omitzero"`     // why LowBattery is set; 0 where it is not
	Charge  Number    `json:"charge,omitzero"`  // percent, 0 to 100
	Runtime Number    `json:"runtime,omitzero"` // seconds that the battery lasts at the present load
	Load    Number    `json:"load,omitzero"`    // percent of the nominal power; above 100 is overload
	Alarm   string    `json:"alarm,omitempty"`  // texts of ups.alarm, "" for none

	// TestFailed tells that the last self-test ended with an error.
	TestFailed bool `json:"test_failed,omitempty"`

	// Readings counts the reports that carried the status flags, and
	// ChargeReadings those that carried the charge. Two snapshots with
	// different counts are two readings of the device; with the same one,
	// something else changed in between.
	Readings       int `json:"readings,omitempty"`
	ChargeReadings int `json:"charge_readings,omitempty"`

	// ChargeLow is the charge at which the UPS itself calls its battery low
	// (battery.charge.low), in percent.
	ChargeLow Number `json:"charge_low,omitzero"`

	// Testing reports that a self-test is running, which takes the load to the
	// battery while the status says mains.
	Testing bool `json:"testing,omitempty"`

	Age Age `json:"age,omitzero"` // how far what is said above can be trusted
}

// Age says how old the parts of a snapshot are at the instant at which it is
// handed over. Each is as old as its own last valid answer, whatever else the
// device said meanwhile. The zero Age is that of a snapshot whose parts have all
// just been read.
type Age struct {
	Status  time.Duration `json:"status,omitempty"`
	Charge  time.Duration `json:"charge,omitempty"`
	Runtime time.Duration `json:"runtime,omitempty"`

	// ChargePeriod and RuntimePeriod are how often the charge and the runtime are
	// asked for on battery; 0 where that is not known.
	ChargePeriod  time.Duration `json:"charge_period,omitempty"`
	RuntimePeriod time.Duration `json:"runtime_period,omitempty"`

	// Slowest is the longest that an answer of this device has taken since it was
	// opened; 0 where that is not known.
	Slowest time.Duration `json:"slowest,omitempty"`

	// PushedStatus reports that the flags stand in no report that can be asked
	// for: Status then is the age of the device's last word, and is weak.
	PushedStatus bool `json:"pushed_status,omitempty"`

	// PushedLow are the reasons in Low that the device pushed once and that cannot
	// be confirmed by asking, while the device answers otherwise.
	PushedLow LowReason `json:"pushed_low,omitzero"`
}

// String is the snapshot on one line, for logs.
func (s Snapshot) String() string {
	status := cmp.Or(s.Status.String(), "no status")
	out := fmt.Sprintf("%s, charge %s, runtime %s, load %s", status, percent(s.Charge), seconds(s.Runtime), percent(s.Load))
	if s.Low != 0 {
		out += ", low because of " + s.Low.String()
	}
	if s.Alarm != "" {
		out += ", alarm: " + s.Alarm
	}
	return out
}

func percent(n Number) string {
	if !n.Known {
		return "unknown"
	}
	return fmt.Sprintf("%d %%", n.N)
}

func seconds(n Number) string {
	if !n.Known {
		return "unknown"
	}
	return Duration(n.N)
}

// Duration prints seconds as people say them: "585" is "9m45s".
func Duration(seconds int) string {
	sign := ""
	if seconds < 0 {
		sign, seconds = "-", -seconds
	}
	h, m, s := seconds/3600, seconds/60%60, seconds%60
	switch {
	case h > 0:
		return fmt.Sprintf("%s%dh%dm%ds", sign, h, m, s)
	case m > 0:
		return fmt.Sprintf("%s%dm%ds", sign, m, s)
	}
	return fmt.Sprintf("%s%ds", sign, s)
}

// Variables are the named values of a UPS as upsc prints them. What is not
// known is not in the map.
type Variables map[string]string

// Names are the names of the variables in sorted order.
func (v Variables) Names() []string { return slices.Sorted(maps.Keys(v)) }

// Nearest returns up to three names that are most like name, for an error
// message; none when nothing is near.
func (v Variables) Nearest(name string) []string { return Nearest(name, v.Names()) }

// Nearest returns up to three of the words that are most like word, the best
// first: those that contain it, then those a few letters away.
func Nearest(word string, words []string) []string {
	type scored struct {
		text     string
		distance int
	}
	word = strings.ToLower(word)
	var near []scored
	for _, w := range words {
		d := distance(word, strings.ToLower(w))
		if len(word) >= 3 && strings.Contains(w, word) {
			d = 0
		}
		if d <= max(2, len(word)/3) {
			near = append(near, scored{w, d})
		}
	}
	slices.SortStableFunc(near, func(a, b scored) int { return cmp.Compare(a.distance, b.distance) })
	var out []string
	for _, s := range near[:min(3, len(near))] {
		out = append(out, s.text)
	}
	return out
}

// distance counts the letters to insert, remove or replace (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
