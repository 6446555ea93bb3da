package setup

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"ecnutd/config"
	"ecnutd/internal/texts"
	"ecnutd/internal/texts/catalogue"
	"ecnutd/ups"
)

// An Interview asks a person for the answers that are missing.
type Interview struct {
	Language ups.Language // of the person
	In       *bufio.Reader
	Out      io.Writer
	Secret   func() (string, error) // reads one without showing it
}

// ErrUnanswered says that there was nobody to answer.
var ErrUnanswered = errors.New("setup: no answer")

func (i *Interview) say(format string, args ...any) string {
	return catalogue.Say(i.Language, format, args...)
}

func (i *Interview) tell(format string, args ...any) {
	fmt.Fprintln(i.Out, i.say(format, args...))
}

// ask asks until check has nothing against the answer. An empty one is what is
// proposed.
func (i *Interview) ask(question, proposed string, check func(string) error) (string, error) {
	for {
		fmt.Fprint(i.Out, question)
		if proposed != "" {
			fmt.Fprintf(i.Out, " [%s]", proposed)
		}
		fmt.Fprint(i.Out, " ")
		line, err := i.In.ReadString('\n')
		if err != nil {
			fmt.Fprintln(i.Out)
			return "", ErrUnanswered
		}
		answer := strings.TrimSpace(line)
		if answer == "" {
			answer = proposed
		}
		if err := check(answer); err != nil {
			fmt.Fprintln(i.Out, "  "+catalogue.Translate(i.Language, err.Error()))
			continue
		}
		return answer, nil
	}
}

// some refuses nothing at all.
func some(answer string) error {
	if answer == "" {
		return errors.New("an answer is needed here")
	}
	return nil
}

func anything(string) error { return nil }

// choose asks for one of several by its number.
func (i *Interview) choose(question string, options []string, proposed int) (int, error) {
	fmt.Fprintln(i.Out, question)
	for n, option := range options {
		fmt.Fprintf(i.Out, "  %d  %s\n", n+1, option)
	}
	answer, err := i.ask(i.say("Which number?"), strconv.Itoa(proposed+1), func(s string) error {
		if n, err := strconv.Atoi(s); err != nil || n < 1 || n > len(options) {
			return fmt.Errorf("a number from 1 to %d", len(options))
		}
		return nil
	})
	n, _ := strconv.Atoi(answer)
	return n - 1, err
}

// Yes asks for a yes, which is what is proposed.
func (i *Interview) Yes(format string, args ...any) (bool, error) {
	answer, err := i.ask(i.say(format, args...), i.say("yes"), anything)
	return err == nil && (strings.HasPrefix(strings.ToLower(answer), "y") || strings.HasPrefix(strings.ToLower(answer), "o")), err
}

// An Attached is a UPS that can be chosen.
type Attached struct {
	Line    string // it and its numbers, for a person
	Name    string // what it calls itself
	Phys    string
	Runtime time.Duration // of its battery at its load; 0 where that is not known
}

// Questions asks for all answers but those that given names by their flags, and
// returns the runtime of the UPS that was chosen.
func (i *Interview) Questions(a *Answers, given func(flag string) bool, attached []Attached) (err error) {
	if err := i.which(a, given, attached); err != nil {
		return err
	}
	if !given("tell") {
		options := []string{
			i.say("by SMS, to the owner of a Free Mobile line"), i.say("by mail, through a mail server"),
			i.say("by a push service that takes a text over HTTP (ntfy)"), i.say("nobody, for now"),
		}
		proposed := 0
		for n, way := range Ways {
			if way == a.Tell {
				proposed = n
			}
		}
		n, err := i.choose(i.say("Who is told of an outage, and how?"), options, proposed)
		if err != nil {
			return err
		}
		a.Tell = Ways[n]
	}
	if err := i.account(a, given); err != nil {
		return err
	}
	return i.after(a, given, attached)
}

// which asks for the UPS, where there is a choice.
func (i *Interview) which(a *Answers, given func(string) bool, attached []Attached) error {
	switch len(attached) {
	case 0:
		i.tell("No UPS is attached: the one that will be is taken.")
	case 1:
		i.tell("The UPS: %s", attached[0].Line)
	default:
		var options []string
		proposed := 0
		for n, u := range attached {
			options = append(options, u.Line)
			if u.Phys == a.Phys {
				proposed = n
			}
		}
		if !given("phys") {
			n, err := i.choose(i.say("Which UPS feeds this host?"), options, proposed)
			if err != nil {
				return err
			}
			a.Phys = attached[n].Phys
		}
	}
	if given("description") {
		return nil
	}
	proposed := a.Description
	for _, u := range attached {
		if proposed == "" && (u.Phys == a.Phys || len(attached) == 1) {
			proposed = u.Name
		}
	}
	if proposed == "" {
		proposed = i.say("Eaton UPS")
	}
	answer, err := i.ask(i.say("What is it called in messages?"), proposed, some)
	a.Description = answer
	return err
}

// account asks for what the way needs.
func (i *Interview) account(a *Answers, given func(string) bool) error {
	type question struct {
		flag, text string
		into       *string
		check      func(string) error
	}
	tls := string(a.TLS)
	if tls == "" {
		tls = string(config.MailStartTLS)
	}
	var list []question
	switch a.Tell {
	case FreeMobile:
		i.tell("In the subscriber's area, \"Notifications par SMS\" has to be on; it shows the key.")
		list = []question{{"user", i.say("Customer number (8 digits):"), &a.User, some}}
	case Mail:
		list = []question{
			{"host", i.say("Mail server (smtp.example.net, or with its port):"), &a.Host, some},
			{"tls", i.say("Encryption: starttls, tls or off?"), &tls, func(s string) error {
				switch config.MailTLS(s) {
				case config.MailStartTLS, config.MailFromOn, config.MailClear:
					return nil
				}
				return errors.New("starttls, tls or off")
			}},
			{"user", i.say("Login there (empty: none):"), &a.User, anything},
			{"from", i.say("The mail comes from (address):"), &a.From, some},
			{"to", i.say("The mail goes to (address):"), &a.To, some},
		}
	case HTTP:
		list = []question{{"url", i.say("Address that takes the text (https://ntfy.sh/my-secret-topic):"), &a.URL, checkURL}}
	}
	for _, q := range list {
		if given(q.flag) {
			continue
		}
		answer, err := i.ask(q.text, *q.into, q.check)
		if err != nil {
			return err
		}
		*q.into = answer
	}
	if a.Tell == Mail {
		a.TLS = config.MailTLS(tls)
	}
	return nil
}

// AskSecret asks for the secret of the way; "" where there is to be none, or where the
// one that is there stays.
func (i *Interview) AskSecret(a Answers) (string, error) {
	if a.SecretFile() == "" || a.Tell == Mail && a.User == "" {
		return "", nil
	}
	prompt := map[Way]string{FreeMobile: i.say("The key of the option"), Mail: i.say("The password there"), HTTP: i.say("An access token")}[a.Tell]
	_, err := os.Stat(a.SecretFile())
	switch {
	case err == nil:
		prompt += i.say(" (empty: the one that is there)")
	case !a.NeedsSecret():
		prompt += i.say(" (empty: none)")
	}
	colon := ": "
	if i.Language == ups.French {
		colon = " : "
	}
	for {
		fmt.Fprint(i.Out, prompt+colon)
		secret, failed := i.Secret()
		fmt.Fprintln(i.Out)
		if failed != nil {
			return "", ErrUnanswered
		}
		if secret = strings.TrimSpace(secret); secret != "" || err == nil || !a.NeedsSecret() {
			return secret, nil
		}
	}
}

// after asks when the host is to go down.
func (i *Interview) after(a *Answers, given func(string) bool, attached []Attached) error {
	if given("after") {
		return nil
	}
	for _, u := range attached {
		if u.Runtime > 0 && (len(attached) == 1 || u.Phys == a.Phys) {
			i.tell("At its load the battery lasts %s now.", texts.Span(u.Runtime))
		}
	}
	proposed := Low
	if a.After > 0 {
		proposed = config.FormatDuration(a.After)
	}
	answer, err := i.ask(i.say("How long on battery until the host goes down (10m; low: when the battery is low)?"), proposed, func(s string) error {
		_, err := ParseAfter(s)
		return err
	})
	if err != nil {
		return err
	}
	a.After, err = ParseAfter(answer)
	return err
}

// Numbers is a line on a UPS with its numbers, by its variables, and how long its
// battery lasts; 0 where it does not say.
func Numbers(l ups.Language, name string, vars ups.Variables) (line string, runtime time.Duration) {
	status := ups.ParseStatus(vars["ups.status"])
	parts := []string{catalogue.Say(l, "it says neither mains nor battery")}
	switch {
	case status.Has(ups.OnBattery):
		parts[0] = catalogue.Say(l, "on battery")
	case status.Has(ups.Online):
		parts[0] = catalogue.Say(l, "on mains")
	}
	if v := vars["battery.charge"]; v != "" {
		parts = append(parts, catalogue.Say(l, "charge %s", v+" %"))
	}
	if seconds, err := strconv.Atoi(vars["battery.runtime"]); err == nil && seconds > 0 {
		runtime = time.Duration(seconds) * time.Second
		parts = append(parts, catalogue.Say(l, "the battery lasts %s", texts.Span(runtime)))
	}
	if v := vars["ups.load"]; v != "" {
		parts = append(parts, catalogue.Say(l, "load %s", v+" %"))
	}
	return name + ": " + strings.Join(parts, ", "), runtime
}
