package decisions

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ecnutd/config"
)

// TestDocument: each decision of the document has a row here, in its order, and
// there is no other.
func TestDocument(t *testing.T) {
	raw, err := os.ReadFile("../../../../docs/differences-from-nut.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(raw), "\n## Decisions\n")
	text, _, _ = strings.Cut(text, "\n## ")
	var want, got []string
	for _, m := range regexp.MustCompile(`(?m)^- \*\*(.*?)\*\*`).FindAllStringSubmatch(strings.ReplaceAll(text, "\n  ", " "), -1) {
		want = append(want, m[1])
	}
	for _, r := range rows {
		got = append(got, r.Title)
	}
	if len(want) < 15 || !slices.Equal(got, want) {
		t.Errorf("the table has\n%s\nand the document\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestTouching: each has a configuration that it touches, and one that it does
// not, by the sentence of the document.
func TestTouching(t *testing.T) {
	const (
		one     = "ups: {a: {}}\n"
		two     = "ups: {a: {match: {vendor: '0463'}}, b: {remote: nut://u@192.0.2.1/b, password: x}}\n"
		remote  = "ups: {a: {remote: nut://u@192.0.2.1/a, password: x}}\n"
		watched = "ups: {a: {power: 0}}\nmin_supplies: 0\n"
		quiet   = ": {log: false, wall: false, message: false}"
	)
	for title, c := range map[string]struct{ touched, not string }{
		"A low battery is two readings, 2 s apart.": {one, watched},
		"The floors":                                                               {one, one + "low_battery: {floors: none}\n"},
		"A number that jumps at the transfer":                                      {one + "low_battery: {charge: 30%, floors: none}\n", one + "low_battery: {floors: none}\n"},
		"FSD is told on this host":                                                 {one, one + "events: {FSD" + quiet + "}\n"},
		"A shutdown can be called off until its command":                           {one, watched},
		"After the command the host is watched on.":                                {one, watched},
		"`final_delay` is never longer than the runtime leaves":                    {one, one + "final_delay: 0s\n"},
		"The end of a condition is told":                                           {one, one + "events: {NOTLOWBATT" + quiet + ", NOTREPLBATT" + quiet + ", NOTOVER" + quiet + "}\n"},
		"What flickers is told once.":                                              {one, one + "events: {REPLBATT" + quiet + ", OVER" + quiet + ", ALARM" + quiet + ", TRIM" + quiet + ", BOOST" + quiet + "}\n"},
		"A calibration is no outage.":                                              {one, one + "events: {ONBATT" + quiet + "}\n"},
		"LOWBATT is told when a lost UPS is given up":                              {one, one + "events: {LOWBATT" + quiet + "}\n"},
		"`dead_time` counts from the last answer":                                  {one, watched},
		"Each report has its own age.":                                             {two, remote},
		"COMMBAD comes at once":                                                    {one, one + "events: {COMMBAD" + quiet + "}\n"},
		"COMMOK waits":                                                             {one, one + "events: {COMMOK" + quiet + "}\n"},
		"A deadline on battery":                                                    {one, watched},
		"Timers are one for each UPS and name":                                     {one + "events: {ONBATT: {start: t}}\ntimers: {t: {after: 5m, shutdown: true}}\n", one},
		"A gap in which the process did not run":                                   {one, watched},
		"One UPS can carry the host.":                                              {two, two + "min_supplies: 2\n"},
		"Charge that falls while the UPS says mains":                               {two, remote},
		"Mains that is there and out of range, with the battery feeding the load,": {two, remote},
		"A shutdown command that fails":                                            {one, watched},
		"The beeper":                                                               {one + "network: {users: {u: {password: xxxxxxxxxxxxxxxx, instcmds: [beeper.mute]}}}\n", one + "network: {users: {u: {password: xxxxxxxxxxxxxxxx, instcmds: [test.battery.start]}}}\n"},
	} {
		for text, want := range map[string]bool{c.touched: true, c.not: false} {
			conf, _, err := config.Parse([]byte(text), title)
			if err != nil {
				t.Fatalf("%s: %v", title, err)
			}
			got := slices.ContainsFunc(Touching(conf), func(d Decision) bool { return d.Title == title })
			if got != want {
				t.Errorf("%s: %v, want %v:\n%s", title, got, want, text)
			}
		}
	}
	if len(rows) != 23 {
		t.Errorf("%d rows: each wants its line in this test", len(rows))
	}
}
