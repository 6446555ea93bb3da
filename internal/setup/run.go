package setup

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"ecnutd/config"
	"ecnutd/internal/texts"
	"ecnutd/internal/texts/catalogue"
	"ecnutd/monitor"
	"ecnutd/ups"
)

// A Plan is one run of setup: what was given, and how it reaches this host.
type Plan struct {
	Path    string // of the configuration
	Answers Answers
	Given   func(flag string) bool
	Secret  string // that was given; "" for none
	Ask     *Interview
	Asks    bool // there is somebody to ask
	Dry     bool // show the file, and write nothing
	Replace bool // a file that somebody has edited may be replaced
	Test    bool // send a test message without asking

	Attached []Attached
	Group    string // that reads the configuration
	Now      time.Time
	Host     string

	Check func(path string) []string                         // what is wrong with a configuration on this host
	Send  func(ctx context.Context, r config.Route) error    // sends a test message
	Serve func(ctx context.Context) (done bool, todo string) // has the service take the file over
}

// ErrEdited says that somebody has edited the file that would be replaced.
var ErrEdited = errors.New("the configuration was edited by hand: --replace writes the new one in its place and keeps the old one beside it")

// Run asks what was not given, shows the file and writes it, tries it, and says how
// the plug is tested.
func (p *Plan) Run(ctx context.Context) error {
	before, err := Look(p.Path)
	if err != nil {
		return err
	}
	p.propose(before.Answer)
	i := p.Ask
	if p.Asks {
		if err := i.Questions(&p.Answers, p.Given, p.Attached); err != nil {
			return err
		}
		if p.Secret == "" && !p.Given("secret") {
			if p.Secret, err = i.AskSecret(p.Answers); err != nil {
				return err
			}
		}
	}
	if flag := p.Answers.Missing(); flag != "" {
		return errors.New(i.say("%s is still missing: give --%s", flag, flag))
	}
	there := p.Secret != "" || exists(p.Answers.SecretFile())
	if p.Answers.NeedsSecret() && !there && !p.Dry {
		return errors.New(i.say("%s is still missing: give --%s", "secret", "secret"))
	}
	text := p.Answers.File(there || p.Answers.NeedsSecret())
	c, findings, err := config.Parse([]byte(text), p.Path)
	if err != nil {
		return err
	}
	i.tell("The file %s:", p.Path)
	fmt.Fprintln(i.Out, "\n    "+strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ")+"\n")
	for _, f := range findings {
		i.tell("found in the file: %s", catalogue.Translate(i.Language, f.Msg))
	}
	for _, u := range p.Attached {
		if a := p.Answers; u.Runtime > 0 && a.After >= u.Runtime && (len(p.Attached) == 1 || u.Phys == a.Phys) {
			i.tell("At its load the battery lasts %s now: it is low before %s have passed, and then the host goes down.", texts.Span(u.Runtime), texts.Span(a.After))
		}
	}
	if p.Dry {
		i.tell("Nothing was written.")
		return nil
	}
	if ok, err := p.mayWrite(before); err != nil || !ok {
		return err
	}
	if err := p.write(text, before); err != nil {
		return err
	}
	return p.try(ctx, c)
}

// propose takes what the file says for whatever was not given.
func (p *Plan) propose(from Answers) {
	a := &p.Answers
	for _, x := range []struct {
		flag string
		into *string
		from string
	}{
		{"name", &a.Name, from.Name}, {"description", &a.Description, from.Description}, {"phys", &a.Phys, from.Phys}, {"user", &a.User, from.User},
		{"host", &a.Host, from.Host}, {"from", &a.From, from.From}, {"to", &a.To, from.To}, {"url", &a.URL, from.URL},
		{"tell", (*string)(&a.Tell), string(from.Tell)}, {"tls", (*string)(&a.TLS), string(from.TLS)}, {"language", (*string)(&a.Language), string(from.Language)},
	} {
		if !p.Given(x.flag) && x.from != "" {
			*x.into = x.from
		}
	}
	if !p.Given("after") && from.After > 0 {
		a.After = from.After
	}
	if a.Tell == "" && !p.Asks {
		a.Tell = Nobody
	}
	if a.Description == "" && len(p.Attached) > 0 && !p.Asks {
		a.Description = p.Attached[0].Name
	}
}

// mayWrite asks whether the file is written.
func (p *Plan) mayWrite(before Before) (bool, error) {
	if !before.Ours && !p.Replace {
		if !p.Asks {
			return false, fmt.Errorf("%s: %w", p.Path, ErrEdited)
		}
		p.Ask.tell("%s was edited by hand. It is kept as it is beside the new one, which takes its place.", p.Path)
	}
	if !p.Asks {
		return true, nil
	}
	ok, err := p.Ask.Yes("Write it?")
	if err == nil && !ok {
		p.Ask.tell("Nothing was written.")
	}
	return ok, err
}

// write writes the secret, then the file that names it.
func (p *Plan) write(text string, before Before) error {
	if p.Secret != "" {
		if _, err := Write(p.Answers.SecretFile(), p.Secret+"\n", false, p.Group, p.Now); err != nil {
			return err
		}
		p.Ask.tell("Written: %s", p.Answers.SecretFile())
	}
	kept, err := Write(p.Path, text, !before.Ours, p.Group, p.Now)
	if err != nil {
		return err
	}
	if kept != "" {
		p.Ask.tell("What was there is kept: %s", kept)
	}
	p.Ask.tell("Written: %s", p.Path)
	return nil
}

// try looks at the file on this host, sends a test message, and has the service take
// it over.
func (p *Plan) try(ctx context.Context, c *config.Config) error {
	i := p.Ask
	for _, f := range p.Check(p.Path) {
		i.tell("found in the file: %s", catalogue.Translate(i.Language, f))
	}
	var failed error
	if len(c.Messages.Routes) > 0 {
		send := p.Test
		if p.Asks && !p.Given("test") {
			var err error
			if send, err = i.Yes("Send a test message now?"); err != nil {
				return err
			}
		}
		if send {
			if failed = p.Send(ctx, c.Messages.Routes[0]); failed == nil {
				i.tell("The test message was taken: look whether it arrives.")
			} else {
				failed = errors.New(i.say("The test message was not taken: %v", failed))
			}
		}
	}
	if done, todo := p.Serve(ctx); done {
		i.tell("The service has taken the file over.")
	} else {
		i.tell("Now: %s", todo)
	}
	fmt.Fprintln(i.Out)
	i.tell(catalogue.PlugTest, p.said(c, ups.EventOnBattery), p.said(c, ups.EventOnline))
	return failed
}

// said is the message of an event as it will be, with examples for its numbers.
func (p *Plan) said(c *config.Config, e ups.Event) string {
	u := c.UPS[0]
	why := map[ups.Event]monitor.Reason{
		ups.EventOnBattery: {Code: monitor.OnBatteryNow}, ups.EventOnline: {Code: monitor.BackOnMains, For: 10 * time.Second, Charge: ups.Known(100), Runtime: ups.Known(585)},
	}
	return texts.Expand(texts.Default(c.Language, e), texts.Data{
		UPS: u.Name, Description: u.Description, Event: e, Host: p.Host, At: p.Now, Language: c.Language, Reason: why[e],
		Snapshot: ups.Snapshot{Charge: ups.Known(100), Runtime: ups.Known(585)}, Next: func() string { return "…" },
	})
}
