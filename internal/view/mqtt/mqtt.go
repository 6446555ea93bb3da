// Package mqtt tells a broker what a daemon says (MQTT 5.0), in the way that Home
// Assistant discovers devices. Nothing is taken from the broker but Home Assistant's
// birth message: no topic commands anything.
//
//	ecnutd/HOST/availability        online or offline, retained; the last will
//	ecnutd/HOST/NAME/state          JSON, retained: the figures of a UPS
//	ecnutd/HOST/NAME/outage         JSON, retained while an outage lasts, else empty
//	homeassistant/device/ID/config  what Home Assistant is to show, retained
package mqtt

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"log/slog"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/eclipse/paho.golang/autopaho"
	"github.com/eclipse/paho.golang/paho"

	"ecnutd/internal/view"
)

// Options of a Client.
type Options struct {
	Broker   *url.URL // mqtt://HOST:1883 or mqtts://HOST:8883
	TLS      *tls.Config
	User     string
	Password string
	Prefix   string // of Home Assistant's discovery; "homeassistant" as a rule
	Host     string // name of this host
	Log      *slog.Logger
}

// A Source says how things are: a *view.Feed.
type Source interface {
	Now() view.Now
	Changes() (changed <-chan struct{}, end func())
}

// A Client tells a broker.
type Client struct {
	opts   Options
	source Source
	again  chan struct{} // a token when all is to be told anew
	told   map[string][]byte
}

// New makes a client.
func New(s Source, o Options) *Client {
	return &Client{opts: o, source: s, again: make(chan struct{}, 1), told: make(map[string][]byte)}
}

// Times of the link to a broker.
const (
	keepAlive   = 20 // seconds
	publishTime = 10 * time.Second
	maxPause    = time.Minute
)

// pause is how long to wait after n failures in a row: 1 s, 2 s, … to a minute.
func pause(n int) time.Duration {
	if n > 6 {
		return maxPause
	}
	return min(time.Second<<max(n-1, 0), maxPause)
}

// Run tells until ctx ends. The error is one of the options; a broker that is not there
// is waited for.
func (m *Client) Run(ctx context.Context) error {
	lasting, stop := context.WithCancel(context.WithoutCancel(ctx)) // the farewell comes after ctx
	defer stop()
	link, err := autopaho.NewConnection(lasting, m.config())
	if err != nil {
		return err
	}
	changed, end := m.source.Changes()
	defer end()
	for {
		m.tell(lasting, link)
		select {
		case <-changed:
		case <-m.again:
			clear(m.told)
		case <-ctx.Done():
			bye, cancel := context.WithTimeout(lasting, 2*time.Second)
			defer cancel()
			_ = m.publish(bye, link, m.availability(), []byte("offline"))
			_ = link.Disconnect(bye)
			return nil
		}
	}
}

func (m *Client) config() autopaho.ClientConfig {
	birth := m.opts.Prefix + "/status"
	var failed atomic.Value // what was told of a broker that is not there
	failed.Store("")
	return autopaho.ClientConfig{
		ServerUrls: []*url.URL{m.opts.Broker}, TlsCfg: m.opts.TLS, KeepAlive: keepAlive, CleanStartOnInitialConnection: true,
		ReconnectBackoff: pause,
		ConnectUsername:  m.opts.User, ConnectPassword: []byte(m.opts.Password),
		WillMessage: &paho.WillMessage{Topic: m.availability(), Payload: []byte("offline"), QoS: 1, Retain: true},
		OnConnectionUp: func(link *autopaho.ConnectionManager, _ *paho.Connack) {
			failed.Store("")
			m.opts.Log.Info("the MQTT broker is there", "broker", m.opts.Broker.Redacted())
			ctx, cancel := context.WithTimeout(context.Background(), publishTime)
			defer cancel()
			if _, err := link.Subscribe(ctx, &paho.Subscribe{Subscriptions: []paho.SubscribeOptions{{Topic: birth, QoS: 1}}}); err != nil {
				m.opts.Log.Warn("Home Assistant's birth is not heard", "topic", birth, "reason", err)
			}
			m.anew()
		},
		OnConnectError: func(err error) {
			if failed.Swap(err.Error()) != err.Error() {
				m.opts.Log.Warn("the MQTT broker is not there, or refuses us", "broker", m.opts.Broker.Redacted(), "reason", err)
			}
		},
		ClientConfig: paho.ClientConfig{
			ClientID: "ecnutd-view-" + clean(m.opts.Host),
			OnPublishReceived: []func(paho.PublishReceived) (bool, error){func(p paho.PublishReceived) (bool, error) {
				if p.Packet.Topic == birth && string(p.Packet.Payload) == "online" {
					m.anew()
				}
				return true, nil
			}},
		},
	}
}

// anew has everything told once more.
func (m *Client) anew() {
	select {
	case m.again <- struct{}{}:
	default:
	}
}

// tell tells what the broker does not have.
func (m *Client) tell(ctx context.Context, link *autopaho.ConnectionManager) {
	now := m.source.Now()
	if !now.Connected || now.Snapshot == nil {
		_ = m.publish(ctx, link, m.availability(), []byte("offline"))
		return
	}
	s := now.Snapshot
	for _, u := range s.Status.UPS {
		config, err := json.Marshal(m.discover(s, u))
		if err == nil {
			_ = m.publish(ctx, link, m.opts.Prefix+"/device/"+m.id(u.Name)+"/config", config)
		}
		values := state(s, u)
		if raw, err := json.Marshal(values); err == nil {
			_ = m.publish(ctx, link, m.topic(u.Name, "state"), raw)
		}
		var outage []byte // empty: the broker forgets it
		if u.Line == "battery" {
			outage, _ = json.Marshal(map[string]any{
				"since": u.Since.UTC().Format(time.RFC3339), "charge": values["charge"], "runtime": values["runtime"], "shutdown_at": values["shutdown_at"],
			})
		}
		_ = m.publish(ctx, link, m.topic(u.Name, "outage"), outage)
	}
	_ = m.publish(ctx, link, m.availability(), []byte("online"))
}

// publish tells something, where the broker does not have it already. What fails is
// told again when the link is back.
func (m *Client) publish(ctx context.Context, link *autopaho.ConnectionManager, topic string, payload []byte) error {
	if old, ok := m.told[topic]; ok && bytes.Equal(old, payload) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, publishTime)
	defer cancel()
	_, err := link.Publish(ctx, &paho.Publish{Topic: topic, Payload: payload, QoS: 1, Retain: true})
	if err == nil {
		m.told[topic] = payload
	}
	return err
}

func (m *Client) availability() string { return "ecnutd/" + clean(m.opts.Host) + "/availability" }

func (m *Client) topic(name, what string) string {
	return "ecnutd/" + clean(m.opts.Host) + "/" + clean(name) + "/" + what
}

// id is that of a UPS, for Home Assistant.
func (m *Client) id(name string) string { return "ecnutd_" + clean(m.opts.Host) + "_" + clean(name) }

// clean is a name that may stand in a topic and in an id.
func clean(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '_', r == '-':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return '_'
	}, name)
}
