package ups

// A Ground is what a UPS gives decisions to stand on.
type Ground struct {
	Line    bool `json:"line"`     // it has said whether there is mains
	Asked   bool `json:"asked"`    // it is there to be asked for that; else it only says so by itself
	LowFlag bool `json:"low_flag"` // it has a flag that the battery is low
}

// Ground is what the variables show of it: of a UPS of which nothing more is
// known the rest is taken to be there.
func (v Variables) Ground() Ground {
	s := v.Snapshot().Status
	return Ground{Line: s.Has(Online) || s.Has(OnBattery), Asked: true, LowFlag: true}
}
