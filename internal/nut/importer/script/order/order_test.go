package order

import (
	"strings"
	"testing"
	"time"
)

// TestOf: commands by their manual pages (shutdown(8), systemctl(1), upsmon(8),
// upscmd(8)).
func TestOf(t *testing.T) {
	for line, want := range map[string]Order{
		"shutdown":                        {Kind: PowerOff, What: "shutdown", After: time.Minute},
		"shutdown -h now":                 {Kind: PowerOff, What: "shutdown -h now"},
		"shutdown -P +10 going":           {Kind: PowerOff, What: "shutdown -P +10", After: 10 * time.Minute},
		"shutdown -r now":                 {Kind: Reboot, What: "shutdown -r now"},
		"shutdown -h 22:30":               {Kind: PowerOff, What: "shutdown -h 22:30", Vague: true},
		"poweroff -f":                     {Kind: PowerOff, What: "poweroff"},
		"reboot":                          {Kind: Reboot, What: "reboot"},
		"init 0":                          {Kind: PowerOff, What: "init 0"},
		"telinit 6":                       {Kind: Reboot, What: "telinit 6"},
		"systemctl -i poweroff":           {Kind: PowerOff, What: "systemctl poweroff"},
		"systemctl isolate reboot.target": {Kind: Reboot, What: "systemctl isolate reboot.target"},
		"systemctl suspend":               {Kind: Otherwise, What: "systemctl suspend"},
		"upsmon -c fsd":                   {Kind: PowerOff, What: "upsmon -c fsd"},
		"upsdrvctl shutdown":              {Kind: CutOutput, What: "upsdrvctl shutdown"},
		"upscmd -u a -p tiger u load.off": {Kind: CutOutput, What: "upscmd … load.off"},
	} {
		if got, ok := call(line); !ok || got != want {
			t.Errorf("%s: %+v %v, want %+v", line, got, ok, want)
		}
	}
	for _, line := range []string{
		"shutdown -c", "shutdown -k now", "systemctl start nginx", "systemctl status poweroff.target", "upsmon -c reload", "upscmd u beeper.off",
		"init 3", "upsdrvctl start", "echo poweroff", "poweroff --help",
	} {
		if got, ok := call(line); ok {
			t.Errorf("%s: %+v", line, got)
		}
	}
}

func call(line string) (Order, bool) {
	var words []Word
	for _, w := range strings.Fields(line) {
		words = append(words, Word{w, true})
	}
	return Of(words[0].Text, words[1:])
}

func TestScan(t *testing.T) {
	list := Scan([]byte("# upsmon -c fsd\nos.system('/sbin/upsmon -c fsd')\nx\nrun(\"shutdown -h now\")\nupscmd -p tiger u shutdown.return\n"))
	if len(list) != 3 || list[0] != (Found{2, "upsmon -c fsd"}) || list[1].Line != 4 || list[2] != (Found{5, "upscmd"}) {
		t.Errorf("%+v", list)
	}
}
