package power

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"ecnutd/hid"
	"ecnutd/hid/power/family"
	"ecnutd/hid/power/readback"
	"ecnutd/ups"
)

// A Permit says what a caller may do. Asking somebody for it, and refusing it
// while the host is in use, is the caller's.
type Permit struct {
	CutTheLoad bool // commands with Command.Cuts

	// LastTry has a command that cuts the load written without being read
	// first, wherever one field fills its report: for the late stage of a
	// shutdown, when reading failed (ErrUnread) and nothing else will save the
	// load. The state of the UPS is not asked for, no step holds up the next
	// one, and nothing is taken back.
	LastTry bool
}

// ErrUnread says that nothing was written because something had to be read first
// and could not be.
var ErrUnread = errors.New("it could not be read")

// An unreadError is an ErrUnread with its reason.
type unreadError struct {
	what string
	err  error
}

func (e *unreadError) Error() string        { return fmt.Sprintf("%s could not be read: %v", e.what, e.err) }
func (e *unreadError) Is(target error) bool { return target == ErrUnread }
func (e *unreadError) Unwrap() error        { return e.err }

// A Commander writes to an opened device: the fields of Commands and of
// settable variables, and nothing else. It shares the device's handle, so it
// belongs to the goroutine that owns the device.
type Commander struct {
	dev   hid.Device
	dec   *Decoder
	heard func()    // called after every valid report; may be nil
	wrote time.Time // when the last write ended
	sick  bool      // a request of this command found the device silent or gone
	last  bool      // Permit.LastTry, of this command
}

// NewCommander commands a device that needs no Reader: the late stage of a
// shutdown does so. Reports that the commander reads go into d. Where there is
// a Reader, Reader.Commander and Reader.Do are the way.
func NewCommander(dev hid.Device, d *Decoder, delays Delays) *Commander {
	d.SetDelays(delays)
	return &Commander{dev: dev, dec: d}
}

// Decoder holds what was read.
func (c *Commander) Decoder() *Decoder { return c.dec }

// A plannedStep is a step with its targets and its number.
type plannedStep struct {
	targets []target
	value   int64
	pause   time.Duration
}

// Command carries out an instant command. argument is the value of those that
// take one (load.off.delay, load.on.delay: seconds, 0 to 7200), "" for the
// default.
//
// Everything that can be checked is checked before anything is written. A
// command that cuts the load wants a permit, and a device that says right now
// that it is on mains or on battery and has no internal fault. Reports are
// read before they are changed, writes are read back; see Result for what can
// come of it. ctx ends waiting; it cannot end a request that the device does
// not answer, for which Linux takes 5 s.
//
// A command that cuts the output does what was asked, or nothing: where it
// cannot be finished, what it began is taken back (see undo).
func (c *Commander) Command(ctx context.Context, name, argument string, permit Permit) Result {
	res := Result{Name: name}
	c.sick = false
	command, ok := c.find(name, &res)
	if !ok {
		return res
	}
	if command.Cuts && !permit.CutTheLoad {
		res.Err = errors.New("it can take power away from the load, and that was not permitted")
		return res
	}
	c.last = permit.LastTry && command.Cuts
	steps, err := c.plan(command, argument)
	if err == nil && !c.last {
		err = c.ready(ctx, command, steps)
	}
	if err != nil {
		res.Err = err
		return res
	}
	if c.last {
		c.lastTry(ctx, steps, &res)
	} else {
		c.carryOut(ctx, steps, &res)
	}
	c.conclude(&res, command.Cuts)
	return res
}

// Ready checks all that Command checks before its first write, and writes
// nothing: nil where the command would be carried out now. An error that wraps
// ErrUnread says that something could not be read.
func (c *Commander) Ready(ctx context.Context, name string) error {
	var res Result
	c.sick = false
	command, ok := c.find(name, &res)
	if !ok {
		return res.Err
	}
	steps, err := c.plan(command, "")
	if err != nil {
		return err
	}
	if err := c.ready(ctx, command, steps); err != nil {
		return err
	}
	return c.readEach(ctx, steps)
}

func (c *Commander) ready(ctx context.Context, command family.Command, steps []plannedStep) error {
	if command.Cuts {
		if err := c.fit(ctx); err != nil {
			return err
		}
	}
	if len(steps) < 2 {
		return nil // the write itself reads
	}
	return c.readEach(ctx, steps)
}

// find looks a command of this device up.
func (c *Commander) find(name string, res *Result) (family.Command, bool) {
	have := c.dec.Commands()
	var names []string
	for _, command := range have {
		if command.Name == name {
			return command, true
		}
		names = append(names, command.Name)
	}
	res.Outcome, res.Near = NotThere, ups.Nearest(name, names)
	known := slices.ContainsFunc(c.dec.family.Commands, func(k family.Command) bool { return k.Name == name })
	switch {
	case known:
		res.Err = errors.New("this UPS does not offer it")
	case len(res.Near) > 0:
		res.Err = fmt.Errorf("there is no such command; did you mean %s?", strings.Join(res.Near, " or "))
	default:
		res.Err = errors.New("there is no such command")
	}
	return family.Command{}, false
}

// plan turns a command into writes, and refuses what cannot be written.
func (c *Commander) plan(command family.Command, argument string) ([]plannedStep, error) {
	var steps []plannedStep
	used, delays := argument == "", 0
	for _, s := range command.Steps {
		p := plannedStep{targets: c.dec.targets(s.Paths), value: s.Value, pause: s.Pause}
		var err error
		switch {
		case s.Argument && argument != "":
			used = true
			p.value, err = parseSeconds(c.dec.family.LimitsOf(s.Setting), argument)
		case s.Setting != "":
			delays++
			p.value, err = c.dec.delays.seconds(c.dec.family.LimitsOf(s.Setting))
		}
		if err != nil {
			return nil, err
		}
		for _, t := range p.targets {
			if err := takes(t.field, p.value); err != nil {
				return nil, err
			}
		}
		if len(p.targets) > 0 {
			steps = append(steps, p)
		}
	}
	if !used {
		return nil, fmt.Errorf("it takes no value, and was given %q", argument)
	}
	if delays > 1 {
		return steps, c.dec.delays.ordered()
	}
	return steps, nil
}

// parseSeconds reads the argument of a command. NUT writes a 0 for "abc", and
// the load is cut at once.
func parseSeconds(limits family.Setting, text string) (int64, error) {
	if _, err := family.ParseNumber(text, 0); err != nil {
		return 0, fmt.Errorf("the value %w of seconds", err)
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || limits.Check(float64(n)) != nil {
		return 0, fmt.Errorf("a delay takes %d to %d seconds, not %s", limits.Min, limits.Max, text)
	}
	if strconv.FormatInt(n, 10) != text {
		return 0, fmt.Errorf("the value %q is an odd way to write %d seconds", text, n)
	}
	return n, nil
}

// takes refuses a number that a field cannot hold, or would read as another
// one: the numbers of commands are meant as they are sent.
func takes(f *hid.Field, value int64) error {
	if f.Scale(0) != 0 || f.Scale(1) != 1 {
		return fmt.Errorf("%s counts in another unit than commands do (1 means %g)", f.Path, f.Scale(1))
	}
	return f.Put(make([]byte, (f.Bit+f.Bits+7)/8), value)
}

// carryOut writes the steps, up to the first that fails.
func (c *Commander) carryOut(ctx context.Context, steps []plannedStep, res *Result) {
	begun := time.Now()
	for _, s := range steps {
		if s.pause > 0 {
			if err := pause(ctx, time.Until(c.wrote.Add(s.pause))); err != nil {
				res.Outcome, res.Err = Incomplete, fmt.Errorf("stopped before %s = %d: %w", s.targets[0].path, s.value, err)
				c.undo(res)
				return
			}
		}
		if !c.step(ctx, s, res) {
			c.undo(res)
			return
		}
	}
	res.Outcome, res.Err = Done, nil
	if c.stillStands(begun, res); res.Outcome != Done {
		c.undo(res)
	}
}

// step writes a number to all targets of a step. One that takes it is enough:
// the targets of a step are several names of one thing, of which some units
// obey only one.
func (c *Commander) step(ctx context.Context, s plannedStep, res *Result) (ok bool) {
	var said Write // the one that tells most of those that failed
	for _, t := range s.targets {
		w := c.write(ctx, t, s.value)
		res.Writes = append(res.Writes, w)
		ok = ok || w.Outcome == Done
		if w.Report != nil || said.Report == nil {
			said = w
		}
		if c.sick || ctx.Err() != nil {
			break
		}
	}
	if ok {
		return true
	}
	res.Outcome, res.Err = said.Outcome, said.Err
	switch {
	case said.Outcome == Different:
		res.Err = fmt.Errorf("%s reads %d after %d was written", said.Path, said.Shows, said.Value)
	case said.Outcome == NotSent && slices.ContainsFunc(res.Writes, func(w Write) bool { return w.Report != nil }):
		res.Outcome = Incomplete
	case res.Err == nil:
		res.Err = errors.New("nothing on the UPS shows whether it was taken")
	}
	return false
}

// stillStands looks at the earlier timers of a sequence once more when its
// last write is done: a UPS that was reset in between has forgotten the start
// delay, and would cut its output for good.
func (c *Commander) stillStands(begun time.Time, res *Result) {
	for i := range res.Writes[:len(res.Writes)-1] {
		w := &res.Writes[i]
		t, ok := c.dec.target(w.Path)
		if !ok || w.Outcome != Done || readback.MeaningOf(w.Path) != readback.Timer {
			continue
		}
		body, _, err := c.ask(t.field.Report)
		if err != nil {
			continue // it was read back once, and nothing speaks against it
		}
		w.Shows, w.Known = t.field.Raw(body)
		// It may count already or wait for the cut.
		if readback.Judge(w.Path, w.Value, w.Shows, time.Since(begun)) == readback.Wrong {
			w.Outcome = Different
			res.Outcome, res.Err = Different, fmt.Errorf("%s was %d and now reads %d: the UPS has forgotten it", w.Path, w.Value, w.Shows)
		}
	}
}

// conclude says what stands on the device.
func (c *Commander) conclude(res *Result, cuts bool) {
	if v, known := c.dec.Number(family.PathShutdown); cuts && known && v >= 0 {
		res.Cut = CutPossible // started by somebody else, so far
	}
	for _, w := range res.Writes {
		if !readback.CutsOutput(w.Path) || w.Report == nil && !w.Undo {
			continue
		}
		switch {
		case !w.Undo && res.Outcome == Done && w.Value >= 0:
			res.Cut = CutArmed
		case w.Known && w.Shows < 0:
			res.Cut = CutNone
		default:
			res.Cut = CutPossible
		}
	}
	res.MayStayOff = res.Cut != CutNone && res.touchedCut() && !res.restored()
}
