package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ecnutd/internal/control"
	"ecnutd/internal/discovery"
	"ecnutd/internal/host/shutdown"
	"ecnutd/internal/terminal"
	"ecnutd/monitor"
	"ecnutd/ups"
)

func statusCommand(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "status",
		GroupID: groupDaemon,
		Short:   "How things are, and what happens next and when",
		Long: `Asks the daemon how things are: the state of each UPS, since when, what happens
next and when, and which messages wait. Where no daemon runs, or with --device,
--simulate or --replay, the UPS itself is asked.`,
		Args: exactArgs(),
	}
	asJSON := jsonFlag(cmd)
	src := addSource(cmd, g)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		s, err := askStatus(cmd, g, src)
		if err != nil {
			return err
		}
		if *asJSON {
			return emitJSON(cmd.OutOrStdout(), s)
		}
		return emit(cmd.OutOrStdout(), func(w io.Writer) error {
			p := terminal.Paint(cmd.OutOrStdout())
			var b strings.Builder
			printStatus(s, &b, p, time.Now())
			_, err := io.WriteString(w, p.Fold(b.String(), statusIndent))
			return err
		})
	}
	return cmd
}

// askStatus asks the daemon, or where none runs the UPS.
func askStatus(cmd *cobra.Command, g *globals, src *source) (control.Status, error) {
	if !src.Given() {
		s, err := daemonOf(g).Status(cmd.Context())
		if err == nil || !errors.Is(err, control.ErrNoDaemon) {
			return s, err
		}
		note(cmd, "%v; this is what the UPS itself says", err)
	}
	return statusOfDevice(cmd, src)
}

func statusOfDevice(cmd *cobra.Command, src *source) (control.Status, error) {
	seen, err := src.look(cmd, discovery.Looking{})
	if err != nil {
		return control.Status{}, err
	}
	decoder := seen.Decoder
	snap := decoder.Snapshot()
	u := control.Supply{
		Name: "ups", Model: decoder.Model(), Status: snap.Status.String(), Line: "unknown", Link: "up",
		Charge: known(snap.Charge), Runtime: known(snap.Runtime), Load: known(snap.Load), Alarm: snap.Alarm, Low: snap.Low.String(),
	}
	switch {
	case snap.Status.Has(ups.OnBattery):
		u.Line = "battery"
	case snap.Status.Has(ups.Online):
		u.Line = "mains"
	}
	return control.Status{Version: buildVersion(), Phase: "no daemon is running: nobody would shut this host down", UPS: []control.Supply{u}}, nil
}

// statusIndent is where the second column begins.
const statusIndent = 13

// print shows a status to a person.
func printStatus(s control.Status, w io.Writer, p terminal.Palette, now time.Time) {
	for i, u := range s.UPS {
		if i > 0 {
			fmt.Fprintln(w)
		}
		printSupply(u, w, p, now)
	}
	row := func(name, text string) { fmt.Fprintf(w, "  %-10s %s\n", name, text) }
	if s.Phase != monitor.Watching.String() {
		row("shutdown", p.Bad(strings.TrimSuffix(s.Phase+": "+s.Reason, ": ")))
	}
	for i, c := range s.Coming {
		name := ""
		if i == 0 {
			name = "next"
		}
		row(name, fmt.Sprintf("in %s: %s", c.At.Sub(now).Round(time.Second), c.Text))
	}
	switch {
	case len(s.Waiting) > 0:
		row("messages", p.Warn(fmt.Sprintf("%d wait to be delivered (`ecnutd sms queue` lists them)", len(s.Waiting))))
	case len(s.Routes) > 0:
		row("messages", "all delivered")
	}
	for _, r := range s.Routes {
		if r.LastError != "" {
			row("", p.Warn(r.LastError)) // begins with its name
		}
	}
	for _, e := range s.Refused {
		row("", p.Bad(fmt.Sprintf("%s %s: %q: %s", e.Route, e.Verdict, e.Text, e.LastError)))
	}
	for i, c := range secondaries(s.Clients) {
		name := ""
		if i == 0 {
			name = "secondary"
		}
		row(name, c)
	}
	if n := len(s.Clients); n > 0 {
		row("network", fmt.Sprintf("%d connected", n))
	}
	if s.LastCut != nil {
		row("last cut", paintRecord(s.LastCut, p))
	}
	for _, f := range s.Faults {
		row("fault", p.Bad(f))
	}
	if s.DryRun {
		row("dry run", p.Warn("this daemon shuts nothing down"))
	}
}

func printSupply(u control.Supply, w io.Writer, p terminal.Palette, now time.Time) {
	row := func(name, text string) { fmt.Fprintf(w, "  %-10s %s\n", name, text) }
	title := u.Name
	if also := cmp.Or(u.Description, u.Model); also != "" {
		title += "  " + also
	}
	fmt.Fprintln(w, p.Bold(title))
	state := u.Status
	switch {
	case u.Link == "lost":
		state = p.Bad("link lost") + ago(u.Since, now)
		if u.Status != "" {
			state += ", last known " + u.Status
		}
	case u.Link != "up":
		state = p.Warn(u.Link)
	case u.Line == "battery":
		state = p.Bad("on battery") + ago(u.Since, now) + "  (" + u.Status + ")"
	case u.Line == "mains":
		state = p.Good("on mains") + "  (" + u.Status + ")"
	}
	row("state", state)
	if u.Charge != nil {
		row("charge", p.Bar(*u.Charge))
	} else {
		row("charge", "unknown")
	}
	if u.Runtime != nil {
		row("runtime", ups.Duration(*u.Runtime))
	} else {
		row("runtime", "unknown")
	}
	if u.Load != nil {
		row("load", fmt.Sprintf("%d %%", *u.Load))
	}
	if u.Low != "" {
		row("low", p.Bad(u.Low))
	}
	if u.Alarm != "" {
		row("alarm", p.Bad(u.Alarm))
	}
	if u.SelfTest != "" {
		row("self-test", u.SelfTest)
	}
	if u.Error != "" {
		row("error", p.Bad(u.Error))
	}
}

func ago(since, now time.Time) string {
	if since.IsZero() {
		return ""
	}
	return fmt.Sprintf(" since %s (%s)", since.Local().Format("15:04:05"), now.Sub(since).Round(time.Second))
}

// secondaries names the hosts that a shutdown waits for.
func secondaries(clients []control.NUTClient) []string {
	var list []string
	for _, c := range clients {
		if c.UPS != "" {
			what := "hangs on"
			if c.Primary {
				what = "is a primary of"
			}
			list = append(list, fmt.Sprintf("%s@%s %s %s; a shutdown waits for it", c.User, c.Address, what, c.UPS))
		}
	}
	return list
}

// paintRecord is the record of a cut in colours: what went wrong stands out.
func paintRecord(r *shutdown.Record, p terminal.Palette) string {
	if r.Pending || r.Armed() {
		return r.String()
	}
	return p.Bad(r.String())
}

func known(n ups.Number) *int {
	if !n.Known {
		return nil
	}
	return &n.N
}
