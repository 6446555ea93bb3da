package notice

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ecnutd/config"
	"ecnutd/internal/engine"
	"ecnutd/sms"
	"ecnutd/ups"
)

// TestOf: a message is for the routes that tell of its event, never for a fallback,
// and its title says which host, which UPS and what.
func TestOf(t *testing.T) {
	c, _, err := config.Parse([]byte(`
ups: {a: {description: Rack}, b: {device: /dev/hidraw1}}
messages:
  routes:
    all: {command: [/bin/true]}
    some: {command: [/bin/true], events: [SHUTDOWN]}
    modem: {command: [/bin/true], fallback_for: all}
`), "f")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, x := range []struct {
		about engine.About
		want  sms.Message
	}{
		{engine.About{UPS: "a", Event: ups.EventOnBattery}, sms.Message{Routes: []string{"all"}, Title: "nas: Rack: mains lost, on battery", Priority: sms.High}},
		{engine.About{UPS: "b", Event: ups.EventOnline}, sms.Message{Routes: []string{"all"}, Title: "nas: b: mains is back"}},
		{engine.About{Event: ups.EventShutdown}, sms.Message{Routes: []string{"all", "some"}, Title: "nas: this host shuts down", Priority: sms.Urgent}},
		{engine.About{UPS: "a", Timer: "t"}, sms.Message{Routes: []string{"all", "some"}, Title: "nas: Rack"}},
	} {
		x.want.Text, x.want.At = "text", at
		got, ok := Of(c, "nas", engine.Message{About: x.about, Text: "text"}, at)
		if diff := cmp.Diff(x.want, got); diff != "" || !ok {
			t.Errorf("%+v: %v\n%s", x.about, ok, diff)
		}
	}
	c.Messages.Routes = c.Messages.Routes[1:2]
	if m, ok := Of(c, "nas", engine.Message{About: engine.About{UPS: "a", Event: ups.EventOnBattery}, Text: "text"}, at); ok {
		t.Errorf("no route tells of it, and it is %+v", m)
	}
}
