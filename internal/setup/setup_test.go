package setup

import (
	"bufio"
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ecnutd/config"
	"ecnutd/internal/texts/catalogue"
	"ecnutd/ups"
)

// run plays setup with what somebody types and what flags give. It returns what was
// shown and how often a test message was sent.
func run(t *testing.T, p *Plan, typed, secret string) (shown string, sent int, err error) {
	t.Helper()
	var out strings.Builder
	given := p.Given
	if given == nil {
		p.Given = func(string) bool { return false }
	}
	p.Asks = typed != ""
	p.Ask = &Interview{Language: p.Answers.Language, In: bufio.NewReader(strings.NewReader(typed)), Out: &out, Secret: func() (string, error) { return secret, nil }}
	p.Answers.Folder, p.Now, p.Host, p.Group = filepath.Dir(p.Path), time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), "nas", "no-such-group"
	p.Check = func(string) []string { return nil }
	p.Send = func(context.Context, config.Route) error { sent++; return nil }
	p.Serve = func(context.Context) (bool, string) { return false, "sudo systemctl restart ecnutd" }
	err = p.Run(t.Context())
	return out.String(), sent, err
}

// TestInterview: a person who answers in French gets a configuration that protects
// the host and tells them, with the key in a file of its own; the second time what
// the file says is proposed, and nothing else comes of it.
func TestInterview(t *testing.T) {
	path := filepath.Join(t.TempDir(), "etc/config.yaml")
	station := Attached{Line: "EATON Protection Station 800: sur secteur", Name: "EATON Protection Station 800", Phys: "usb-1", Runtime: 585 * time.Second}
	shown, sent, err := run(t, &Plan{Path: path, Answers: Answers{Language: ups.French}, Attached: []Attached{station}}, "Onduleur du bureau\n1\n12345678\nvite\n5m\noui\noui\n", "lacle\n")
	if err != nil {
		t.Fatal(err)
	}
	c, findings, err := config.Load(path)
	if err != nil || len(findings) > 0 {
		t.Fatalf("%v, %v", err, findings)
	}
	r := c.Messages.Routes[0]
	if c.Language != ups.French || c.UPS[0].Description != "Onduleur du bureau" || r.FreeMobile == nil || r.FreeMobile.User != "12345678" || c.LowBattery.OnBattery != 5*time.Minute {
		t.Errorf("written: %+v", c)
	}
	if value, err := r.FreeMobile.Password.Value(); err != nil || value != "lacle" {
		t.Errorf("the key: %q, %v", value, err)
	}
	for file, mode := range map[string]os.FileMode{path: 0o640, filepath.Join(filepath.Dir(path), "free.secret"): 0o640, filepath.Dir(path): 0o755} {
		if st, err := os.Stat(file); err != nil || st.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", file, st.Mode(), err)
		}
	}
	if sent != 1 || strings.Contains(shown, "lacle") {
		t.Errorf("%d test messages, and shown:\n%s", sent, shown)
	}
	for _, words := range []string{
		"L'onduleur : EATON Protection Station 800", "la batterie tient 9 min 45 s", `"vite" n'est ni low ni une durée comme 10m`,
		"on_battery: 5m", "Le message d'essai a été pris", "sudo systemctl restart ecnutd", "Retirez du mur la prise", "Onduleur du bureau : coupure de courant",
	} {
		if !strings.Contains(shown, words) {
			t.Errorf("no %q in\n%s", words, shown)
		}
	}
	if strings.Contains(shown, "elle est faible avant") {
		t.Errorf("5 min of 9 min 45 s are doubted:\n%s", shown)
	}
	if shown, _, err := run(t, &Plan{Path: path, Answers: Answers{Language: ups.French, Tell: Nobody, After: 20 * time.Minute}, Attached: []Attached{station}, Dry: true, Given: func(string) bool { return true }}, "", ""); err != nil || !strings.Contains(shown, "la batterie tient 9 min 45 s en ce moment : elle est faible avant que 20 min") {
		t.Errorf("20 min of 9 min 45 s: %v\n%s", err, shown)
	}
	before, _ := os.ReadFile(path)
	shown, sent, err = run(t, &Plan{Path: path, Answers: Answers{Language: ups.French}, Attached: []Attached{station}}, strings.Repeat("\n", 4)+"oui\nnon\n", "")
	after, _ := os.ReadFile(path)
	if diff := cmp.Diff(string(before), string(after)); diff != "" || err != nil || sent != 0 {
		t.Errorf("again, with what is proposed: %v, %d sent\n%s\n%s", err, sent, diff, shown)
	}
	if aside, _ := filepath.Glob(path + ".before-*"); len(aside) != 0 {
		t.Errorf("kept beside it: %q", aside)
	}
}

// TestWays: each way makes a configuration without an error, that says what was
// answered.
func TestWays(t *testing.T) {
	for name, c := range map[string]struct {
		answers Answers
		secret  string
		see     func(r config.Route) bool
	}{
		"mail": {Answers{Tell: Mail, Host: "smtp.example.net:2525", TLS: config.MailFromOn, User: "ups@example.net", From: "ups@example.net", To: "you@example.net"}, "p", func(r config.Route) bool {
			return r.Mail.Host == "smtp.example.net" && r.Mail.Port == 2525 && r.Mail.TLS == config.MailFromOn && r.Mail.User == "ups@example.net" && r.Mail.To == "you@example.net"
		}},
		"mail without a login": {Answers{Tell: Mail, Host: "localhost", TLS: config.MailClear, From: "ups@example.net", To: "root@localhost"}, "", func(r config.Route) bool {
			return r.Mail.Password.IsZero() && r.Mail.TLS == config.MailClear
		}},
		"push":                {Answers{Tell: HTTP, URL: "https://ntfy.sh/x"}, "tk", func(r config.Route) bool { return r.HTTP.Headers["Authorization"] == "Bearer {{secret}}" }},
		"push without secret": {Answers{Tell: HTTP, URL: "https://ntfy.sh/x"}, "", func(r config.Route) bool { return r.HTTP.Secret.IsZero() && r.HTTP.Headers["Authorization"] == "" }},
		"an odd description":  {Answers{Tell: HTTP, URL: "https://h/x", Description: "l'onduleur : \"gros\" #1 é", Phys: "usb-0000:00:1d.2-1"}, "", func(config.Route) bool { return true }},
	} {
		path := filepath.Join(t.TempDir(), "config.yaml")
		c.answers.Language = ups.English
		if _, _, err := run(t, &Plan{Path: path, Answers: c.answers, Secret: c.secret, Given: func(string) bool { return true }}, "", ""); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, _, err := config.Load(path)
		if err != nil || !c.see(got.Messages.Routes[0]) {
			t.Errorf("%s: %v, %+v", name, err, got)
			continue
		}
		if d := c.answers.Description; d != "" && (got.UPS[0].Description != d || got.UPS[0].Match.Phys != c.answers.Phys) {
			t.Errorf("%s: %+v", name, got.UPS[0])
		}
		if b, err := Look(path); err != nil || !b.Ours {
			t.Errorf("%s: taken for edited by hand: %v", name, err)
		}
	}
}

// TestEdited: a file that somebody has edited is never lost, and without a word from
// anybody not touched.
func TestEdited(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.yaml")
	const edited = "ups: {a: {}, b: {device: /dev/hidraw1}}\n"
	if err := os.WriteFile(path, []byte(edited), 0o600); err != nil {
		t.Fatal(err)
	}
	plan := func() *Plan { return &Plan{Path: path, Answers: Answers{Language: ups.English, Tell: Nobody}} }
	if _, _, err := run(t, plan(), "", ""); !errors.Is(err, ErrEdited) {
		t.Errorf("without a question: %v", err)
	}
	if shown, _, err := run(t, plan(), "\n4\n\nno\n", ""); err != nil || !strings.Contains(shown, "was edited by hand") || !strings.Contains(shown, "Nothing was written") {
		t.Errorf("with a no: %v\n%s", err, shown)
	}
	if now, _ := os.ReadFile(path); string(now) != edited {
		t.Errorf("it is %q now", now)
	}
	p := plan()
	p.Replace = true
	if _, _, err := run(t, p, "", ""); err != nil {
		t.Fatal(err)
	}
	if kept, _ := os.ReadFile(path + ".before-20260102T030405Z"); string(kept) != edited {
		t.Errorf("kept is %q", kept)
	}
	// What the package brings is nobody's.
	if err := os.WriteFile(path, []byte(config.Initial), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := run(t, plan(), "", ""); err != nil {
		t.Errorf("over the package's: %v", err)
	}
}

// TestMissing: what is still needed is named by its flag, and nothing is written.
func TestMissing(t *testing.T) {
	for flag, a := range map[string]Answers{
		"user": {Tell: FreeMobile}, "host": {Tell: Mail}, "from": {Tell: Mail, Host: "h"}, "url": {Tell: HTTP}, "tell": {Tell: "pigeon"}, "secret": {Tell: FreeMobile, User: "1"},
	} {
		path := filepath.Join(t.TempDir(), "config.yaml")
		a.Language = ups.English
		_, _, err := run(t, &Plan{Path: path, Answers: a, Given: func(string) bool { return true }}, "", "")
		if err == nil || !strings.Contains(err.Error(), "--"+flag) || exists(path) {
			t.Errorf("want --%s, got %v", flag, err)
		}
	}
}

// TestTranslated: every text of this package is there in French.
func TestTranslated(t *testing.T) {
	same := map[string]bool{"charge %s": true}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	look := func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		name := ""
		switch f := call.Fun.(type) {
		case *ast.SelectorExpr:
			name = f.Sel.Name
		case *ast.Ident:
			name = f.Name
		}
		at := map[string]int{"say": 0, "tell": 0, "Yes": 0, "comment": 0, "Say": 1}
		i, ok := at[name]
		if !ok || i >= len(call.Args) {
			return true
		}
		if lit, ok := call.Args[i].(*ast.BasicLit); ok && lit.Kind == token.STRING {
			text, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			found++
			if catalogue.Say(ups.French, text) == text && !same[text] {
				t.Errorf("there is no French for %q", text)
			}
		}
		return true
	}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, look)
	}
	if found < 30 {
		t.Errorf("only %d texts", found)
	}
}
