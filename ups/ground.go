package ups

// A Ground is what a UPS gives decisions to stand on.
type Ground struct {
	Line    bool `json:"line"`     // it has said whether there is mains
	Asked   bool `json:"asked"`    // it is there to be asked for that; else it only says so by itself
	LowFlag bool `json:"low_flag"` // it has a flag that the battery is low
}
