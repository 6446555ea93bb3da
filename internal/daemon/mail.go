package daemon

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"ecnutd/config"
	"ecnutd/internal/engine"
	"ecnutd/internal/notice"
	"ecnutd/internal/routes"
	"ecnutd/internal/store"
	"ecnutd/sms"
)

// mail is how messages leave: the outbox and its change when the configuration
// does, and the dead man's signal.
type mail struct {
	out    *Outside
	store  *store.Store
	box    *sms.Outbox
	faults []string // what of it does not work as configured
	group  *group   // what delivers

	verdict func(sms.Entry) // hears what became of each message

	config   *config.Config // of the outbox, or of the next one
	made     *config.Config // what the outbox at work is made of
	stop     context.CancelFunc
	ended    chan struct{} // closed when the outbox has
	changing bool          // it was told to end for another one

	stopHeart context.CancelFunc
}

// newMail makes the outbox of a configuration, with what waits in the store. It
// does not deliver yet.
func newMail(out *Outside, c *config.Config, s *store.Store, verdict func(sms.Entry)) *mail {
	m := &mail{out: out, store: s, config: c, verdict: verdict, stopHeart: func() {}}
	m.box = m.make()
	m.sayRoutes()
	if err := s.Join(m.box); err != nil && !errors.Is(err, store.ErrNotYet) {
		out.Log.Error("what waits to be sent cannot be read", "reason", err)
	}
	return m
}

// make makes the outbox of the configuration. What of it does not work is a
// fault until the next one is made.
func (m *mail) make() *sms.Outbox {
	clock := m.out.Clock
	m.made = m.config
	base := sms.Options{
		Boot: m.out.Boot, Uptime: func() time.Duration { return time.Duration(clock.Now()) },
		Idle: m.out.Notify.Rested, Log: m.out.Log, Steady: m.out.Steady,
		OnVerdict: m.verdict,
	}
	if m.store.Kept() {
		base.Touch = m.store.Touch
	}
	box, err := routes.Outbox(m.config, m.out.Messages.Route, base)
	m.faults = nil
	if err != nil {
		m.out.Log.Error(err.Error())
		m.faults = append(m.faults, err.Error())
	}
	return box
}

// sayRoutes says in the log whether anybody is told.
func (m *mail) sayRoutes() {
	var names []string
	for _, r := range m.config.Messages.Routes {
		names = append(names, r.Name)
	}
	if len(names) == 0 {
		m.out.Log.Warn("there is no route for messages: nobody is told")
		return
	}
	m.out.Log.Info("messages leave by these routes", "routes", strings.Join(names, ", "))
}

// start has the outbox deliver in a group, until it is told to end.
func (m *mail) start(g *group) {
	ctx, stop := g.part()
	done, box := make(chan struct{}), m.box
	g.run(func(context.Context) {
		defer close(done)
		box.Run(ctx)
	})
	g.run(func(context.Context) {
		for range m.out.Messages.Uplink(ctx) {
			box.Kick()
		}
	})
	m.group, m.stop, m.ended = g, stop, done
}

// follow takes another configuration over: the outbox ends, in a few seconds
// where a request hangs, and change puts the next one in its place.
func (m *mail) follow(c *config.Config) {
	m.config, m.changing = c, true
	m.stop()
}

// change puts an outbox of the new configuration in the place of one that was
// told to end and has. Two at work would send what waits twice.
func (m *mail) change() {
	old, next := m.box, m.make()
	m.store.Swap(old, next, func() { next.Inherit(old) })
	m.box, m.changing = next, false
	m.start(m.group)
}

// hurry has what waits sent before the host goes down: at once, by fallbacks
// too, and for at most limit, after which the command comes. The rest is sent
// after the reboot.
func (m *mail) hurry(limit time.Duration) {
	box := m.box
	m.group.run(func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		if err := box.Flush(ctx); err != nil {
			m.out.Log.Warn(err.Error())
		}
	})
}

// end lets what waits out for at most limit, and ends. What is left is sent
// after the next start.
func (m *mail) end(limit time.Duration) {
	if m.changing {
		<-m.ended
		m.change()
	}
	if len(m.box.Pending()) > 0 {
		ctx, cancel := context.WithTimeout(m.group.ctx, limit)
		if err := m.box.Flush(ctx); err != nil {
			m.out.Log.Warn(err.Error())
		}
		cancel()
	}
	m.stop()
	<-m.ended
}

// queue queues the messages of a step, each for the routes that tell of its event,
// and returns their ids; 0 for one that none does, or that cannot be queued.
func (m *mail) queue(said []engine.Message, at time.Time) (ids []uint64) {
	for _, one := range said {
		var id uint64
		if message, ok := notice.Of(m.made, m.out.Host, one, at); ok {
			var err error
			if id, err = m.box.Queue(message); err != nil {
				m.out.Log.Error("a message cannot be queued", "text", one.Text, "reason", err)
			}
		}
		ids = append(ids, id)
	}
	return ids
}

// heart sends the dead man's signal of a configuration in a group while all is
// well, in the place of the one before.
func (m *mail) heart(g *group, h config.Heartbeat, well func(context.Context) bool) {
	m.stopHeart()
	m.stopHeart = func() {}
	if h.URL.IsZero() {
		return
	}
	ctx, stop := g.part()
	beat, err := m.out.Messages.Heartbeat(h, func() bool { return well(ctx) }, func(err error) {
		m.out.Log.Warn("the heartbeat was not taken, whoever expects it may raise the alarm", "reason", err)
	})
	if err != nil {
		stop()
		m.out.Log.Error("messages.heartbeat: no signal is sent", "reason", err)
		return
	}
	g.run(func(context.Context) { beat(ctx) })
	m.stopHeart = stop
}

// told are the faults of the messages, for people.
func (m *mail) told() []string {
	list := slices.Clone(m.faults)
	if fault := m.box.Fault(); fault != nil && !slices.Contains(list, fault.Error()) {
		list = append(list, fault.Error())
	}
	return list
}
