package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"maps"
	"slices"

	"ecnutd/config"
	"ecnutd/hid/power"
	"ecnutd/internal/control"
	"ecnutd/internal/engine"
	"ecnutd/internal/nut/server"
	"ecnutd/monitor"
	"ecnutd/ups"
)

// This file puts the server for the clients of NUT in front of the daemon. It
// reads what the loop has published, and reaches the loop as the control
// socket does.

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
		case power.EnumSetting:
			one.Enum = s.Choices
		case power.RangeSetting:
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

// mostText is the longest text that a setting takes: a date.
const mostText = 10

// openNetwork has the server go by the configuration.
func (d *daemon) openNetwork() {
	n := d.config.Network
	d.netFaults = nil
	s := server.Settings{Listen: n.Listen, MaxConnections: n.MaxConnections, Idle: n.Idle}
	fault := func(err error) {
		d.log.Error(err.Error())
		d.netFaults = append(d.netFaults, err.Error())
	}
	users, errs := serverUsers(n)
	for _, err := range errs {
		fault(err)
	}
	s.Users = users
	if n.Certificate != "" {
		pair, err := tls.LoadX509KeyPair(n.Certificate, n.Key)
		if err != nil {
			fault(fmt.Errorf("network.certificate: no connection is encrypted: %w", err))
		} else {
			s.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
		}
	}
	d.glimpses = nil // descriptions may be others now
	if d.server == nil {
		d.publish()
		d.server = server.New(clientsOf{d}, s, d.log)
		return
	}
	d.server.Configure(s)
	d.publish()
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
func (d *daemon) publish() {
	var glimpses []glimpse
	for i, supply := range d.rules.Supplies {
		one := glimpse{version: d.latest[supply.Name].version}
		if i < len(d.state.Supplies) {
			s := &d.state.Supplies[i]
			one.status, one.link = engine.Status(&d.state, s), s.Link
		}
		glimpses = append(glimpses, one)
	}
	if d.glimpses != nil && slices.Equal(glimpses, d.glimpses) {
		return
	}
	d.glimpses = glimpses
	var list []server.UPS
	if len(d.config.Network.Listen) > 0 {
		for i, supply := range d.rules.Supplies {
			var s *monitor.SupplyState
			if i < len(d.state.Supplies) {
				s = &d.state.Supplies[i]
			}
			list = append(list, d.shown(supply.Name, s))
		}
	}
	d.published.Store(server.NewView(buildVersion(), list))
}

// shown is what clients see of a UPS: its variables, with the status that
// decisions are made on. While the host goes down that is shown even if the UPS
// itself is silent: who hangs on it must learn of the shutdown.
func (d *daemon) shown(name string, s *monitor.SupplyState) server.UPS {
	l := d.latest[name]
	u := server.UPS{Name: name, Description: d.description(name), Variables: ups.Variables{}}
	if l.can != nil {
		u.Settings, u.Commands = l.can.settings, l.can.commands
	}
	if s == nil {
		return u
	}
	status := engine.Status(&d.state, s)
	switch {
	case status.Has(ups.ForcedShutdown), s.Link == monitor.Linked && l.variables != nil:
		u.State = server.Current
	case s.Link == monitor.NeverHeard || l.variables == nil:
		return u
	default:
		u.State = server.Stale
	}
	if l.variables != nil {
		u.Variables = maps.Clone(l.variables)
	}
	u.Variables["ups.status"] = status.String()
	return u
}

// countLogins tells the monitor how many hosts wait for the order to go down.
// It runs in the loop.
func (d *daemon) countLogins() {
	if n := d.server.Logins(); n != d.state.Secondaries {
		d.step(monitor.Secondaries{N: n})
	}
}

// clientsOf is the daemon as the server sees it.
type clientsOf struct{ d *daemon }

// View is what was published last.
func (c clientsOf) View() *server.View { return c.d.published.Load() }

// LoginsChanged wakes the loop.
func (c clientsOf) LoginsChanged() {
	select {
	case c.d.logins <- struct{}{}:
	default: // it is awake, and will ask for the number
	}
}

// ForceShutdown is the request FSD.
func (c clientsOf) ForceShutdown(ctx context.Context, name string, who server.Who) error {
	return c.d.ask(ctx, func() {
		i := slices.IndexFunc(c.d.rules.Supplies, func(s monitor.Supply) bool { return s.Name == name })
		if i < 0 {
			return // a reload has taken it away
		}
		c.d.log.Warn("a forced shutdown was asked for", "ups", name, "user", who.User, "address", who.Address)
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
	case done.Outcome == control.OutcomeNotSent && o.Value != "" && !c.d.dryRun:
		return server.Invalid
	}
	return server.Failed
}
