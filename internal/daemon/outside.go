package daemon

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"time"

	"ecnutd/config"
	"ecnutd/internal/discovery"
	"ecnutd/internal/engine"
	"ecnutd/internal/host/shutdown"
	"ecnutd/internal/store"
	"ecnutd/monitor"
	"ecnutd/sms"
)

// Outside is all that the daemon reaches and is reached by. Every field but
// DryRun, Boot, Version, Listen and Wake has to be set.
type Outside struct {
	Log     *slog.Logger
	Host    string // name of this host, in messages
	Boot    string // id of this boot of the host; "" where the kernel does not say
	Version string // of the program, for people and for clients

	// DryRun decides and says everything, and does nothing to the host or to a
	// UPS; the state is not kept.
	DryRun bool

	// Steady leaves nothing to chance: pauses between tries are not spread.
	Steady bool

	// Wake sends Wake-on-LAN to the hardware addresses of network cards. Nil: nobody
	// is woken.
	Wake func(ctx context.Context, cards []string) error

	Clock    Clock
	Devices  Devices
	Disk     Disk
	Messages Messages
	Programs Programs
	Power    Power
	Notify   Notify

	// Listen is how an address is listened on for the clients of NUT; nil is how
	// this host does.
	Listen func(ctx context.Context, network, address string) (net.Listener, error)
}

// A Clock says what time it is.
type Clock interface {
	// Now is the time since the boot of the host, suspend included. It never
	// jumps.
	Now() monitor.Instant

	// Day is the time of day, which somebody may set.
	Day() time.Time

	// Set reports whether Day can be told: whether the kernel says that its clock
	// is synchronised.
	Set() bool

	// Real is how long a span of Now takes by the timers of this process: as
	// long, but in a demonstration.
	Real(d time.Duration) time.Duration
}

// Devices say where UPSs are.
type Devices interface {
	// Locators are those of the blocks of a configuration, by name.
	Locators(blocks []config.UPS) map[string]discovery.Locator
}

// A Disk keeps the state.
type Disk interface {
	// Open opens the database at path, or makes one. A damaged one is replaced
	// (its Recovery tells), and one that another process has open is waited for
	// until ctx ends. It may take as long as the disk takes.
	Open(ctx context.Context, path string) (store.Database, error)
}

// Messages leave the host.
type Messages interface {
	// Route makes the route of a block of the configuration.
	Route(r config.Route) (sms.Route, error)

	// Heartbeat makes what sends the dead man's signal while all is well, until
	// its context ends.
	Heartbeat(h config.Heartbeat, well func() bool, failed func(error)) (func(context.Context), error)

	// Uplink gives a token when there may be a way out again, until ctx ends.
	Uplink(ctx context.Context) <-chan struct{}
}

// Programs run programs of this host.
type Programs interface {
	// Run runs one without a shell, within its time; 0 is the usual time.
	Run(ctx context.Context, argv, env []string, stdin string, timeout time.Duration) error
}

// Power takes the host down, and has the UPS cut its output afterwards.
type Power interface {
	// WriteFlag writes the flag that has the output cut at the end.
	WriteFlag(path string, f shutdown.Flag) error

	// ReadFlag looks at it.
	ReadFlag(path string) shutdown.FlagFound

	// RemoveFlag removes it.
	RemoveFlag(path string) error

	// Expect notes, beside the state in the file state, that the output is
	// going to be cut.
	Expect(state, reason string) error

	// LastCut says what came of the last cut; nil where nothing is known.
	LastCut(state string) *shutdown.Record

	// Off begins to shut the host down, and returns. Whatever it takes goes on
	// after the daemon has ended.
	Off(c config.Command, order shutdown.Flag)

	// Follow passes on how far a shutdown is, change by change, until ctx ends:
	// the one that Off began last or, with again, one that a process before this
	// one began.
	Follow(ctx context.Context, again bool, heard func(shutdown.Progress))

	// Undo takes back what of a shutdown may still be to come.
	Undo(ctx context.Context, order shutdown.Flag) error
}

// Notify hears how the daemon is doing. Its methods must not wait: all but
// Rested are called in the loop.
type Notify interface {
	Alive()                 // the loop has turned
	Status(line string)     // how things are, where that has changed
	Action(a engine.Action) // one is about to be carried out
	Rested()                // some work is over that the next days do not bring
}

// Unheard is a Notify that nobody listens to.
type Unheard struct{}

// Alive does nothing.
func (Unheard) Alive() {}

// Status does nothing.
func (Unheard) Status(string) {}

// Action does nothing.
func (Unheard) Action(engine.Action) {}

// Rested does nothing.
func (Unheard) Rested() {}

// check is an error where something is missing.
func (o *Outside) check() error {
	switch {
	case o.Log == nil, o.Clock == nil, o.Devices == nil, o.Disk == nil, o.Messages == nil, o.Programs == nil, o.Power == nil, o.Notify == nil:
		return errors.New("daemon: a part of its outside is missing")
	}
	return nil
}
