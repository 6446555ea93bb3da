// Package check proves a configuration: on its own, on this host, and against what
// a UPS says. It finds what could not run, and what would not do what it is meant for.
package check

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"ecnutd/config"
	"ecnutd/hid/power"
	"ecnutd/internal/discovery"
	"ecnutd/internal/discovery/remote"
	"ecnutd/internal/host"
	"ecnutd/internal/host/doctor"
	"ecnutd/internal/host/killpower"
	"ecnutd/internal/nut/client"
	"ecnutd/internal/routes"
	"ecnutd/internal/terminal"
	"ecnutd/internal/texts/catalogue"
	"ecnutd/ups"
)

// A Result is what was found; its JSON is what check --json prints.
type Result struct {
	Config   string           `json:"config"`
	Errors   []config.Finding `json:"errors,omitempty"`
	Findings []config.Finding `json:"findings,omitempty"`
	Devices  []string         `json:"devices,omitempty"` // models that it was compared with
	Routes   []Verdict        `json:"routes,omitempty"`
}

// A Verdict is what came of a test message.
type Verdict struct {
	Route string `json:"route"`
	Error string `json:"error,omitempty"`
}

// Load reads the configuration at a path and looks at it on its own and on this
// host, with eyes as the daemon will see it (nil: as who asks does). What is wrong with it is in the result, and then c is nil; an error means
// that it could not be looked at.
func Load(path string, eyes config.Eyes) (c *config.Config, r *Result, err error) {
	r = &Result{Config: path}
	c, findings, err := config.Load(path)
	if wrong, ok := errors.AsType[config.Errors](err); ok {
		for _, e := range wrong {
			r.Errors = append(r.Errors, config.Finding(e))
		}
		return nil, r, nil
	}
	if err != nil {
		return nil, nil, err
	}
	r.Findings = append(findings, c.OnHost(eyes)...)
	if err := host.OnlyRootWrites(path); err != nil {
		r.Findings = append(r.Findings, c.Found("shutdown_command", "%s counts for nothing at the shutdown, and /usr/sbin/poweroff is run: %v", path, err))
	}
	r.inClear(c)
	r.build(c)
	r.told(c)
	r.served(c)
	r.network(c)
	return c, r, nil
}

// Failed is how many errors there are, those of test messages too.
func (r *Result) Failed() int {
	failed := len(r.Errors)
	for _, v := range r.Routes {
		if v.Error != "" {
			failed++
		}
	}
	return failed
}

// build makes each route, which proves its templates. One whose secret is not
// there is a finding already.
func (r *Result) build(c *config.Config) {
	for _, route := range c.Messages.Routes {
		key := "messages.routes." + route.Name
		told := slices.ContainsFunc(r.Findings, func(f config.Finding) bool { return strings.HasPrefix(f.Key, key+".") })
		if _, err := routes.New(route); err != nil && !told {
			r.Errors = append(r.Errors, c.Found(key, "%v", err))
		}
	}
}

// told finds that nobody is told: there is no route, and no program of an outage
// that may tell somebody. That a message of the configuration's own has no way to
// leave is a finding already.
func (r *Result) told(c *config.Config) {
	if len(c.Messages.Routes) > 0 || slices.ContainsFunc(r.Findings, func(f config.Finding) bool { return strings.Contains(f.Msg, "messages.routes") }) {
		return
	}
	for _, e := range []ups.Event{ups.EventOnBattery, ups.EventLowBattery, ups.EventShutdown} {
		if len(c.Events[e].Exec) > 0 {
			return
		}
	}
	r.Findings = append(r.Findings, c.Found("messages.routes", "there is no route, so nobody is told of an outage but on this host"))
}

// served finds blocks that no device can be, by the ids in them.
func (r *Result) served(c *config.Config) {
	for _, u := range c.UPS {
		if u.Remote != "" || u.Device != config.Auto {
			continue
		}
		if why := discovery.Unserved(u); why != "" {
			r.Findings = append(r.Findings, c.Found("ups."+u.Name+".match", "%s is never found: %s", u.Name, why))
		}
	}
}

// network finds what clients would stumble over.
func (r *Result) network(c *config.Config) {
	for _, problem := range doctor.CertificateProblems(c.Network, doctor.Names(), time.Now()) {
		r.Findings = append(r.Findings, c.Found("network.certificate", "%s", problem))
	}
	for _, a := range doctor.InClear(c.Network, doctor.Addresses()) {
		r.Findings = append(r.Findings, c.Found("network.listen", "%s is an address of the internet, and without network.certificate passwords go there in clear", a))
	}
}

// Ask is how a UPS is asked what it says of itself, and what of it decisions can
// stand on. block is its name in the configuration.
type Ask func(ctx context.Context, block string) (ups.Variables, ups.Ground, error)

// Against compares the configuration with the UPSs of these blocks. src is where
// the command line says that they are. That there is none is no finding, but a
// note: a configuration may be checked elsewhere.
func (r *Result) Against(ctx context.Context, c *config.Config, blocks []config.UPS, src *discovery.Source, ask Ask, note func(format string, args ...any)) {
	for _, u := range blocks {
		if u.Remote != "" && !src.Given() {
			if err := remote.CheckLogin(ctx, u); errors.Is(err, client.ErrLogin) || errors.Is(err, client.ErrTLS) {
				r.Findings = append(r.Findings, c.Found("ups."+u.Name+".remote", "%s", host.OneLine(err.Error())))
			}
		}
		vars, ground, err := ask(ctx, u.Name)
		switch {
		case errors.Is(err, power.ErrNotUPS), errors.Is(err, power.ErrSilent):
			r.Findings = append(r.Findings, c.Found("ups."+u.Name, "this host is not protected by it: %s", host.OneLine(err.Error())))
			continue
		case err != nil:
			note("%s is not compared with a UPS: %s", u.Name, host.OneLine(err.Error()))
			continue
		}
		r.Devices = append(r.Devices, vars["ups.model"])
		r.Findings = append(r.Findings, c.Check(u.Name, vars, ground)...)
		if err := killpower.Unready(ctx, c, u, discovery.Opener(src, discovery.NewClaims(c.UPS), u), discovery.Families); err != nil {
			r.Findings = append(r.Findings, c.Found("kill_power.command", "%s: %s", u.Name, host.OneLine(err.Error())))
		}
	}
}

// Send sends a test message on every route and notes what came of each.
func (r *Result) Send(ctx context.Context, c *config.Config) {
	for _, route := range c.Messages.Routes {
		v := Verdict{Route: route.Name}
		if err := routes.Deliver(ctx, route, routes.ByHand(TestMessage(c.Language))); err != nil {
			v.Error = err.Error()
		}
		r.Routes = append(r.Routes, v)
	}
}

// TestMessage is the text of a test message.
func TestMessage(l ups.Language) string {
	if l == ups.French {
		return "ecnutd : message d'essai. Si vous le lisez, les alertes de l'onduleur arriveront."
	}
	return "ecnutd: test message. If you read this, the warnings of the UPS will arrive."
}

// Indent is where the text of a finding begins.
const Indent = 9

// Print writes the result for a person, in a language.
func (r *Result) Print(w io.Writer, p terminal.Palette, l ups.Language) {
	row := func(paint func(string) string, word, text string) {
		fmt.Fprintf(w, "%s %s\n", paint(fmt.Sprintf("%-8s", catalogue.Say(l, word))), catalogue.Translate(l, text))
	}
	for _, e := range r.Errors {
		row(p.Bad, "error:", e.String())
	}
	for _, f := range r.Findings {
		row(p.Warn, "finding:", f.String())
	}
	if len(r.Errors)+len(r.Findings) == 0 {
		text := catalogue.Say(l, "%s is in order", r.Config)
		if len(r.Devices) > 0 {
			text = catalogue.Say(l, "%s is in order, also for the %s as it is now", r.Config, strings.Join(r.Devices, catalogue.Say(l, " and the ")))
		}
		row(p.Good, "ok:", text)
	}
	for _, v := range r.Routes {
		if v.Error == "" {
			row(p.Good, "sent:", catalogue.Say(l, "the route %s took a test message", v.Route))
		} else {
			row(p.Bad, "error:", v.Route+": "+v.Error)
		}
	}
}
