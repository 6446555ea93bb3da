package control

import (
	"errors"
	"time"
)

// An Order is one thing that a UPS is told to do: an instant command, or a
// setting.
type Order struct {
	UPS   string `json:"ups,omitempty"` // "" where there is one
	Name  string `json:"name"`          // of the command or the variable
	Value string `json:"value,omitempty"`

	// YesCut says that whoever asks wants the load cut although the host is in
	// use. Without it a command that can cut power is for a host that is
	// shutting down.
	YesCut bool `json:"yes_cut_the_load,omitempty"`
}

// A Maintenance is asked for while somebody works on a UPS: nobody is told, and
// silence shuts nothing down. Seconds 0 ends it; a day is the most.
type Maintenance struct {
	Seconds int    `json:"seconds"`
	Why     string `json:"why,omitempty"`
	Through bool   `json:"through_outages,omitempty"` // it goes on in an outage
}

// A Maintained is the maintenance that there is; Until is the zero time where there
// is none.
type Maintained struct {
	Until   time.Time `json:"until,omitzero"`
	Why     string    `json:"why,omitempty"`
	Through bool      `json:"through_outages,omitempty"`
}

// OrderTime bounds how long an order may take once it was begun. A healthy UPS
// needs a second; Linux waits 5 s for each request to a sick one.
const OrderTime = 30 * time.Second

// ErrInUse is why a command that can cut power is not given.
var ErrInUse = errors.New("it can take power away from this host, which is in use and not shutting down for good; if that is what you want, say --yes-cut-the-load")

// Outcomes of an order. Of these OutcomeDone alone is a success.
const (
	OutcomeDone        = "done"        // the UPS showed what was ordered
	OutcomeNotSent     = "not-sent"    // nothing reached the UPS
	OutcomeNotThere    = "not-there"   // the UPS has no such command or setting
	OutcomeRefused     = "refused"     // by the UPS
	OutcomeDifferent   = "different"   // the UPS showed something else afterwards
	OutcomeUnconfirmed = "unconfirmed" // it could not be read back
	OutcomeIncomplete  = "incomplete"  // only a part was done
	OutcomeUnreachable = "unreachable" // the UPS is not there
)

// An Ordered is what came of an order; `command --json` prints it.
type Ordered struct {
	UPS     string  `json:"ups,omitempty"`
	Name    string  `json:"name"`
	Outcome string  `json:"outcome"`
	Done    bool    `json:"done"`
	Cut     string  `json:"cut"` // none, possible or armed
	Text    string  `json:"text"`
	Writes  []Write `json:"writes,omitempty"`
}

// A Write is one write of an order.
type Write struct {
	Path    string `json:"path"`
	Value   int64  `json:"value"`
	Report  string `json:"report,omitempty"` // what went over the wire, hex
	Outcome string `json:"outcome"`
	Shows   *int64 `json:"shows,omitempty"` // what the UPS showed afterwards
	Undo    bool   `json:"undo,omitempty"`
}

// A Command is an instant command of a UPS, as `commands --json` prints it.
type Command struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Cuts        bool   `json:"cuts_the_load,omitempty"`
}

// A Setting is a variable that can be set, as `dump --writable --json` prints
// it.
type Setting struct {
	Name        string   `json:"name"`
	Description string   `json:"description,omitempty"`
	Type        string   `json:"type"` // RANGE, ENUM or STRING
	Min         *int64   `json:"min,omitempty"`
	Max         *int64   `json:"max,omitempty"`
	Choices     []string `json:"choices,omitempty"`
	Value       string   `json:"value"`
}

// A Field is a HID field of a UPS, as `dump --usages --json` prints it. The
// last three are there where the device told a value.
type Field struct {
	Report   uint8  `json:"report"`
	Type     string `json:"type"`
	Bit      int    `json:"bit"` // behind the id byte
	Bits     int    `json:"bits"`
	Min      int64  `json:"min"` // logical
	Max      int64  `json:"max"`
	Unit     string `json:"unit"` // value of the Unit item, "0x00f0d121"
	Exponent int    `json:"exponent"`
	Usages   string `json:"usages"`
	Path     string `json:"path"`

	Raw   *int64   `json:"raw,omitempty"`
	Value *float64 `json:"value,omitempty"`
	Text  string   `json:"text,omitempty"`
}

// An FSD asks for a forced shutdown.
type FSD struct {
	Reason string `json:"reason"` // "" for none
}

// Begun says that a forced shutdown has begun.
type Begun struct {
	DryRun bool `json:"dry_run"` // it will not be carried out
}

// A Text is one to be sent over routes.
type Text struct {
	Text   string   `json:"text"`
	Routes []string `json:"routes,omitempty"` // none: all that are no fallback
}

// Queued is the number of a message that waits now.
type Queued struct {
	ID uint64 `json:"id"`
}

// Dropped is the number of a message that is given up.
type Dropped struct {
	ID uint64 `json:"dropped"`
}
