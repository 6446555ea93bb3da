package texts

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ecnutd/monitor"
	"ecnutd/monitor/forecast"
	"ecnutd/ups"
)

// constants are those of a type of strings in a file, by name.
func constants(t *testing.T, path, kind string) map[string]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	list := make(map[string]string)
	for _, decl := range file.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.CONST {
			continue
		}
		for _, spec := range gen.Specs {
			value := spec.(*ast.ValueSpec)
			if name, ok := value.Type.(*ast.Ident); ok && name.Name == kind {
				word, err := strconv.Unquote(value.Values[0].(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				list[value.Names[0].Name] = word
			}
		}
	}
	if len(list) == 0 {
		t.Fatalf("no constant of type %s in %s", kind, path)
	}
	return list
}

// TestNextHasAllWords: every kind of prospect and every action of a timer has
// words in all languages, and no word is left for what is not said.
func TestNextHasAllWords(t *testing.T) {
	kinds := constants(t, "../../monitor/forecast/forecast.go", "Kind")
	for _, kind := range kinds {
		check(t, kind, nexts[forecast.Kind(kind)])
	}
	does := constants(t, "../../monitor/forecast/forecast.go", "Action")
	for _, a := range does {
		check(t, a, actions[forecast.Action(a)])
	}
	if len(kinds) != len(nexts) || len(does) != len(actions) {
		t.Errorf("%d kinds and %d sentences, %d actions and %d sentences", len(kinds), len(nexts), len(does), len(actions))
	}
	for code, p := range becauses {
		check(t, string(code), p)
	}
	for name, code := range codes(t) {
		low := strings.HasPrefix(name, "Low") && name != "Low" && name != "LowOnBattery"
		if _, ok := becauses[code]; low && !ok {
			t.Errorf("%s is no reason of a shutdown that is to come", name)
		}
	}
}

func check(t *testing.T, code string, p phrase) {
	t.Helper()
	if p.en == "" || p.fr == "" || p.en == p.fr {
		t.Errorf("%s: %q and %q", code, p.en, p.fr)
	}
}

// TestNext: the sentences, with the arithmetic of the clock: at 14:18:10 eight
// minutes later it is 14:26.
func TestNext(t *testing.T) {
	at := time.Date(2026, 11, 27, 14, 18, 10, 0, time.UTC)
	low := &monitor.Reason{Code: monitor.LowOnBattery, Cause: monitor.LowChargeFloor, LimitN: 20, Charge: ups.Known(20)}
	for _, c := range []struct {
		p      forecast.Prospect
		unset  bool
		en, fr string
	}{
		{forecast.Prospect{In: 7*time.Minute + 50*time.Second, Kind: forecast.Shutdown, About: true, Why: low}, false,
			"shutdown at about 14:26 (in 8 min): the battery will be low (20 %)", "arrêt vers 14:26 (dans 8 min) : la batterie sera faible (20 %)"},
		{forecast.Prospect{In: 7*time.Minute + 50*time.Second, Kind: forecast.Shutdown, About: true, Why: low}, true,
			"shutdown in about 8 min: the battery will be low (20 %)", "arrêt dans environ 8 min : la batterie sera faible (20 %)"},
		{forecast.Prospect{In: 5 * time.Second, Kind: forecast.Shutdown, About: true, Why: low}, false,
			"shutdown now: the battery is low (20 %)", "arrêt immédiat : la batterie est faible (20 %)"},
		{forecast.Prospect{In: 20 * time.Minute, Kind: forecast.Shutdown, Why: &monitor.Reason{Code: monitor.TimerEnded, Text: "wait", Limit: 20 * time.Minute}}, false,
			"shutdown at 14:38 (in 20 min): timer wait ends (20 min)", "arrêt à 14:38 (dans 20 min) : fin du délai wait (20 min)"},
		{forecast.Prospect{In: 65 * time.Minute, Kind: forecast.Shutdown, Why: &monitor.Reason{Code: monitor.LimitReached, Limit: 90 * time.Minute}}, true,
			"shutdown in 1 h 05: the limit of 1 h 30 on battery", "arrêt dans 1 h 05 : limite de 1 h 30 sur batterie"},
		{forecast.Prospect{In: 2 * time.Minute, Kind: forecast.Low, About: true, UPS: "a", Why: &monitor.Reason{Feeds: "b"}}, false,
			"battery of a low at about 14:20 (in 2 min); b feeds this host, which stays up", "batterie d'a faible vers 14:20 (dans 2 min) ; b alimente le serveur, qui reste allumé"},
		{forecast.Prospect{In: 45 * time.Second, Kind: forecast.Timer, Timer: "mail", Does: []forecast.Action{forecast.Sends, forecast.Runs, forecast.ShutsDown}, Runs: "/bin/x"}, false,
			"at 14:18 (in 45 s): timer mail ends; it sends a message, runs /bin/x and shuts this host down",
			"à 14:18 (dans 45 s) : le délai mail expire ; il envoie un message, lance /bin/x et arrête ce serveur"},
	} {
		clock := Clock{Now: at, Unset: c.unset}
		if en, fr := Next(ups.English, c.p, clock), Next(ups.French, c.p, clock); en != c.en || fr != c.fr {
			t.Errorf("got  %q\n     %q\nwant %q\n     %q", en, fr, c.en, c.fr)
		}
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 s", 45 * time.Second: "45 s", 20 * time.Minute: "20 min", 585 * time.Second: "9 min 45 s", time.Hour: "1 h",
		65 * time.Minute: "1 h 05", 65*time.Minute + 59*time.Second: "1 h 05", 30 * time.Hour: "30 h", 999 * time.Millisecond: "0 s", -time.Minute: "0 s",
	} {
		if got := Span(d); got != want {
			t.Errorf("%s is %q, want %q", d, got, want)
		}
	}
}

// TestNextSays: the whole way from a state to a message.
func TestNextSays(t *testing.T) {
	d := Data{UPS: "eaton", Event: ups.EventOnBattery, Language: ups.English, Next: func() string { return "NEXT" },
		Reason: monitor.Reason{Code: monitor.LostOnBattery, Wait: time.Minute, Charge: ups.Known(61), Runtime: ups.Known(250), Gone: true}}
	if got := Expand("{{reason}}. {{next}}", d); strings.Contains(got, "shut down") || !strings.Contains(got, "it left the USB bus") || !strings.HasSuffix(got, ". NEXT") {
		t.Errorf("what follows is told twice: %q", got)
	}
	if got := Expand("{{reason}}", d); !strings.Contains(got, "shut down") {
		t.Errorf("what follows is not told: %q", got)
	}
	if names := slices.Sorted(maps.Keys(words)); !slices.Contains(names, "next") {
		t.Error(names)
	}
}
