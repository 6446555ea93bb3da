package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ecnutd/config"
	"ecnutd/hid"
	"ecnutd/hid/hidraw"
	"ecnutd/hid/power"
	"ecnutd/internal/host"
)

// A lateUnit is a UPS of the late stage.
type lateUnit struct {
	name   string // of its block of the configuration
	node   string
	delays power.Delays
	spared bool                                      // it does not feed this host
	open   func(context.Context) (hid.Device, error) // nil: it is not attached
}

// Between two tries. One that was silent is closed and left alone for longer:
// units exist that answer again only then (NUT issue 3573).
const (
	retryPause  = 500 * time.Millisecond
	silentPause = 3 * time.Second
	silentAfter = 2 * time.Second // a try that took so long met silence
)

// triesEach is how often a command is tried before the next of the ladder.
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

// arm tries until a UPS has taken a command and shows it, or ctx ends.
func (l *lateStage) arm(ctx context.Context, u lateUnit) killed {
	k := killed{UPS: u.name, Node: u.node}
	commands, delays := ladder(string(l.config.KillPower.Command)), u.delays
	if delays == (power.Delays{}) {
		delays = delaysOf(config.Minimal("").UPS[0])
	}
	for i, tries := 0, 0; ; {
		begun := time.Now()
		res, there := try(ctx, u, commands[i], delays)
		k.Attempts++
		k.Text, k.Armed = res.String(), res.Cut == power.CutArmed
		if k.Armed {
			k.cutIn = cutIn(res)
			return k
		}
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
				k.Text = "it has no command that cuts its output"
				return k
			}
			i, tries, wait = i%len(commands), 0, 0
		case coarse:
			delays, tries = minutes, 0
		case tries >= triesEach:
			i, tries = (i+1)%len(commands), 0
		}
		if host.Pause(ctx, wait) != nil {
			return k
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
func try(ctx context.Context, u lateUnit, command string, delays power.Delays) (res power.Result, there bool) {
	failed := func(err error) (power.Result, bool) { return power.Result{Name: command, Err: err}, false }
	dev, err := u.open(ctx)
	if err != nil {
		return failed(err)
	}
	defer dev.Close()
	decoder, err := power.Bind(dev, families...)
	if err != nil {
		return failed(err)
	}
	res = power.NewCommander(dev, decoder, delays).Command(ctx, command, "", power.Permit{CutTheLoad: true})
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

// lateUnits tells how the UPSs are found.
func lateUnits(c *config.Config, g *globals, src *source) (func(context.Context) ([]lateUnit, error), error) {
	blocks := c.Local()
	if g.ups != "" {
		u, err := chooseUPS(c, g.ups)
		if err != nil {
			return nil, err
		}
		blocks = []config.UPS{u}
		if u.Remote != "" {
			return nil, fmt.Errorf("%s hangs on another host, %s, which has its output cut", u.Name, u.Remote)
		}
	}
	if len(blocks) == 0 {
		return func(context.Context) ([]lateUnit, error) { return nil, nil }, nil
	}
	if src.given() {
		// The command line says which one it is: it stands for the first.
		unit := lateUnit{name: blocks[0].Name, node: src.device, delays: delaysOf(blocks[0])}
		unit.open = func(ctx context.Context) (hid.Device, error) {
			dev, _, err := src.Open(ctx)
			return dev, err
		}
		return func(context.Context) ([]lateUnit, error) { return []lateUnit{unit}, nil }, nil
	}
	return func(context.Context) ([]lateUnit, error) {
		found, err := hidraw.Enumerate(nil)
		if err != nil {
			return nil, err
		}
		return assign(blocks, found), nil
	}, nil
}

func delaysOf(u config.UPS) power.Delays {
	return power.Delays{Start: u.OnDelay, Shutdown: u.OffDelay}
}

// assign gives the devices found to the blocks of the configuration. A block
// with a path has that one. Of the others each device goes to the first block
// that means it and has none yet, narrow ones before wide ones, and what is
// left over to the last that means it: a block that says auto means all UPSs
// that are there. A block without a device is a unit that is not attached.
func assign(blocks []config.UPS, found []hid.Info) []lateUnit {
	units := make([][]lateUnit, len(blocks))
	add := func(i int, node string) {
		b := blocks[i]
		units[i] = append(units[i], lateUnit{
			name: b.Name, node: node, delays: delaysOf(b), spared: b.Power == 0,
			open: func(context.Context) (hid.Device, error) { return openNode(node) },
		})
	}
	taken := make(map[string]bool)
	var wide []int // blocks that look for their device, narrow ones first
	for i, b := range blocks {
		if b.Device == config.Auto {
			wide = append(wide, i)
			continue
		}
		node := b.Device
		if to, err := filepath.EvalSymlinks(node); err == nil {
			node = to
			add(i, node)
		}
		taken[node] = true
	}
	slices.SortStableFunc(wide, func(a, b int) int { return narrow(blocks[b].Match) - narrow(blocks[a].Match) })
	for _, info := range found {
		if taken[info.Node] || !isUPS(info) {
			continue
		}
		last := -1
		for _, i := range wide {
			if !matches(blocks[i].Match, info) {
				continue
			}
			if last = i; len(units[i]) == 0 {
				break
			}
		}
		if last >= 0 {
			add(last, info.Node)
		}
	}
	var all []lateUnit
	for i, b := range blocks {
		if len(units[i]) == 0 {
			units[i] = []lateUnit{{name: b.Name, spared: b.Power == 0}}
		}
		all = append(all, units[i]...)
	}
	return all
}

// narrow counts what a match asks for.
func narrow(m config.Match) (n int) {
	for _, s := range []string{m.Vendor, m.Product, m.Phys, m.Model} {
		if s != "" {
			n++
		}
	}
	return n
}

func openNode(node string) (hid.Device, error) {
	dev, err := hidraw.Open(node)
	if err != nil {
		return nil, err // not a *hidraw.Device that is nil
	}
	return dev, nil
}
