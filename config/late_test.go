package config

import (
	"testing"
	"time"
)

// TestDefaultWait: off_delay and 40 s, of the UPS that is cut last; 75 s at
// most, since systemd gives its hooks 90 s; and none where the output goes off
// so late that nobody is left to wait.
func TestDefaultWait(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"ups: {a: {}}\n":                                             60 * time.Second, // 20 + 40
		"ups: {a: {off_delay: 5s}}\n":                                45 * time.Second,
		"ups: {a: {off_delay: 30s, on_delay: 60s}}\n":                70 * time.Second,
		"ups: {a: {off_delay: 60s, on_delay: 90s}}\n":                75 * time.Second,
		"ups: {a: {off_delay: 66s, on_delay: 90s}}\n":                0, // 66 and 10 are more than 75
		"ups: {a: {off_delay: 5s}, b: {device: /dev/b}}\n":           60 * time.Second,
		"ups: {a: {off_delay: 5s}, b: {device: /dev/b, power: 0}}\n": 45 * time.Second,
		"ups: {a: {}}\nkill_power: {command: shutdown.stayoff}\n":    0, // whoever asks for it wants the host to stay off
		"ups: {a: {}}\nkill_power: {command: shutdown.reboot}\n":     60 * time.Second,
		"ups: {a: {}}\nkill_power: {wait_then_reboot: 0s}\n":         0,
		"ups: {a: {off_delay: 30s, on_delay: 60s}}\nkill_power: {wait_then_reboot: 50s, command: shutdown.stayoff}\n": 50 * time.Second,
	} {
		c, _, err := Parse([]byte(text), "f")
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := c.KillPower.WaitThenReboot; got != want {
			t.Errorf("%s%s, want %s", text, got, want)
		}
	}
	if got := Minimal("a").KillPower.WaitThenReboot; got != time.Minute {
		t.Errorf("without a file %s", got)
	}
}
