package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ecnutd/config"
	"ecnutd/internal/discovery"
	"ecnutd/internal/engine"
	"ecnutd/internal/host"
	"ecnutd/internal/host/shutdown"
	"ecnutd/internal/nut/server"
	"ecnutd/monitor"
	"ecnutd/sms"
	"ecnutd/ups"
)

// A status is what the daemon says of itself; its JSON is what status --json
// prints.
type status struct {
	Version string           `json:"version"`
	Since   time.Time        `json:"since,omitzero"` // of the daemon
	DryRun  bool             `json:"dry_run,omitempty"`
	Phase   string           `json:"phase"`
	Reason  string           `json:"reason,omitempty"`      // of a shutdown
	Final   bool             `json:"no_way_back,omitempty"` // of it: nothing calls it off any more
	UPS     []supplyStatus   `json:"ups"`
	Coming  []comingStatus   `json:"coming,omitempty"`
	Routes  []sms.RouteState `json:"routes,omitempty"`
	Waiting []sms.Entry      `json:"waiting,omitempty"` // messages
	Refused []sms.Entry      `json:"refused,omitempty"`
	Clients []server.Client  `json:"clients,omitempty"` // of the network
	Faults  []string         `json:"faults,omitempty"`
	Killed  *shutdown.Record `json:"last_kill_power,omitempty"`
}

// A supplyStatus is one UPS.
type supplyStatus struct {
	Name        string    `json:"name"`
	Description string    `json:"description,omitempty"`
	Model       string    `json:"model,omitempty"`
	Status      string    `json:"status"` // by the policy of the monitor
	Line        string    `json:"line"`   // mains, battery or unknown
	Since       time.Time `json:"since,omitzero"`
	Charge      *int      `json:"charge,omitempty"`
	Runtime     *int      `json:"runtime,omitempty"` // seconds
	Load        *int      `json:"load,omitempty"`
	Low         string    `json:"low,omitempty"`
	Alarm       string    `json:"alarm,omitempty"`
	Link        string    `json:"link"`
	Heard       time.Time `json:"heard,omitzero"`
	Error       string    `json:"error,omitempty"`
	SelfTest    string    `json:"self_test,omitempty"`
}

// A comingStatus is what time will bring.
type comingStatus struct {
	At   time.Time `json:"at"`
	UPS  string    `json:"ups,omitempty"`
	What string    `json:"what"`
	Text string    `json:"text"`
}

// statusNow describes how things are. It runs in the loop.
func (d *daemon) statusNow() status {
	now := d.clock()
	day := func(at monitor.Instant) time.Time {
		if at == 0 {
			return time.Time{}
		}
		return time.Now().Add(at.Sub(now)).Round(time.Second)
	}
	s := status{
		Version: buildVersion(), Since: d.started.Round(time.Second), DryRun: d.dryRun,
		Phase: d.state.Phase.String(), Reason: d.state.Reason.In(d.config.Language), Final: noWayBack(&d.state),
		Routes: d.outbox.Routes(), Waiting: d.outbox.Pending(), Refused: d.outbox.Refused(), Faults: append(slices.Clone(d.faults), d.netFaults...),
		Clients: d.server.Clients(),
		Killed:  d.killed,
	}
	for _, fault := range []error{d.store.fault, d.outbox.Fault()} {
		if fault != nil && !slices.Contains(s.Faults, fault.Error()) {
			s.Faults = append(s.Faults, fault.Error())
		}
	}
	for i, supply := range d.rules.Supplies {
		u := supplyStatus{Name: supply.Name, Description: d.description(supply.Name), Line: "unknown", Link: "not heard yet"}
		if l := d.latest[supply.Name]; l != nil {
			u.Model = l.variables["ups.model"]
			if l.err != nil {
				u.Error = host.FirstLine(l.err) // what to try is for commands
			}
		}
		u.SelfTest = d.selfTestText(supply.Name)
		if i < len(d.state.Supplies) {
			u.fill(&d.state, &d.state.Supplies[i], day, d.config.Language)
		}
		s.UPS = append(s.UPS, u)
	}
	for _, c := range d.state.Coming(d.rules) {
		if text := comingText(c); text != "" {
			s.Coming = append(s.Coming, comingStatus{day(c.At), c.UPS, string(c.What), text})
		}
	}
	slices.SortStableFunc(s.Coming, func(a, b comingStatus) int { return a.At.Compare(b.At) })
	return s
}

func (u *supplyStatus) fill(state *monitor.State, s *monitor.SupplyState, day func(monitor.Instant) time.Time, l ups.Language) {
	u.Status = engine.Status(state, s).String()
	u.Charge, u.Runtime, u.Load = known(s.Last.Charge), known(s.Last.Runtime), known(s.Last.Load)
	u.Alarm, u.Heard, u.Low = s.Last.Alarm, day(s.HeardAt), s.Low.In(l)
	switch s.Line {
	case monitor.OnMains:
		u.Line = "mains"
	case monitor.OnBattery:
		u.Line, u.Since = "battery", day(s.OutageAt)
	}
	switch s.Link {
	case monitor.Linked:
		u.Link = "up"
	case monitor.Lost:
		u.Link, u.Since = "lost", later(u.Since, day(s.LostAt))
	}
}

func known(n ups.Number) *int {
	if !n.Known {
		return nil
	}
	return &n.N
}

// comingText says what will come in a person's words; "" for what concerns the
// daemon alone.
func comingText(c monitor.Coming) string {
	who := ""
	if c.UPS != "" {
		who = " of " + c.UPS
	}
	switch c.What {
	case monitor.ComingCommand:
		return "the shutdown command"
	case monitor.ComingSync:
		return "secondaries are no longer waited for"
	case monitor.ComingCritical:
		return "shutdown, unless the link" + who + " returns"
	case monitor.ComingPatience:
		return "shutdown, unless mains" + who + " returns (the other host does not order it)"
	case monitor.ComingLimit:
		return "shutdown, unless mains" + who + " returns (limit of time on battery)"
	case monitor.ComingImminent:
		return "the battery" + who + " counts as low (the UPS says that it is about to shut down)"
	case monitor.ComingTimer:
		return "timer " + c.Timer + who + " ends"
	case monitor.ComingNoComm:
		return "the lost link" + who + " is told again"
	}
	return ""
}

func statusCommand(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "status",
		GroupID: groupDaemon,
		Short:   "How things are, and what happens next and when",
		Long: `Asks the daemon how things are: the state of each UPS, since when, what happens
next and when, and which messages wait. Where no daemon runs, or with --device,
--simulate or --replay, the UPS itself is asked.`,
		Args: wants(),
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
			p := paint(cmd.OutOrStdout())
			var b strings.Builder
			s.print(&b, p, time.Now())
			_, err := io.WriteString(w, p.fold(b.String(), statusIndent))
			return err
		})
	}
	return cmd
}

// askStatus asks the daemon, or where none runs the UPS.
func askStatus(cmd *cobra.Command, g *globals, src *source) (status, error) {
	var s status
	if !src.Given() {
		err := askDaemon(cmd.Context(), controlSocket(g), "GET", "/v1/status", nil, &s)
		if err == nil || !errors.Is(err, errNoDaemon) {
			return s, err
		}
		note(cmd, "%v; this is what the UPS itself says", err)
	}
	return statusOfDevice(cmd, src)
}

// controlSocket is where the configuration has the daemon listen; the default
// where it cannot be read, as by a user who may only look.
func controlSocket(g *globals) string {
	if c, _, err := config.Load(g.config); err == nil {
		return c.Control
	}
	return config.Minimal("ups").Control
}

func statusOfDevice(cmd *cobra.Command, src *source) (status, error) {
	seen, err := src.look(cmd, discovery.Looking{})
	if err != nil {
		return status{}, err
	}
	decoder := seen.Decoder
	snap := decoder.Snapshot()
	u := supplyStatus{
		Name: "ups", Model: decoder.Model(), Status: snap.Status.String(), Line: "unknown", Link: "up",
		Charge: known(snap.Charge), Runtime: known(snap.Runtime), Load: known(snap.Load), Alarm: snap.Alarm, Low: snap.Low.String(),
	}
	switch {
	case snap.Status.Has(ups.OnBattery):
		u.Line = "battery"
	case snap.Status.Has(ups.Online):
		u.Line = "mains"
	}
	return status{Version: buildVersion(), Phase: "no daemon is running: nobody would shut this host down", UPS: []supplyStatus{u}}, nil
}

// statusIndent is where the second column begins.
const statusIndent = 13

// print shows a status to a person.
func (s status) print(w io.Writer, p palette, now time.Time) {
	for i, u := range s.UPS {
		if i > 0 {
			fmt.Fprintln(w)
		}
		u.print(w, p, now)
	}
	row := func(name, text string) { fmt.Fprintf(w, "  %-10s %s\n", name, text) }
	if s.Phase != monitor.Watching.String() {
		row("shutdown", p.bad(strings.TrimSuffix(s.Phase+": "+s.Reason, ": ")))
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
		row("messages", p.warn(fmt.Sprintf("%d wait to be delivered (`ecnutd sms queue` lists them)", len(s.Waiting))))
	case len(s.Routes) > 0:
		row("messages", "all delivered")
	}
	for _, r := range s.Routes {
		if r.LastError != "" {
			row("", p.warn(r.LastError)) // begins with its name
		}
	}
	for _, e := range s.Refused {
		row("", p.bad(fmt.Sprintf("%s %s: %q: %s", e.Route, e.Verdict, e.Text, e.LastError)))
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
	if s.Killed != nil {
		row("last cut", paintRecord(s.Killed, p))
	}
	for _, f := range s.Faults {
		row("fault", p.bad(f))
	}
	if s.DryRun {
		row("dry run", p.warn("this daemon shuts nothing down"))
	}
}

func (u supplyStatus) print(w io.Writer, p palette, now time.Time) {
	row := func(name, text string) { fmt.Fprintf(w, "  %-10s %s\n", name, text) }
	title := u.Name
	if also := cmp.Or(u.Description, u.Model); also != "" {
		title += "  " + also
	}
	fmt.Fprintln(w, p.bold(title))
	state := u.Status
	switch {
	case u.Link == "lost":
		state = p.bad("link lost") + ago(u.Since, now)
		if u.Status != "" {
			state += ", last known " + u.Status
		}
	case u.Link != "up":
		state = p.warn(u.Link)
	case u.Line == "battery":
		state = p.bad("on battery") + ago(u.Since, now) + "  (" + u.Status + ")"
	case u.Line == "mains":
		state = p.good("on mains") + "  (" + u.Status + ")"
	}
	row("state", state)
	if u.Charge != nil {
		row("charge", p.bar(*u.Charge))
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
		row("low", p.bad(u.Low))
	}
	if u.Alarm != "" {
		row("alarm", p.bad(u.Alarm))
	}
	if u.SelfTest != "" {
		row("self-test", u.SelfTest)
	}
	if u.Error != "" {
		row("error", p.bad(u.Error))
	}
}

func ago(since, now time.Time) string {
	if since.IsZero() {
		return ""
	}
	return fmt.Sprintf(" since %s (%s)", since.Local().Format("15:04:05"), now.Sub(since).Round(time.Second))
}

// later is the second time where the first is unknown.
func later(a, b time.Time) time.Time {
	if a.IsZero() {
		return b
	}
	return a
}
