package ups

import (
	"maps"
	"math"
	"strconv"
)

// The greatest numbers that are believed. Units send 255 % and 65535 s for what
// they do not know.
const (
	mostCharge  = 100   // percent
	mostRuntime = 65534 // seconds; 18 hours
	mostLoad    = 1000  // percent
)

// A battery that holds leastCharge percent carries any load that its UPS takes
// for more than leastRuntime seconds: where both are shown, the runtime is a
// number that was not worked out yet.
const (
	leastCharge  = 20
	leastRuntime = 10
)

// Plausible is the snapshot without the numbers that cannot be what they are
// taken for: they are unknown, wherever they come from. Those are a charge or a
// limit above 100 %, a runtime of 65535 s or more, a load above 1000 %, negative
// numbers, and a runtime of 10 s or less beside a charge of 20 % or more.
func (s Snapshot) Plausible() Snapshot {
	s.Charge = upTo(s.Charge, mostCharge)
	s.Runtime = upTo(s.Runtime, mostRuntime)
	s.Load = upTo(s.Load, mostLoad)
	s.ChargeLow = upTo(s.ChargeLow, mostCharge)
	if s.Charge.Known && s.Charge.N >= leastCharge && s.Runtime.N <= leastRuntime {
		s.Runtime = Number{}
	}
	return s
}

func upTo(n Number, most int) Number {
	if n.N < 0 || n.N > most {
		return Number{}
	}
	return n
}

// Plausible is the variables without the numbers that a snapshot of them would
// not believe (see Snapshot.Plausible), for whoever shows them. It is v itself
// where all of them can be.
func (v Variables) Plausible() Variables {
	believed := v.Snapshot()
	var out Variables
	for name, n := range map[string]Number{"battery.charge": believed.Charge, "battery.runtime": believed.Runtime, "ups.load": believed.Load, "battery.charge.low": believed.ChargeLow} {
		if _, shown := v[name]; !shown || n.Known {
			continue
		}
		if out == nil {
			out = maps.Clone(v)
		}
		delete(out, name)
	}
	if out == nil {
		return v
	}
	return out
}

// whole is the number of a variable. One that makes no sense is unknown; of a
// fraction the whole part counts.
func (v Variables) whole(name string) Number {
	f, err := strconv.ParseFloat(v[name], 64)
	if err != nil || math.IsNaN(f) || f < 0 || f > 1e9 {
		return Number{}
	}
	return Known(int(f))
}
