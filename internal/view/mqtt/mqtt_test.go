package mqtt

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	server "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/hooks/auth"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"

	"ecnutd/internal/control"
	"ecnutd/internal/view"
	"ecnutd/monitor/forecast"
	"ecnutd/ups"
)

// A feed is a daemon that says what a test has it say.
type feed struct {
	mu      sync.Mutex
	now     view.Now
	changes chan struct{}
}

func (f *feed) Now() view.Now {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}
func (f *feed) Changes() (<-chan struct{}, func()) { return f.changes, func() {} }

func (f *feed) says(connected bool, u control.Supply, vars ups.Variables, coming ...control.Coming) {
	f.mu.Lock()
	f.now = view.Now{Connected: connected, Snapshot: &control.Snapshot{
		Status:    control.Status{Version: "1.2.3", Phase: "watching", UPS: []control.Supply{u}, Coming: coming},
		Variables: map[string]control.Reading{u.Name: {Link: u.Link, Variables: vars}},
	}}
	f.mu.Unlock()
	select {
	case f.changes <- struct{}{}:
	default:
	}
}

// A broker is mochi's, in this process, on a port of loopback.
type broker struct {
	t      *testing.T
	server *server.Server
	addr   string
	close  func()
	mu     sync.Mutex
	count  map[string]int // messages by topic
}

func newBroker(t *testing.T, addr string, rules *auth.Ledger) *broker {
	t.Helper()
	b := &broker{t: t, addr: addr, count: make(map[string]int)}
	b.server = server.New(&server.Options{InlineClient: true, Logger: slog.New(slog.DiscardHandler)})
	if err := b.server.AddHook(new(auth.Hook), &auth.Options{Ledger: rules}); err != nil {
		t.Fatal(err)
	}
	l := listeners.NewTCP(listeners.Config{ID: "t", Address: addr})
	if err := b.server.AddListener(l); err != nil {
		t.Fatal(err)
	}
	b.addr = l.Address()
	if err := b.server.Serve(); err != nil {
		t.Fatal(err)
	}
	_ = b.server.Subscribe("#", 1, func(_ *server.Client, _ packets.Subscription, p packets.Packet) {
		b.mu.Lock()
		b.count[p.TopicName]++
		b.mu.Unlock()
	})
	b.close = sync.OnceFunc(func() { b.server.Close() })
	t.Cleanup(b.close)
	return b
}

// retained is what the broker keeps under a topic.
func (b *broker) retained(topic string) string {
	for _, p := range b.server.Topics.Messages(topic) {
		return string(p.Payload)
	}
	return ""
}

func (b *broker) times(topic string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.count[topic]
}

// eventually waits for something, as long as a busy machine takes.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s did not come", what)
		}
	}
}

var anybody = &auth.Ledger{Auth: auth.AuthRules{{Username: "ha", Password: "secret", Allow: true}}}

func run(t *testing.T, f *feed, addr, password string, log *slog.Logger) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	m := New(f, Options{Broker: &url.URL{Scheme: "mqtt", Host: addr}, User: "ha", Password: password, Prefix: "homeassistant", Host: "Srv.home", Log: log})
	go func() { ended <- m.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return stop
}

var (
	onMains = control.Supply{Name: "eaton", Model: "Protection Station 800", Link: control.LinkUp, Line: "mains", Status: "OL CHRG"}
	figures = ups.Variables{"battery.charge": "98", "battery.runtime": "585", "ups.status": "OL CHRG", "ups.serial": "AN2E49008", "ups.mfr": "EATON"}
)

// TestTells: the state, the discovery and an outage that comes and goes.
func TestTells(t *testing.T) {
	b := newBroker(t, "127.0.0.1:0", anybody)
	f := &feed{changes: make(chan struct{}, 1)}
	f.says(true, onMains, figures)
	stop := run(t, f, b.addr, "secret", slog.New(slog.DiscardHandler))
	const base = "ecnutd/srv_home/"
	eventually(t, "the birth", func() bool { return b.retained(base+"availability") == "online" })

	var got map[string]any
	if err := json.Unmarshal([]byte(b.retained(base+"eaton/state")), &got); err != nil {
		t.Fatal(err)
	}
	if got["mains"] != "ON" || got["charge"] != "98" || got["battery_low"] != "OFF" || got["shutdown_at"] != nil || got["load"] != nil {
		t.Errorf("the state is %v", got)
	}
	config := b.retained("homeassistant/device/ecnutd_srv_home_eaton/config")
	if strings.Contains(config, "AN2E49008") {
		t.Errorf("the serial number, which many units share, stands in %s", config)
	}

	battery := onMains
	battery.Line, battery.Status, battery.Since = "battery", "OB DISCHRG LB", time.Date(2026, 10, 3, 14, 1, 0, 0, time.UTC)
	f.says(true, battery, figures, control.Coming{At: time.Date(2026, 10, 3, 14, 26, 0, 0, time.UTC), Prospect: forecast.Prospect{Kind: forecast.Shutdown}})
	eventually(t, "the outage", func() bool { return b.retained(base+"eaton/outage") != "" })
	if got := b.retained(base + "eaton/outage"); got != `{"charge":"98","runtime":"585","shutdown_at":"2026-10-03T14:26:00Z","since":"2026-10-03T14:01:00Z"}` {
		t.Errorf("the outage is %s", got)
	}
	f.says(true, onMains, figures)
	eventually(t, "its end", func() bool { return b.retained(base+"eaton/outage") == "" })

	f.says(false, onMains, figures)
	eventually(t, "offline without a daemon", func() bool { return b.retained(base+"availability") == "offline" })
	f.says(true, onMains, figures)
	eventually(t, "online", func() bool { return b.retained(base+"availability") == "online" })
	stop()
	if got := b.retained(base + "availability"); got != "offline" {
		t.Errorf("after the end it is %q", got)
	}
}

// TestBirthOfHomeAssistant: when it is born anew, the discovery is told once more.
func TestBirthOfHomeAssistant(t *testing.T) {
	b := newBroker(t, "127.0.0.1:0", anybody)
	f := &feed{changes: make(chan struct{}, 1)}
	f.says(true, onMains, figures)
	run(t, f, b.addr, "secret", slog.New(slog.DiscardHandler))
	const config = "homeassistant/device/ecnutd_srv_home_eaton/config"
	eventually(t, "the discovery", func() bool { return b.times(config) == 1 && b.retained("ecnutd/srv_home/availability") == "online" })
	eventually(t, "the discovery again", func() bool {
		_ = b.server.Publish("homeassistant/status", []byte("online"), false, 1)
		return b.times(config) > 1
	})
}

// TestBrokerGoesAndComes: after a broken link all is told again; one that dies without
// a word is offline by its last will.
func TestBrokerGoesAndComes(t *testing.T) {
	b := newBroker(t, "127.0.0.1:0", anybody)
	f := &feed{changes: make(chan struct{}, 1)}
	f.says(true, onMains, figures)
	run(t, f, b.addr, "secret", slog.New(slog.DiscardHandler))
	eventually(t, "the birth", func() bool { return b.retained("ecnutd/srv_home/availability") == "online" })
	b.close()
	again := newBroker(t, b.addr, anybody)
	eventually(t, "all of it, at a broker that has forgotten everything", func() bool {
		return again.retained("ecnutd/srv_home/eaton/state") != "" && again.retained("homeassistant/device/ecnutd_srv_home_eaton/config") != "" && again.retained("ecnutd/srv_home/availability") == "online"
	})
	for _, c := range again.server.Clients.GetAll() {
		if strings.HasPrefix(c.ID, "ecnutd-view") {
			c.Stop(fmt.Errorf("the cable is cut"))
		}
	}
	eventually(t, "the last will, and the next birth", func() bool { return again.times("ecnutd/srv_home/availability") >= 3 })
}

// TestWrongPassword: it is told once, and tried again.
func TestWrongPassword(t *testing.T) {
	b := newBroker(t, "127.0.0.1:0", anybody)
	f := &feed{changes: make(chan struct{}, 1)}
	f.says(true, onMains, figures)
	var log syncBuilder
	run(t, f, b.addr, "wrong", slog.New(slog.NewTextHandler(&log, nil)))
	eventually(t, "the refusal", func() bool { return strings.Contains(log.String(), "refuses us") })
	if strings.Contains(log.String(), "wrong") {
		t.Errorf("the password stands in the log: %s", log.String())
	}
}

type syncBuilder struct {
	mu sync.Mutex
	strings.Builder
}

func (s *syncBuilder) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Builder.Write(p)
}
func (s *syncBuilder) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Builder.String()
}

// classes are what Home Assistant documents (November 2026) for the two platforms,
// with the units that each class takes.
var classes = map[string]map[string][]string{
	"sensor": {
		"": {"%", ""}, "battery": {"%"}, "duration": {"d", "h", "min", "s", "ms"}, "voltage": {"V", "mV", "µV", "kV", "MV"}, "timestamp": {""},
	},
	"binary_sensor": {"power": {""}, "connectivity": {""}, "problem": {""}, "battery": {""}},
}

// TestDiscovery: every component has a platform, a class and a unit that Home
// Assistant knows, an id of its own, and a template for a value that the state has.
func TestDiscovery(t *testing.T) {
	all := ups.Variables{}
	for _, e := range entities {
		if e.has != "" {
			all[e.has] = "1"
		}
	}
	m := New(nil, Options{Host: "srv"})
	u := onMains
	s := &control.Snapshot{Status: control.Status{UPS: []control.Supply{u}}, Variables: map[string]control.Reading{"eaton": {Variables: all}}}
	raw, err := json.Marshal(m.discover(s, u))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Dev struct {
			IDs []string `json:"ids"`
		} `json:"dev"`
		O    map[string]string            `json:"o"`
		Cmps map[string]map[string]string `json:"cmps"`
	}
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Cmps) != len(entities) || !slices.Equal(got.Dev.IDs, []string{"ecnutd_srv_eaton"}) || got.O["name"] == "" {
		t.Errorf("%s", raw)
	}
	values, ids := state(s, u), map[string]bool{}
	for key, c := range got.Cmps {
		units, ok := classes[c["p"]][c["device_class"]]
		if !ok || !slices.Contains(units, c["unit_of_measurement"]) {
			t.Errorf("%s: %s of class %q in %q is not documented", key, c["p"], c["device_class"], c["unit_of_measurement"])
		}
		if ids[c["unique_id"]] || c["unique_id"] == "" {
			t.Errorf("%s: the id %q is not its own", key, c["unique_id"])
		}
		ids[c["unique_id"]] = true
		if _, there := values[key]; !there || c["value_template"] != "{{ value_json."+key+" }}" {
			t.Errorf("%s: its template is %s", key, c["value_template"])
		}
	}
}

// TestNoBroker: an address where nobody listens holds nothing up.
func TestNoBroker(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	f := &feed{changes: make(chan struct{}, 1)}
	f.says(true, onMains, figures)
	var log syncBuilder
	stop := run(t, f, addr, "", slog.New(slog.NewTextHandler(&log, nil)))
	eventually(t, "the word about it", func() bool { return strings.Contains(log.String(), "not there") })
	stop()
}
