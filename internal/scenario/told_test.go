package scenario

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ecnutd/config"
	"ecnutd/internal/terminal"
)

// outage is a UPS of 585 s that is on battery from the fifth minute on: charge and
// runtime fall evenly, and it calls its battery low at 20 %.
func outage(lines ...string) string {
	var b strings.Builder
	b.WriteString("ups.status: OL\nbattery.charge: 100\nbattery.charge.low: 20\nbattery.runtime: 585\nTIMER 300\nups.status: OB DISCHRG\n")
	for _, line := range lines {
		b.WriteString(line + "\n")
	}
	for at := 5; at <= 585 && len(lines) == 0; at += 5 {
		left := 585 - at
		fmt.Fprintf(&b, "TIMER 5\nbattery.charge: %d\nbattery.runtime: %d\n", (100*left+584)/585, left)
		if left*100 <= 20*585 {
			b.WriteString("ups.status: OB DISCHRG LB\n")
		}
	}
	return b.String()
}

// TestToldInTheDocument: the messages of an outage stand in the document as they are
// sent, by the rules of the worked example and by the default texts.
func TestToldInTheDocument(t *testing.T) {
	raw, err := os.ReadFile("../../docs/messages.md")
	if err != nil {
		t.Fatal(err)
	}
	_, chapter, _ := strings.Cut(string(raw), "\n## An outage, as it is told\n")
	blocks := strings.Split(chapter, "```\n")
	french, err := os.ReadFile("../../docs/fr/messages.md")
	if err != nil {
		t.Fatal(err)
	}
	example, _, err := config.Load("../../config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defaults, _, err := config.Parse([]byte(`
language: fr
ups: {eaton: {description: Eaton Protection Station 800}}
messages: {routes: {mobile: {command: [/bin/true]}}}
`), "defaults")
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		config *config.Config
		script string
	}{{example, outage()}, {defaults, outage("TIMER 20", "@unplug", "TIMER 60")}} {
		script, err := Read(strings.NewReader(c.script), "outage", "", []string{"eaton"})
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, row := range Play(c.config, script) {
			if row.Kind == "notify" && row.Route == "sms" {
				fmt.Fprintf(&b, "%s  %s\n", time.Time{}.Add(time.Duration(row.T*float64(time.Second))).Format("15:04:05"), row.Text)
			}
		}
		got := terminal.Plain(88).Fold(b.String(), 10)
		if diff := cmp.Diff(blocks[1+2*i], got); diff != "" {
			t.Errorf("block %d (-document +sent):\n%s\n%s", i+1, diff, got)
		}
		if !strings.Contains(string(french), "```\n"+got+"```\n") {
			t.Errorf("block %d is not in the French document", i+1)
		}
	}
}
