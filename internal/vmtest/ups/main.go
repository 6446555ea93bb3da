// Command ups puts a simulated UPS on a USB port of a virtual machine, for
// trying ecnutd, or any other program, on a whole system by hand. It outlives
// the machine, as a UPS does.
//
//	go run ./internal/vmtest/ups -usb /tmp/usb -control /tmp/ups
//	qemu-system-x86_64 … -device qemu-xhci,id=hc -chardev socket,id=ups,path=/tmp/usb -device usb-redir,chardev=ups,bus=hc.0
//	socat - UNIX-CONNECT:/tmp/ups
//
// The control socket, and the standard input, take a command a line. Each is
// answered with lines of its own and then "ok", or "error: " and what is wrong.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"ecnutd/internal/sim"
	"ecnutd/internal/sim/usbredir"
)

func main() {
	model := flag.String("model", sim.DefaultModel, "the UPS: "+strings.Join(sim.Models(), ", "))
	usb := flag.String("usb", "", "the `SOCKET` that QEMU's usb-redir connects to")
	control := flag.String("control", "", "a `SOCKET` that takes commands, as the standard input does")
	slow := flag.Bool("slow", false, "every answer takes as long as those of a real low-speed unit, 45 to 75 ms")
	short := flag.Int("descriptor", 0, "the configuration tells of the first `BYTES` of the report descriptor only")
	flag.Parse()
	if *usb == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var opts []sim.Option
	if *slow {
		opts = append(opts, sim.WithReplyTimes())
	}
	if *short > 0 {
		opts = append(opts, sim.WithShortDescriptor(*short))
	}
	if err := run(ctx, *model, *usb, *control, os.Stdin, os.Stdout, opts...); err != nil {
		fmt.Fprintln(os.Stderr, "ups:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, model, usb, control string, in io.Reader, out io.Writer, opts ...sim.Option) error {
	u, err := sim.New(model, opts...)
	if err != nil {
		return err
	}
	c := &cupboard{u: u, began: time.Now()}
	if err := listen(ctx, usb, func(conn net.Conn) {
		if err := usbredir.Serve(ctx, conn, u, c.note); err != nil {
			fmt.Fprintln(os.Stderr, "ups:", err)
		}
	}); err != nil {
		return err
	}
	if control != "" {
		if err := listen(ctx, control, func(conn net.Conn) {
			defer conn.Close()
			defer context.AfterFunc(ctx, func() { conn.Close() })()
			c.converse(conn, conn)
		}); err != nil {
			return err
		}
	}
	u.OnOutput(func(on bool) { fmt.Fprintf(out, "the output goes %s\n", map[bool]string{true: "on", false: "off"}[on]) })
	go c.converse(in, out)
	if err := u.Run(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// listen serves every connection to a socket until ctx ends.
func listen(ctx context.Context, path string, serve func(net.Conn)) error {
	l, err := net.Listen("unix", path)
	if err != nil {
		return err
	}
	context.AfterFunc(ctx, func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go serve(conn)
		}
	}()
	return nil
}

// A cupboard has a UPS in it.
type cupboard struct {
	u     *sim.UPS
	began time.Time

	mu       sync.Mutex
	controls []usbredir.Control
}

// maxControls bounds the log of control transfers; when it is full the older
// half goes.
const maxControls = 65536

// note keeps a control transfer for the log.
func (c *cupboard) note(t usbredir.Control) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.controls) == maxControls {
		c.controls = slices.Delete(c.controls, 0, maxControls/2)
	}
	c.controls = append(c.controls, t)
}

// converse answers commands until there are no more.
func (c *cupboard) converse(in io.Reader, out io.Writer) {
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
	do         func(*cupboard, []string) ([]string, error)
}

// commands by name. It is filled by init, since help prints it.
var commands map[string]command

func init() {
	plain := func(f func(*sim.UPS)) func(*cupboard, []string) ([]string, error) {
		return func(c *cupboard, _ []string) ([]string, error) { f(c.u); return nil, nil }
	}
	percent := func(f func(*sim.UPS, int)) func(*cupboard, []string) ([]string, error) {
		return func(c *cupboard, args []string) ([]string, error) {
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
		"log":     {"", "every transfer so far, with its time in seconds", (*cupboard).log},
		"state":   {"", "the cable and the output", (*cupboard).state},
		"help":    {"", "this", help},
	}
}

// do carries out a command.
func (c *cupboard) do(name string, args []string) ([]string, error) {
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

func help(*cupboard, []string) (lines []string, _ error) {
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

func stall(c *cupboard, args []string) ([]string, error) {
	return fault(c, []string{sim.Stall.String(), args[0]})
}

func fault(c *cupboard, args []string) ([]string, error) {
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

func clearFault(c *cupboard, args []string) ([]string, error) {
	kind, err := kindOf(args[0])
	if err != nil {
		return nil, err
	}
	c.u.Clear(kind)
	return nil, nil
}

// log is every control transfer and every report, in the order of time.
func (c *cupboard) log([]string) ([]string, error) {
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
	c.mu.Lock()
	for _, t := range c.controls {
		all = append(all, line{t.At, fmt.Sprintf("control %02x %02x value %04x index %04x length %d%s", t.RequestType, t.Request, t.Value, t.Index, t.Length, failed(!t.OK))})
	}
	c.mu.Unlock()
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

func (c *cupboard) state([]string) ([]string, error) {
	plugged, _ := c.u.Plugged()
	return []string{fmt.Sprintf("plugged in: %t, output: %t", plugged, c.u.Output())}, nil
}
