// Package console takes commands for a simulated UPS, a line each: cut, restore, low,
// unplug and the like. Each is answered with lines of its own and then "ok", or
// "error: " and what is wrong.
package console

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"ecnutd/internal/sim"
)

// A Console commands a UPS. Its methods may be called from anywhere.
type Console struct {
	u     *sim.UPS
	began time.Time
	extra func() []Entry
}

// An Entry is a line of the log beside those of the UPS.
type Entry struct {
	At   time.Time
	Text string
}

// New makes the console of a UPS. extra adds to the log; nil: nothing does.
func New(u *sim.UPS, extra func() []Entry) *Console {
	return &Console{u: u, began: time.Now(), extra: extra}
}

// Open takes commands on a new socket until ctx ends, and removes it then.
func (c *Console) Open(ctx context.Context, path string) error {
	l, err := net.Listen("unix", path)
	if err != nil {
		return fmt.Errorf("the console of the simulated UPS: %w", err)
	}
	go c.Serve(ctx, l)
	return nil
}

// Serve takes commands on a listener until ctx ends.
func (c *Console) Serve(ctx context.Context, l net.Listener) {
	defer context.AfterFunc(ctx, func() { l.Close() })()
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			defer context.AfterFunc(ctx, func() { conn.Close() })()
			c.Converse(conn, conn)
		}()
	}
}

// Converse answers commands until there are no more.
func (c *Console) Converse(in io.Reader, out io.Writer) {
	for lines := bufio.NewScanner(in); lines.Scan(); {
		words := strings.Fields(lines.Text())
		if len(words) == 0 {
			continue
		}
		said, err := c.do(words[0], words[1:])
		if err != nil {
			said = append(said, "error: "+err.Error())
		} else {
			said = append(said, "ok")
		}
		if _, err := fmt.Fprintln(out, strings.Join(said, "\n")); err != nil {
			return
		}
	}
}

// A command of the control channel. args names what it takes; what is in
// brackets may be left out.
type command struct {
	args, help string
	do         func(*Console, []string) ([]string, error)
}

// commands by name. It is filled by init, since help prints it.
var commands map[string]command

func init() {
	plain := func(f func(*sim.UPS)) func(*Console, []string) ([]string, error) {
		return func(c *Console, _ []string) ([]string, error) { f(c.u); return nil, nil }
	}
	percent := func(f func(*sim.UPS, int)) func(*Console, []string) ([]string, error) {
		return func(c *Console, args []string) ([]string, error) {
			n, err := strconv.Atoi(args[0])
			if err != nil || n < 0 || n > 200 {
				return nil, fmt.Errorf("%q is no percentage", args[0])
			}
			f(c.u, n)
			return nil, nil
		}
	}
	commands = map[string]command{
		"cut":     {"", "mains fails", plain((*sim.UPS).CutMains)},
		"restore": {"", "mains is back", plain((*sim.UPS).RestoreMains)},
		"low":     {"", "the battery is nearly empty", plain(func(u *sim.UPS) { u.SetCharge(10) })},
		"charge":  {"PERCENT", "set the charge of the battery", percent((*sim.UPS).SetCharge)},
		"load":    {"PERCENT", "set the load at the output", percent((*sim.UPS).SetLoad)},
		"unplug":  {"", "pull the USB cable", plain((*sim.UPS).Unplug)},
		"plug":    {"", "put it back in", plain((*sim.UPS).Plug)},
		"silence": {"", "nothing is answered any more", plain(func(u *sim.UPS) { u.Inject(sim.Fault{Kind: sim.Silence}) })},
		"stall":   {"REPORT", "refuse a report, by its id in hex", stall},
		"fault":   {"NAME [REPORT] [NUMBER]", "something else goes wrong, with an id in hex or a count of bytes where it takes one: " + faultNames(), fault},
		"clear":   {"NAME", "what went wrong is over", clearFault},
		"log":     {"", "every transfer so far, with its time in seconds", (*Console).log},
		"state":   {"", "the cable and the output", (*Console).state},
		"help":    {"", "this", help},
	}
}

// do carries out a command.
func (c *Console) do(name string, args []string) ([]string, error) {
	cmd, ok := commands[name]
	if !ok {
		return nil, fmt.Errorf("there is no command %q; help lists them", name)
	}
	takes := strings.Fields(cmd.args)
	needs := slices.DeleteFunc(slices.Clone(takes), func(a string) bool { return strings.HasPrefix(a, "[") })
	if len(args) < len(needs) || len(args) > len(takes) {
		return nil, fmt.Errorf("it is: %s", strings.TrimSpace(name+" "+cmd.args))
	}
	return cmd.do(c, args)
}

func help(*Console, []string) (lines []string, _ error) {
	for name, cmd := range commands {
		lines = append(lines, fmt.Sprintf("%-22s %s", name+" "+cmd.args, cmd.help))
	}
	slices.Sort(lines)
	return lines, nil
}

func faultNames() string {
	var names []string
	for _, k := range sim.FaultKinds() {
		names = append(names, k.String())
	}
	return strings.Join(names, " ")
}

func kindOf(name string) (sim.FaultKind, error) {
	for _, k := range sim.FaultKinds() {
		if strings.EqualFold(k.String(), name) {
			return k, nil
		}
	}
	return 0, fmt.Errorf("there is no fault %q; there are %s", name, faultNames())
}

func reportID(hex string) (uint8, error) {
	n, err := strconv.ParseUint(hex, 16, 8)
	if err != nil {
		return 0, fmt.Errorf("%q is no report id in hex", hex)
	}
	return uint8(n), nil
}

func stall(c *Console, args []string) ([]string, error) {
	return fault(c, []string{sim.Stall.String(), args[0]})
}

func fault(c *Console, args []string) ([]string, error) {
	kind, err := kindOf(args[0])
	if err != nil {
		return nil, err
	}
	f := sim.Fault{Kind: kind}
	if len(args) > 1 {
		if f.Report, err = reportID(args[1]); err != nil {
			return nil, err
		}
	}
	if len(args) > 2 {
		if kind == sim.LongReply || kind == sim.LongPush {
			f.Bytes, err = strconv.Atoi(args[2])
		} else {
			f.Reply, err = reportID(args[2])
		}
		if err != nil {
			return nil, err
		}
	}
	c.u.Inject(f)
	return nil, nil
}

func clearFault(c *Console, args []string) ([]string, error) {
	kind, err := kindOf(args[0])
	if err != nil {
		return nil, err
	}
	c.u.Clear(kind)
	return nil, nil
}

// log is every control transfer and every report, in the order of time.
func (c *Console) log([]string) ([]string, error) {
	type line struct {
		at   time.Time
		text string
	}
	var all []line
	failed := func(bad bool) string {
		if bad {
			return " failed"
		}
		return ""
	}
	if c.extra != nil {
		for _, e := range c.extra() {
			all = append(all, line{e.At, e.Text})
		}
	}
	for _, t := range c.u.Transfers() {
		all = append(all, line{t.At, fmt.Sprintf("%s % x%s", t.Kind, t.Data, failed(t.Err != nil))})
	}
	slices.SortStableFunc(all, func(a, b line) int { return a.at.Compare(b.at) })
	var lines []string
	for _, l := range all {
		lines = append(lines, fmt.Sprintf("%.3f %s", l.at.Sub(c.began).Seconds(), l.text))
	}
	return lines, nil
}

func (c *Console) state([]string) ([]string, error) {
	plugged, _ := c.u.Plugged()
	return []string{fmt.Sprintf("plugged in: %t, output: %t", plugged, c.u.Output())}, nil
}
