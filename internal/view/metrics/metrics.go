// Package metrics shows what a daemon says to a collector, in the text format of
// Prometheus. Names have units; a ratio is between 0 and 1; what is not known is
// absent, and never 0.
package metrics

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"ecnutd/internal/control"
	"ecnutd/internal/history"
	"ecnutd/internal/view"
	"ecnutd/monitor/forecast"
	"ecnutd/ups"
)

// A Source says how things are, and what there was: a *view.Feed with a
// control.Client.
type Source interface {
	Now() view.Now
	History(ctx context.Context) (history.History, error)
}

// historyTime is how long the daemon may take for its history.
const historyTime = 2 * time.Second

// Handler answers a collector.
func Handler(s Source, clock func() time.Time) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), historyTime)
		defer cancel()
		var past *history.History
		if h, err := s.History(ctx); err == nil {
			past = &h
		}
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		Write(w, s.Now(), past, clock())
	})
}

// A family is what belongs to one name.
type family struct {
	name, kind, help string
	samples          []sample
}

type sample struct {
	labels []string // name, value, …
	value  float64
}

func (f *family) add(value float64, labels ...string) {
	f.samples = append(f.samples, sample{labels, value})
}

// Write writes everything. past is nil where it is not known.
func Write(w io.Writer, now view.Now, past *history.History, at time.Time) {
	for _, f := range families(now, past, at) {
		if len(f.samples) == 0 {
			continue
		}
		fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s %s\n", f.name, f.help, f.name, f.kind)
		for _, s := range f.samples {
			metrics.WriteGaugeFloat64(w, f.name+labelled(s.labels), s.value)
		}
	}
}

var escape = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func labelled(labels []string) string {
	if len(labels) == 0 {
		return ""
	}
	var b strings.Builder
	for i := 0; i+1 < len(labels); i += 2 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `%s="%s"`, labels[i], escape.Replace(labels[i+1]))
	}
	return "{" + b.String() + "}"
}

// variables that are shown as they are, or divided: percent become ratios.
var variables = []struct {
	variable, name, help string
	divide               float64
}{
	{"battery.charge", "ecnutd_battery_charge_ratio", "Charge of the battery.", 100},
	{"battery.runtime", "ecnutd_battery_runtime_seconds", "Runtime on battery as the UPS shows it.", 1},
	{"battery.voltage", "ecnutd_battery_voltage_volts", "Voltage of the battery.", 1},
	{"battery.temperature", "ecnutd_battery_temperature_celsius", "Temperature of the battery.", 1},
	{"ups.load", "ecnutd_load_ratio", "Load of the UPS.", 100},
	{"ups.realpower", "ecnutd_realpower_watts", "Power that the UPS delivers.", 1},
	{"input.voltage", "ecnutd_input_voltage_volts", "Voltage of mains.", 1},
	{"input.frequency", "ecnutd_input_frequency_hertz", "Frequency of mains.", 1},
	{"output.voltage", "ecnutd_output_voltage_volts", "Voltage of the output.", 1},
}

// flags are all words of ups.status.
var flags = strings.Fields(ups.Status(1<<31 - 1).String())

func families(now view.Now, past *history.History, at time.Time) []*family {
	var list []*family
	gauge := func(name, help string) *family {
		list = append(list, &family{name: name, kind: "gauge", help: help})
		return list[len(list)-1]
	}
	counter := func(name, help string) *family {
		f := gauge(name, help)
		f.kind = "counter"
		return f
	}
	up := gauge("ecnutd_up", "Whether the daemon answers.")
	up.add(truth(now.Connected))
	if now.Connected && now.Snapshot != nil {
		snapshotFamilies(gauge, now.Snapshot, at)
	}
	if past != nil {
		t := past.Totals
		counter("ecnutd_outages_total", "Outages since the first start.").add(float64(t.Outages))
		counter("ecnutd_on_battery_seconds_total", "Time on battery since the first start, without an outage that lasts.").add(float64(t.OnBattery))
		counter("ecnutd_shutdowns_total", "Shutdowns since the first start.").add(float64(t.Shutdowns))
		events := counter("ecnutd_events_total", "Events since the first start.")
		for _, name := range slices.Sorted(maps.Keys(t.Events)) {
			events.add(float64(t.Events[name]), "event", name)
		}
	}
	return list
}

func snapshotFamilies(gauge func(name, help string) *family, s *control.Snapshot, at time.Time) {
	gauge("ecnutd_shutting_down", "Whether the host is going down.").add(truth(s.Status.Phase != "watching"))
	status := gauge("ecnutd_ups_status", "Flags of ups.status, each 0 or 1; none while the UPS is not heard.")
	link := gauge("ecnutd_link_up", "Whether the UPS answers.")
	age := gauge("ecnutd_heard_age_seconds", "How old the last word of the UPS is.")
	info := gauge("ecnutd_ups_info", "What the UPS is.")
	for _, u := range s.Status.UPS {
		link.add(truth(u.Link == control.LinkUp), "ups", u.Name)
		if !u.Heard.IsZero() {
			age.add(max(0, at.Sub(u.Heard).Seconds()), "ups", u.Name)
		}
		info.add(1, "ups", u.Name, "model", u.Model, "description", u.Description)
		if u.Link == control.LinkUp && u.Status != "" {
			said := strings.Fields(u.Status)
			for _, flag := range flags {
				status.add(truth(slices.Contains(said, flag)), "ups", u.Name, "flag", flag)
			}
		}
	}
	for _, v := range variables {
		f := gauge(v.name, v.help)
		for _, u := range s.Status.UPS {
			r := s.Variables[u.Name]
			if n, err := strconv.ParseFloat(r.Variables[v.variable], 64); err == nil && r.Link == control.LinkUp {
				f.add(n/v.divide, "ups", u.Name)
			}
		}
	}
	if c := s.Status.Coming; len(c) > 0 && c[0].Kind == forecast.Shutdown && !c[0].At.IsZero() {
		gauge("ecnutd_shutdown_timestamp_seconds", "When the host is going to be shut down, if nothing changes.").add(float64(c[0].At.Unix()))
	}
	gauge("ecnutd_messages_waiting", "Messages that are not delivered yet.").add(float64(len(s.Status.Waiting)))
	gauge("ecnutd_messages_refused", "Messages that got nowhere.").add(float64(len(s.Status.Refused)))
	delivered := gauge("ecnutd_message_delivered_timestamp_seconds", "When a message was last delivered by the route.")
	failures := gauge("ecnutd_route_failures", "Failed attempts of the route in a row.")
	for _, r := range s.Status.Routes {
		if !r.Delivered.IsZero() {
			delivered.add(float64(r.Delivered.Unix()), "route", r.Name)
		}
		failures.add(float64(r.Failures), "route", r.Name)
	}
	gauge("ecnutd_faults", "Faults of the daemon.").add(float64(len(s.Status.Faults)))
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
