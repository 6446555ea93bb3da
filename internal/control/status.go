package control

import (
	"time"

	"ecnutd/internal/host/shutdown"
	"ecnutd/monitor"
	"ecnutd/monitor/forecast"
)

// A Status is how things are. `status --json` prints it.
type Status struct {
	Version string           `json:"version"`        // of the daemon's program
	Since   time.Time        `json:"since,omitzero"` // of the daemon
	DryRun  bool             `json:"dry_run,omitempty"`
	Phase   string           `json:"phase"`
	Reason  string           `json:"reason,omitempty"`      // of a shutdown, in the daemon's language
	Why     *monitor.Reason  `json:"why,omitempty"`         // the same as data
	Final   bool             `json:"no_way_back,omitempty"` // of a shutdown: nothing calls it off any more
	UPS     []Supply         `json:"ups"`
	Coming  []Coming         `json:"coming,omitempty"`                 // what decides about the host first, then the soonest
	Unset   bool             `json:"clock_not_synchronised,omitempty"` // says the kernel: a time of the clock means little
	Routes  []Route          `json:"routes,omitempty"`
	Waiting []Message        `json:"waiting,omitempty"`
	Refused []Message        `json:"refused,omitempty"`
	Clients []NUTClient      `json:"clients,omitempty"` // of the network
	Faults  []string         `json:"faults,omitempty"`
	LastCut *shutdown.Record `json:"last_kill_power,omitempty"` // of the boot before; nil where nothing is known

	Maintenance *Maintained `json:"maintenance,omitempty"` // nil: there is none
}

// A Supply is one UPS.
type Supply struct {
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Model       string          `json:"model,omitempty"`
	Status      string          `json:"status"` // as ups.status, by the policy of the monitor
	Line        string          `json:"line"`   // mains, battery or unknown
	Since       time.Time       `json:"since,omitzero"`
	Charge      *int            `json:"charge,omitempty"`  // percent; nil: unknown
	Runtime     *int            `json:"runtime,omitempty"` // seconds
	Load        *int            `json:"load,omitempty"`    // percent
	Low         string          `json:"low,omitempty"`     // why the battery counts as low, in the daemon's language
	LowWhy      *monitor.Reason `json:"low_why,omitempty"` // the same as data
	Alarm       string          `json:"alarm,omitempty"`
	Link        string          `json:"link"` // LinkUp, LinkLost or LinkNeverHeard
	Heard       time.Time       `json:"heard,omitzero"`
	Error       string          `json:"error,omitempty"`
	Login       string          `json:"login,omitempty"` // why the host that serves it refuses the login; "": it does not
	SelfTest    string          `json:"self_test,omitempty"`
	Uncut       *Uncut          `json:"output_not_cut,omitempty"` // nil: its output is cut after a shutdown, or need not be
}

// Uncut is that nothing has a UPS cut its output after a shutdown.
type Uncut struct {
	Reboots bool `json:"host_reboots"` // it waits for mains, and starts again (wait_then_reboot)
}

// A Coming is what will follow if nothing changes.
type Coming struct {
	At time.Time `json:"at,omitzero"` // none: when is not known
	forecast.Prospect
}

// A Route is how things stand on a way for messages.
type Route struct {
	Name      string    `json:"name"`
	Pending   int       `json:"pending"`
	Failures  int       `json:"failures"` // in a row
	LastError string    `json:"last_error,omitempty"`
	Delivered time.Time `json:"delivered,omitzero"`  // the last time
	HeldUntil time.Time `json:"held_until,omitzero"` // the gateway asked for a pause
	Fallbacks []string  `json:"fallbacks,omitempty"`
	Removed   bool      `json:"removed,omitempty"` // it is not configured any more, and messages wait for it
}

// A Message is one that waits on a route, or that was given up there.
type Message struct {
	Seq       uint64    `json:"seq"`            // its place in the queue
	ID        uint64    `json:"id"`             // the same on all routes and in all parts
	Part      int       `json:"part,omitempty"` // from 1; 0: it is in one piece
	Route     string    `json:"route"`
	Text      string    `json:"text"`
	At        time.Time `json:"at"` // of the event
	Queued    time.Time `json:"queued"`
	Urgent    bool      `json:"urgent,omitempty"`
	Attempts  int       `json:"attempts"`
	LastError string    `json:"last_error,omitempty"`
	NextTry   time.Time `json:"next_try,omitzero"` // about when

	RefusedByMain bool      `json:"refused_by_main,omitempty"` // a fallback still has a chance
	Verdict       string    `json:"verdict,omitempty"`         // "": it waits
	Via           string    `json:"via,omitempty"`             // the route that delivered it
	Ended         time.Time `json:"ended,omitzero"`            // when the verdict fell
	Unsaved       bool      `json:"unsaved,omitzero"`          // in memory only: the disk does not take it
}

// A NUTClient is somebody on the network.
type NUTClient struct {
	Address string    `json:"address"`
	User    string    `json:"user,omitempty"`    // as claimed, unless UPS is there
	UPS     string    `json:"ups,omitempty"`     // that it has logged in to: a shutdown waits for it
	Primary bool      `json:"primary,omitempty"` // it goes down on its own account, and orders others to
	TLS     bool      `json:"tls,omitempty"`
	Since   time.Time `json:"since"`
}

// LinkOf is a link in the form that travels.
func LinkOf(l monitor.Link) string {
	switch l {
	case monitor.Linked:
		return LinkUp
	case monitor.Lost:
		return LinkLost
	}
	return LinkNeverHeard
}
