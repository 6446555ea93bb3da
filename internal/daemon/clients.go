package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"slices"
	"sync/atomic"
	"time"

	"ecnutd/config"
	"ecnutd/hid/power"
	"ecnutd/hid/power/family"
	"ecnutd/internal/control"
	"ecnutd/internal/engine"
	"ecnutd/internal/nut/server"
	"ecnutd/internal/wake"
	"ecnutd/monitor"
	"ecnutd/ups"
)

// abilities are what a UPS can be told to do.
type abilities struct {
	settings []server.Setting
	commands []server.Command
}

func abilitiesOf(d *power.Decoder) *abilities {
	can := &abilities{}
	for _, s := range d.Writable() {
		one := server.Setting{Name: s.Name}
		switch s.Type {
		case family.EnumSetting:
			one.Enum = s.Choices
		case family.RangeSetting:
			one.Range, one.Min, one.Max = true, s.Min, s.Max
		default:
			one.Length = mostText
		}
		can.settings = append(can.settings, one)
	}
	for _, c := range d.Commands() {
		can.commands = append(can.commands, server.Command{Name: c.Name, Description: c.Description, Cuts: c.Cuts})
	}
	return can
}

// cuts reports whether one of the commands cuts the output.
func (a *abilities) cuts() bool {
	return slices.ContainsFunc(a.commands, func(c server.Command) bool { return c.Cuts })
}

// mostText is the longest text that a setting takes: a date.
const mostText = 10

// clients are those of NUT: the server that answers them, and what they see. It
// reads what the loop has published, and reaches the loop as the control socket
// does.
type clients struct {
	log       *slog.Logger
	version   string // of the program
	backend   server.Backend
	listen    func(ctx context.Context, network, address string) (net.Listener, error)
	server    *server.Server
	published atomic.Pointer[server.View]
	logins    chan struct{} // a token: some of them logged in or out
	glimpses  []glimpse     // that is how it was
	faults    []string      // what of the network does not work as configured
	listening bool
	pair      *server.Certificate // nil where there is none
	wake      wake.Plan           // of those that have gone down
}

func newClients(out *Outside, d *Daemon) *clients {
	return &clients{log: out.Log, version: out.Version, backend: clientsOf{d}, listen: out.Listen, logins: make(chan struct{}, 1)}
}

// certificate reads that of a configuration; nil where it has none.
func certificate(n config.Network) (*server.Certificate, error) {
	if n.Certificate == "" {
		return nil, nil
	}
	pair, err := server.LoadCertificate(n.Certificate, n.Key)
	if err != nil {
		return nil, fmt.Errorf("network.certificate: %w", err)
	}
	return pair, nil
}

// endsSoon is how long before the end of a certificate people are told.
const endsSoon = 14 * 24 * time.Hour

// wrong is what of the network does not work as configured, or soon will not.
func (c *clients) wrong(day time.Time) []string {
	list := slices.Clone(c.faults)
	for _, l := range c.server.Listening() {
		if l.Fault != nil {
			list = append(list, l.Fault.Error())
		}
	}
	if c.pair == nil {
		return list
	}
	until := c.pair.Until()
	switch left := until.Sub(day); {
	case left <= 0:
		list = append(list, "network.certificate: it ended on "+until.Format(time.DateOnly)+": clients that check it do not connect")
	case left <= endsSoon:
		list = append(list, "network.certificate: it ends on "+until.Format(time.DateOnly)+"; a renewed one is taken by itself")
	}
	if err := c.pair.Fault(); err != nil {
		list = append(list, "network.certificate: the one before goes on: "+err.Error())
	}
	return list
}

// configure has the server go by a configuration, with the certificate of that.
// What it shows is to be published anew.
func (c *clients) configure(n config.Network, pair *server.Certificate) {
	c.pair = pair
	c.faults, c.glimpses = nil, nil // descriptions may be others now
	c.listening = len(n.Listen) > 0
	s := server.Settings{Listen: n.Listen, MaxConnections: n.MaxConnections, Idle: n.Idle}
	users, errs := serverUsers(n)
	for _, err := range errs {
		c.fault(err)
	}
	s.Users = users
	if pair != nil {
		s.TLS = pair.Config()
	}
	if c.server == nil {
		c.server = server.New(c.backend, s, c.log)
		if c.listen != nil {
			c.server.ListenBy(c.listen)
		}
		return
	}
	c.server.Configure(s)
}

// fault keeps and tells what does not work as configured.
func (c *clients) fault(err error) {
	c.log.Error(err.Error())
	c.faults = append(c.faults, err.Error())
}

// serverUsers are the users as the server knows them. Those whose password
// cannot be read or is not taken are left out, each with an error.
func serverUsers(n config.Network) (users []server.User, errs []error) {
	for _, u := range n.Users {
		password, err := u.Password.Value()
		if err == nil {
			var one server.User
			if one, err = server.NewUser(u.Name, password, server.Role(u.Role), u.Actions, u.InstCmds); err == nil {
				users = append(users, one)
				continue
			}
		}
		errs = append(errs, fmt.Errorf("network.users.%s: this user cannot log in: %w", u.Name, err))
	}
	return users, errs
}

// A glimpse tells whether what clients see of a UPS has changed.
type glimpse struct {
	version int // of the variables
	status  ups.Status
	link    monitor.Link
}

// publish shows clients how things are, where that has changed: mostly a report
// says what the one before said. It runs in the loop.
func (c *clients) publish(blocks []config.UPS, state *monitor.State, all *units) {
	if !c.listening {
		if c.published.Load() == nil {
			c.published.Store(server.NewView(c.version, nil))
		}
		return
	}
	var glimpses []glimpse
	for i, b := range blocks {
		one := glimpse{version: all.of(b.Name).version}
		if i < len(state.Supplies) {
			s := &state.Supplies[i]
			one.status, one.link = engine.Status(state, s), s.Link
		}
		glimpses = append(glimpses, one)
	}
	if c.glimpses != nil && slices.Equal(glimpses, c.glimpses) {
		return
	}
	c.glimpses = glimpses
	var list []server.UPS
	for i, b := range blocks {
		var s *monitor.SupplyState
		if i < len(state.Supplies) {
			s = &state.Supplies[i]
		}
		list = append(list, shown(b, state, s, all.of(b.Name)))
	}
	c.published.Store(server.NewView(c.version, list))
}

// shown is what clients see of a UPS: its variables, with the status that
// decisions are made on. While the host goes down that is shown even if the UPS
// itself is silent: who hangs on it must learn of the shutdown. s is nil where
// nothing was decided yet.
func shown(b config.UPS, state *monitor.State, s *monitor.SupplyState, one unit) server.UPS {
	u := server.UPS{Name: b.Name, Aliases: b.Names, Description: b.Description, Variables: ups.Variables{}}
	if one.can != nil {
		u.Settings, u.Commands = one.can.settings, one.can.commands
	}
	if s == nil {
		return u
	}
	status := engine.Status(state, s)
	switch {
	case status.Has(ups.ForcedShutdown), s.Link == monitor.Linked && one.variables != nil:
		u.State = server.Current
	case s.Link == monitor.NeverHeard || one.variables == nil:
		return u
	default:
		u.State = server.Stale
	}
	if one.variables != nil {
		u.Variables = maps.Clone(one.variables)
	}
	u.Variables["ups.status"] = status.String()
	return u
}

// countLogins tells the monitor how many hosts wait for the order to go down.
// It runs in the loop.
func (d *Daemon) countLogins() {
	if n := d.clients.server.Logins(); n != d.state.Secondaries {
		d.step(monitor.Secondaries{N: n})
	}
}

// clientsOf is the daemon as the server sees it.
type clientsOf struct{ d *Daemon }

// View is what was published last.
func (c clientsOf) View() *server.View { return c.d.clients.published.Load() }

// LoginsChanged wakes the loop.
func (c clientsOf) LoginsChanged() {
	select {
	case c.d.clients.logins <- struct{}{}:
	default: // it is awake, and will ask for the number
	}
}

// ForceShutdown is the request FSD.
func (c clientsOf) ForceShutdown(ctx context.Context, name string, who server.Who) error {
	return c.d.ask(ctx, func() {
		i := slices.IndexFunc(c.d.rules().Supplies, func(s monitor.Supply) bool { return s.Name == name })
		if i < 0 {
			return // a reload has taken it away
		}
		c.d.outside.Log.Warn("a forced shutdown was asked for", "ups", name, "user", who.User, "address", who.Address)
		c.d.step(monitor.ForceSupply{Supply: i, Reason: "FSD, " + who.User + "@" + who.Address})
	})
}

// Order is INSTCMD and SET VAR. A command that can cut the load is one that the
// user's block names: that is the consent.
func (c clientsOf) Order(ctx context.Context, o server.Order) server.Outcome {
	w, err := c.d.watcherOf(ctx, o.UPS)
	if err != nil {
		return server.Failed
	}
	kind := command
	if o.Set {
		kind = setting
	}
	done, err := c.d.order(ctx, w, control.Order{Name: o.Name, Value: o.Value, YesCut: true}, kind, "user", o.Who.User, "address", o.Who.Address)
	switch {
	case err != nil:
		return server.Failed
	case done.Done:
		return server.Done
	case done.Outcome == control.OutcomeNotThere:
		return server.Unsupported
	case done.Outcome == control.OutcomeNotSent && o.Value != "" && !c.d.outside.DryRun:
		return server.Invalid
	}
	return server.Failed
}
