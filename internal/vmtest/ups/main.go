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
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"

	"ecnutd/internal/sim"
	"ecnutd/internal/sim/console"
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
	seen := &controls{}
	c := console.New(u, seen.entries)
	if err := listen(ctx, usb, func(conn net.Conn) {
		if err := usbredir.Serve(ctx, conn, u, seen.note); err != nil {
			fmt.Fprintln(os.Stderr, "ups:", err)
		}
	}); err != nil {
		return err
	}
	if control != "" {
		if err := listen(ctx, control, func(conn net.Conn) {
			defer conn.Close()
			defer context.AfterFunc(ctx, func() { conn.Close() })()
			c.Converse(conn, conn)
		}); err != nil {
			return err
		}
	}
	u.OnOutput(func(on bool) { fmt.Fprintf(out, "the output goes %s\n", map[bool]string{true: "on", false: "off"}[on]) })
	go c.Converse(in, out)
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

// controls are the control transfers so far.
type controls struct {
	mu   sync.Mutex
	list []usbredir.Control
}

// maxControls bounds the log of control transfers; when it is full the older
// half goes.
const maxControls = 65536

// note keeps a control transfer for the log.
func (c *controls) note(t usbredir.Control) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.list) == maxControls {
		c.list = slices.Delete(c.list, 0, maxControls/2)
	}
	c.list = append(c.list, t)
}

// entries are they for the log.
func (c *controls) entries() (list []console.Entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range c.list {
		failed := ""
		if !t.OK {
			failed = " failed"
		}
		list = append(list, console.Entry{At: t.At, Text: fmt.Sprintf("control %02x %02x value %04x index %04x length %d%s", t.RequestType, t.Request, t.Value, t.Index, t.Length, failed)})
	}
	return list
}
