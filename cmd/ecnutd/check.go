package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ecnutd/config"
	"ecnutd/hid/power"
	"ecnutd/internal/discovery"
	"ecnutd/internal/discovery/remote"
	"ecnutd/internal/host"
	"ecnutd/internal/host/doctor"
	"ecnutd/internal/host/killpower"
	"ecnutd/internal/nut/client"
	"ecnutd/internal/routes"
	"ecnutd/internal/target"
	"ecnutd/internal/terminal"
	"ecnutd/ups"
)

// A checked is what check found; its JSON is what check --json prints.
type checked struct {
	Config   string           `json:"config"`
	Errors   []config.Finding `json:"errors,omitempty"`
	Findings []config.Finding `json:"findings,omitempty"`
	Devices  []string         `json:"devices,omitempty"` // models that it was compared with
	Routes   []routeVerdict   `json:"routes,omitempty"`
}

// A routeVerdict is what came of a test message.
type routeVerdict struct {
	Route string `json:"route"`
	Error string `json:"error,omitempty"`
}

func checkCommand(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "check",
		GroupID: groupSetup,
		Short:   "Prove the configuration, on its own and against the UPS",
		Long: `Reads the configuration and says what is wrong with it, and what would not do
what it is meant for. With a UPS at hand it is compared with what that says: a
timer of 20 minutes on a battery that lasts 10 is a finding.

Exit status 1 when the configuration cannot be used, or with --strict when there
is any finding.`,
		Args: exactArgs(),
	}
	asJSON := jsonFlag(cmd)
	send := cmd.Flags().Bool("send", false, "send a test message on every route, for real")
	strict := cmd.Flags().Bool("strict", false, "fail on findings too")
	alone := cmd.Flags().Bool("no-device", false, "do not look at a UPS")
	src := addSource(cmd, g)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		result := checked{Config: g.config}
		c, findings, err := config.Load(g.config)
		var wrong config.Errors
		switch {
		case errors.As(err, &wrong):
			for _, e := range wrong {
				result.Errors = append(result.Errors, config.Finding(e))
			}
		case err != nil:
			return err
		default:
			result.Findings = append(findings, c.OnHost(doctor.DaemonEyes())...)
			result.build(c)
			result.served(c)
			result.network(c)
			if !*alone {
				if err := result.compare(cmd, c, g, src); err != nil {
					return err
				}
			}
			if *send {
				result.Routes = trySend(cmd.Context(), c)
			}
		}
		if err := result.print(cmd.OutOrStdout(), *asJSON); err != nil {
			return err
		}
		failed := len(result.Errors)
		for _, r := range result.Routes {
			if r.Error != "" {
				failed++
			}
		}
		if failed > 0 || *strict && len(result.Findings) > 0 {
			return fmt.Errorf("%s: %d errors, %d findings", g.config, failed, len(result.Findings))
		}
		return nil
	}
	return cmd
}

// build makes each route, which proves its templates. One whose secret is not
// there is a finding already.
func (r *checked) build(c *config.Config) {
	for _, route := range c.Messages.Routes {
		key := "messages.routes." + route.Name
		told := slices.ContainsFunc(r.Findings, func(f config.Finding) bool { return strings.HasPrefix(f.Key, key+".") })
		if _, err := routes.New(route); err != nil && !told {
			r.Errors = append(r.Errors, c.Found(key, "%v", err))
		}
	}
}

// served finds blocks that no device can be, by the ids in them.
func (r *checked) served(c *config.Config) {
	for _, u := range c.UPS {
		if u.Remote != "" || u.Device != config.Auto {
			continue
		}
		if why := discovery.Unserved(u.Match); why != "" {
			r.Findings = append(r.Findings, c.Found("ups."+u.Name+".match", "%s is never found: %s", u.Name, why))
		}
	}
}

// network finds what clients would stumble over.
func (r *checked) network(c *config.Config) {
	for _, problem := range doctor.CertificateProblems(c.Network, doctor.Names(), time.Now()) {
		r.Findings = append(r.Findings, c.Found("network.certificate", "%s", problem))
	}
	for _, a := range doctor.InClear(c.Network, doctor.Addresses()) {
		r.Findings = append(r.Findings, c.Found("network.listen", "%s is an address of the internet, and without network.certificate passwords go there in clear", a))
	}
}

// compare looks at the UPSs: the one of this name, or each; a device that the
// command line gives stands for the first. That there is none is no finding: a
// configuration may be checked elsewhere.
func (r *checked) compare(cmd *cobra.Command, c *config.Config, g *globals, src *source) error {
	which := c.UPS
	if g.ups != "" {
		u, err := target.Choose(c, g.ups)
		if err != nil {
			return err
		}
		which = []config.UPS{u}
	} else if src.Given() {
		which = which[:1]
	}
	for _, u := range which {
		if u.Remote != "" && !src.Given() {
			if err := remote.CheckLogin(cmd.Context(), u); errors.Is(err, client.ErrLogin) || errors.Is(err, client.ErrTLS) {
				r.Findings = append(r.Findings, c.Found("ups."+u.Name+".remote", "%s", host.OneLine(err.Error())))
			}
		}
		vars, ground, err := saidBy(cmd, g, src, u.Name)
		switch {
		case errors.Is(err, power.ErrNotUPS), errors.Is(err, power.ErrSilent):
			r.Findings = append(r.Findings, c.Found("ups."+u.Name, "this host is not protected by it: %s", host.OneLine(err.Error())))
			continue
		case err != nil:
			note(cmd, "%s is not compared with a UPS: %s", u.Name, host.OneLine(err.Error()))
			continue
		}
		r.Devices = append(r.Devices, vars["ups.model"])
		r.Findings = append(r.Findings, c.Check(u.Name, vars, ground)...)
		if err := killpower.Unready(cmd.Context(), c, u, discovery.Opener(&src.Source, discovery.NewClaims(c.UPS), u), discovery.Families); err != nil {
			r.Findings = append(r.Findings, c.Found("kill_power.command", "%s: %s", u.Name, host.OneLine(err.Error())))
		}
	}
	return nil
}

// saidBy is what a UPS says of itself, and what of it decisions can stand on.
func saidBy(cmd *cobra.Command, g *globals, src *source, name string) (vars ups.Variables, ground ups.Ground, err error) {
	named := *g
	named.ups = name
	t, err := reach(cmd, &named, src, false)
	if err != nil {
		return nil, ground, err
	}
	defer t.Close()
	if vars, err = t.Variables(cmd.Context()); err != nil {
		return nil, ground, err
	}
	ground, err = t.Ground(cmd.Context())
	return vars, ground, err
}

// variablesOf reads the variables of a UPS.
func variablesOf(ctx context.Context, open discovery.Open) (ups.Variables, error) {
	seen, err := discovery.LookBy(ctx, open, discovery.Looking{})
	if err != nil {
		return nil, err
	}
	return seen.Decoder.Variables(), nil
}

// trySend sends a test message on every route and tells what came of each.
func trySend(ctx context.Context, c *config.Config) []routeVerdict {
	var verdicts []routeVerdict
	for _, r := range c.Messages.Routes {
		v := routeVerdict{Route: r.Name}
		if err := routes.Deliver(ctx, r, testMessage(c.Language)); err != nil {
			v.Error = err.Error()
		}
		verdicts = append(verdicts, v)
	}
	return verdicts
}

func testMessage(l ups.Language) string {
	if l == ups.French {
		return "ecnutd : message d'essai. Si vous le lisez, les alertes de l'onduleur arriveront."
	}
	return "ecnutd: test message. If you read this, the warnings of the UPS will arrive."
}

// checkIndent is where the text of a finding begins.
const checkIndent = 9

func (r checked) print(stdout io.Writer, asJSON bool) error {
	if asJSON {
		return emitJSON(stdout, r)
	}
	return emitFolded(stdout, checkIndent, func(w io.Writer, p terminal.Palette) error {
		for _, e := range r.Errors {
			fmt.Fprintf(w, "%s %s\n", p.Bad("error:  "), e)
		}
		for _, f := range r.Findings {
			fmt.Fprintf(w, "%s %s\n", p.Warn("finding:"), f)
		}
		if len(r.Errors)+len(r.Findings) == 0 {
			against := ""
			if len(r.Devices) > 0 {
				against = ", also for the " + strings.Join(r.Devices, " and the ") + " as it is now"
			}
			fmt.Fprintf(w, "%s %s is in order%s\n", p.Good("ok:     "), r.Config, against)
		}
		for _, v := range r.Routes {
			if v.Error == "" {
				fmt.Fprintf(w, "%s the route %s took a test message\n", p.Good("sent:   "), v.Route)
			} else {
				fmt.Fprintf(w, "%s %s: %s\n", p.Bad("error:  "), v.Route, v.Error)
			}
		}
		return nil
	})
}
