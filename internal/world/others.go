package world

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"ecnutd/config"

	"ecnutd/internal/world/plan"
)

// others are the hosts that hang on the same UPSs and log in as secondaries, as
// upsmon does, at the real server of the daemon.
type others struct {
	door  *door // where the daemon listens; nil while none does
	hosts []*other
}

// An other is one of them.
type other struct {
	w       *world
	number  int
	up      bool
	away    bool          // an incident has it gone
	in      bool          // it is logged in
	inAt    time.Duration // since when
	told    bool          // it was told to go down, and did
	toldAt  time.Duration
	stopped chan struct{} // closed when the world ends
	conn    net.Conn
}

// A door is where a process listens.
type door struct {
	callers chan net.Conn
	closed  chan struct{}
}

// Accept waits for a caller.
func (d *door) Accept() (net.Conn, error) {
	select {
	case c := <-d.callers:
		return c, nil
	case <-d.closed:
		return nil, net.ErrClosed
	}
}

// Close ends it.
func (d *door) Close() error {
	select {
	case <-d.closed:
	default:
		close(d.closed)
	}
	return nil
}

// Addr is where it is.
func (d *door) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 3493} }

// A call is the server's end of a connection.
type call struct {
	net.Conn
	from net.Addr
}

// RemoteAddr is the host that calls.
func (c call) RemoteAddr() net.Addr { return c.from }

// listen opens the door of a process.
func (l *life) listen(context.Context, string, string) (net.Listener, error) {
	l.look(ofNetwork, "listen")
	d := &door{make(chan net.Conn), make(chan struct{})}
	l.w.others.door = d
	return d, nil
}

// hostComes has another host log in.
func (w *world) hostComes() {
	if !strings.Contains(w.plan.Config, "\nnetwork:") || len(w.others.hosts) > 5 {
		return
	}
	o := &other{w: w, number: len(w.others.hosts) + 1, up: true, stopped: make(chan struct{})}
	w.others.hosts = append(w.others.hosts, o)
	go o.live()
}

// hostGoes has one that is logged in go for a while.
func (w *world) hostGoes(d time.Duration) {
	for _, o := range w.others.hosts {
		if o.in && !o.away {
			o.away = true
			o.conn.Close()
			w.ends(d, func() { o.away = false })
			return
		}
	}
}

// pollEvery is how often upsmon asks.
const pollEvery = 5 * time.Second

// live is the life of a host: while it is up it is logged in, or tries to be.
func (o *other) live() {
	for o.rest(plan.Span(plan.Stream(o.w.plan.Seed, fmt.Sprintf("other %d %d", o.number, o.w.draws)), time.Second, pollEvery)) {
		if !o.up || o.away || o.w.life == nil || o.w.others.door == nil {
			continue
		}
		o.session(o.w.others.door)
		o.turn()
		o.in = false
	}
}

func (o *other) turn() { o.w.turn(nil, ofNetwork, fmt.Sprintf("host %d", o.number), false) }

// rest lets some time pass; false at the end of the world.
func (o *other) rest(d time.Duration) bool {
	select {
	case <-time.After(d):
	case <-o.stopped:
		return false
	}
	o.turn()
	return true
}

// session logs in, and asks until it is told to go down or the connection ends.
func (o *other) session(d *door) {
	w := o.w
	ours, theirs := net.Pipe()
	defer ours.Close()
	select {
	case d.callers <- call{theirs, &net.TCPAddr{IP: net.IPv4(192, 0, 2, byte(o.number)), Port: 40000 + o.number}}:
	case <-d.closed:
		return
	case <-o.stopped:
		return
	case <-time.After(pollEvery):
		return
	}
	r := bufio.NewReader(ours)
	ask := func(request string) (string, bool) {
		_ = ours.SetDeadline(time.Now().Add(10 * time.Second))
		if _, err := fmt.Fprintln(ours, request); err != nil {
			return "", false
		}
		line, err := r.ReadString('\n')
		o.turn()
		return line, err == nil
	}
	for _, request := range []string{"USERNAME other", "PASSWORD x", "LOGIN " + w.units[0].plan.Name} {
		if line, ok := ask(request); !ok || !strings.HasPrefix(line, "OK") {
			return
		}
	}
	o.conn, o.in, o.inAt = ours, true, w.at()
	w.say("host %d is logged in", o.number)
	for o.rest(pollEvery) && !o.away {
		line, ok := ask("GET VAR " + w.units[0].plan.Name + " ups.status")
		if !ok {
			return
		}
		if strings.Contains(line, "FSD") {
			o.told, o.toldAt = true, w.at()
			w.say("host %d is told to go down", o.number)
			if o.rest(plan.Span(plan.Stream(w.plan.Seed, line+fmt.Sprint(o.number)), time.Second, 8*time.Second)) {
				o.up = false
				w.say("host %d logs out and goes down", o.number)
				_, _ = ask("LOGOUT")
			}
			return
		}
	}
}

// othersTold looks, when the shutdown command is given, whether all who were logged
// in were told before.
func (w *world) othersTold() {
	for _, o := range w.others.hosts {
		if o.up && o.in && !o.away && !o.told && w.at()-o.inAt > 2*w.config.HostSync {
			w.broken(OthersTold, "host %d is logged in since %s and was not", o.number, o.inAt.Round(time.Second))
		}
	}
}

// othersDark has the others lose their power with the output.
func (w *world) othersDark() {
	for _, o := range w.others.hosts {
		o.up, o.in = false, false
		if o.conn != nil {
			o.conn.Close()
		}
	}
}

// othersBoot has them boot when the output is on again.
func (w *world) othersBoot() {
	for _, o := range w.others.hosts {
		w.after(plan.Span(w.chance(), 20*time.Second, time.Minute), func() {
			if w.powered() && !o.up {
				o.up, o.told = true, false
			}
		})
	}
}

// judgeOthers looks whether all are up again.
func (w *world) judgeOthers() {
	for _, o := range w.others.hosts {
		switch {
		case o.up:
		case w.config.SecondariesTold == config.ToldCancel, w.promises.lateBlind, w.command.failed, w.plan.Units[0].Cancels:
			w.tell("host %d stays down: the shutdown was called off as configured, or the UPS did not cut its output", o.number)
		default:
			w.broken(OthersReturn, "host %d does not, it went down %s ago", o.number, (w.at() - o.toldAt).Round(time.Second))
		}
	}
}

// othersEnd ends them with the world.
func (w *world) othersEnd() {
	for _, o := range w.others.hosts {
		close(o.stopped)
		if o.conn != nil {
			o.conn.Close()
		}
	}
}
