package metrics

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"ecnutd/internal/control"
	"ecnutd/internal/history"
	"ecnutd/internal/view"
	"ecnutd/ups"
)

type source struct {
	now  view.Now
	past *history.History
}

func (s source) Now() view.Now { return s.now }
func (s source) History(context.Context) (history.History, error) {
	if s.past == nil {
		return history.History{}, errors.New("no daemon")
	}
	return *s.past, nil
}

var at = time.Unix(1_790_000_000, 0)

// scrape is what Prometheus's own parser reads of an answer.
func scrape(t *testing.T, s source) map[string]*dto.MetricFamily {
	t.Helper()
	w := httptest.NewRecorder()
	Handler(s, func() time.Time { return at }).ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(w.Body.String()))
	if err != nil {
		t.Fatalf("%v in\n%s", err, w.Body)
	}
	return families
}

func value(t *testing.T, families map[string]*dto.MetricFamily, name string, labels ...string) (v float64, ok bool) {
	t.Helper()
	for _, m := range families[name].GetMetric() {
		found := 0
		for _, l := range m.Label {
			for i := 0; i < len(labels); i += 2 {
				if l.GetName() == labels[i] && l.GetValue() == labels[i+1] {
					found++
				}
			}
		}
		if 2*found == len(labels) {
			return m.GetGauge().GetValue() + m.GetCounter().GetValue(), true
		}
	}
	return 0, false
}

// TestWrite: the parser of Prometheus reads every line; percent are ratios, unknown
// is absent, and all flags are there.
func TestWrite(t *testing.T) {
	s := source{
		now: view.Now{Connected: true, Snapshot: &control.Snapshot{
			Status: control.Status{
				Phase:  "watching",
				UPS:    []control.Supply{{Name: `a"b\c`, Link: control.LinkUp, Status: "OB DISCHRG", Heard: at.Add(-3 * time.Second)}, {Name: "away", Link: control.LinkLost, Status: "OL"}},
				Routes: []control.Route{{Name: "mobile", Delivered: at.Add(-time.Minute), Failures: 2}},
			},
			Variables: map[string]control.Reading{
				`a"b\c`: {Link: control.LinkUp, Variables: ups.Variables{"battery.charge": "64", "battery.runtime": "585", "ups.load": "12.5", "ups.model": "x"}},
				"away":  {Link: control.LinkLost, Variables: ups.Variables{"battery.charge": "99"}},
			},
		}},
		past: &history.History{Totals: history.Totals{Outages: 7, OnBattery: 4321, Events: map[string]int{"ONBATT": 7}}},
	}
	f := scrape(t, s)
	for _, c := range []struct {
		name   string
		want   float64
		labels []string
	}{
		{"ecnutd_up", 1, nil},
		{"ecnutd_battery_charge_ratio", 0.64, []string{"ups", `a"b\c`}},
		{"ecnutd_battery_runtime_seconds", 585, []string{"ups", `a"b\c`}},
		{"ecnutd_load_ratio", 0.125, []string{"ups", `a"b\c`}},
		{"ecnutd_ups_status", 1, []string{"ups", `a"b\c`, "flag", "OB"}},
		{"ecnutd_ups_status", 0, []string{"ups", `a"b\c`, "flag", "OL"}},
		{"ecnutd_link_up", 0, []string{"ups", "away"}},
		{"ecnutd_heard_age_seconds", 3, []string{"ups", `a"b\c`}},
		{"ecnutd_outages_total", 7, nil},
		{"ecnutd_on_battery_seconds_total", 4321, nil},
		{"ecnutd_events_total", 7, []string{"event", "ONBATT"}},
		{"ecnutd_route_failures", 2, []string{"route", "mobile"}},
		{"ecnutd_message_delivered_timestamp_seconds", 1_789_999_940, []string{"route", "mobile"}},
	} {
		if got, ok := value(t, f, c.name, c.labels...); !ok || got != c.want {
			t.Errorf("%s%v is %v (there: %v), want %v", c.name, c.labels, got, ok, c.want)
		}
	}
	if n := len(f["ecnutd_ups_status"].Metric); n != 14 {
		t.Errorf("%d flags of one UPS, want the 14 of ups.status", n)
	}
	for _, name := range []string{"ecnutd_battery_charge_ratio", "ecnutd_ups_status"} {
		if v, ok := value(t, f, name, "ups", "away"); ok {
			t.Errorf("%s of a UPS that does not answer is %v", name, v)
		}
	}
	if f["ecnutd_outages_total"].GetType() != dto.MetricType_COUNTER || f["ecnutd_up"].GetType() != dto.MetricType_GAUGE {
		t.Error("a counter is none, or a gauge")
	}
}

// TestNoDaemon: without a daemon there is that, and nothing that could be taken for
// health.
func TestNoDaemon(t *testing.T) {
	f := scrape(t, source{now: view.Now{Snapshot: &control.Snapshot{Status: control.Status{UPS: []control.Supply{{Name: "a", Link: control.LinkUp, Status: "OL"}}}}}})
	if v, ok := value(t, f, "ecnutd_up"); !ok || v != 0 || len(f) != 1 {
		t.Errorf("up is %v, and there are %d families", v, len(f))
	}
}
