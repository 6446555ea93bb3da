package killpower

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"ecnutd/config"
	"ecnutd/hid"
	"ecnutd/hid/power"
	"ecnutd/internal/host"
	"ecnutd/internal/host/shutdown"
)

// A Unit is a UPS of the late stage.
type Unit struct {
	Name    string // of its block of the configuration
	Node    string
	Delays  power.Delays
	Spared  string                                    // why it is left alone; "" where it is cut
	Open    func(context.Context) (hid.Device, error) // nil: it cannot be reached
	Missing string                                    // why it cannot; "" where it is not attached
}

// Between two tries. One that was silent is closed and left alone for longer:
// units exist that answer again only then (NUT issue 3573).
const (
	retryPause  = 500 * time.Millisecond
	silentPause = 3 * time.Second
	silentAfter = 2 * time.Second // a try that took so long met silence
)

// triesEach is how often a command is tried before the next of the ladder. Where
// the first could not read what it has to, the second writes all the same:
// nothing else will save the load any more.
const triesEach = 2

// ladder are the commands that are tried, in their order: the configured one
// and then those that end alike, as usbhid-ups does it. Whoever wants the
// output to stay off is not given one that brings it back.
func ladder(first string) []string {
	order := []string{"shutdown.return", "shutdown.reboot", "load.off.delay", "shutdown.stayoff"}
	if i := slices.Index(order, first); i >= 2 {
		order = order[2:]
	}
	order = slices.DeleteFunc(order, func(s string) bool { return s == first })
	return slices.Insert(order, 0, first)
}

// arm tries until a UPS has taken a command and shows it, or ctx ends. in is how
// long after the last command the output goes off, or may; 0 where it stays on.
// meanwhile is told the same for the case that arm does not end in time: a request
// that is not answered takes 5 s.
func (l *Stage) arm(ctx context.Context, u Unit, command string, meanwhile func(shutdown.Killed, time.Duration)) (k shutdown.Killed, in time.Duration) {
	k = shutdown.Killed{UPS: u.Name, Node: u.Node}
	commands, delays := ladder(command), u.Delays
	if delays == (power.Delays{}) {
		delays = DelaysOf(config.Minimal("").UPS[0])
	}
	unread := false // the try before failed because something could not be read
	for i, tries := 0, 0; ; {
		begun := time.Now()
		permit := power.Permit{CutTheLoad: true, LastTry: unread}
		if permit.LastTry {
			said := k
			said.Text = commands[i] + " was sent without reading first, and it did not answer: its output may be cut"
			meanwhile(said, delays.Shutdown)
		}
		res, there := l.try(ctx, u, commands[i], delays, permit)
		k.Attempts++
		k.Text, k.Armed, k.MayStayOff = res.String(), res.Cut == power.CutArmed, res.MayStayOff
		if res.Cut != power.CutNone {
			in = max(in, cutIn(res))
		}
		if k.Armed || permit.LastTry && res.Outcome == power.Unconfirmed {
			return k, in // it went out; asking again is of no use
		}
		unread = errors.Is(res.Err, power.ErrUnread) && there && !permit.LastTry
		wait := retryPause
		if time.Since(begun) >= silentAfter && len(res.Writes) == 0 {
			wait = silentPause
		}
		minutes, coarse := inMinutes(delays, res)
		if there {
			tries++ // what is not there has refused nothing
		}
		switch {
		case res.Outcome == power.NotThere:
			if commands = slices.Delete(commands, i, i+1); len(commands) == 0 {
				k.Text = "its output is not cut: it has no command for that which is known"
				return k, in
			}
			i, tries, wait = i%len(commands), 0, 0
		case coarse:
			delays, tries = minutes, 0
		case tries >= triesEach:
			i, tries = (i+1)%len(commands), 0
		}
		if host.Pause(ctx, wait) != nil {
			return k, in
		}
	}
}

// cutIn is how long after a command the output goes off.
func cutIn(res power.Result) (in time.Duration) {
	for _, w := range res.Writes {
		if !w.Undo && (strings.HasSuffix(w.Path, ".DelayBeforeShutdown") || strings.HasSuffix(w.Path, ".DelayBeforeReboot")) {
			in = time.Duration(w.Value) * time.Second
		}
	}
	return in
}

// try opens the UPS, orders the cut and reads it back. Each try opens afresh.
// there tells whether the UPS was on the bus all the time.
func (l *Stage) try(ctx context.Context, u Unit, command string, delays power.Delays, permit power.Permit) (res power.Result, there bool) {
	failed := func(err error) (power.Result, bool) { return power.Result{Name: command, Err: err}, false }
	dev, err := u.Open(ctx)
	if err != nil {
		return failed(err)
	}
	defer dev.Close()
	decoder, err := power.Bind(dev, l.Families...)
	if err != nil {
		return failed(err)
	}
	res = power.NewCommander(dev, decoder, delays).Command(ctx, command, "", permit)
	return res, !errors.Is(res.Err, hid.ErrGone)
}

// inMinutes are the delays for a UPS that counts in minutes: one that shows 60
// s after 20 s were written never shows 20, and would never be armed. Both go
// up to whole minutes, the start above the cut. ok is false where that is
// nothing new, or the result does not speak for it.
func inMinutes(delays power.Delays, res power.Result) (minutes power.Delays, ok bool) {
	more := func(w power.Write) bool {
		timer := strings.HasSuffix(w.Path, ".DelayBeforeShutdown") || strings.HasSuffix(w.Path, ".DelayBeforeStartup")
		return timer && !w.Undo && w.Known && w.Outcome == power.Different && w.Value > 0 && w.Shows > w.Value
	}
	if !slices.ContainsFunc(res.Writes, more) {
		return delays, false
	}
	up := func(d time.Duration) time.Duration { return (d + time.Minute - 1).Truncate(time.Minute) }
	minutes = power.Delays{Start: up(delays.Start), Shutdown: up(delays.Shutdown)}
	if minutes.Start <= minutes.Shutdown {
		minutes.Start = minutes.Shutdown + time.Minute
	}
	return minutes, minutes != delays
}
