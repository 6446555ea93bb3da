// Package setup makes the first configuration of a host from a few answers: which
// UPS, whom to tell, and after how long to go down. It asks for those that were not
// given, shows the file before it is written, and can be run again: what the file
// says is then what is proposed.
package setup

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"ecnutd/config"
	"ecnutd/ups"
)

// A Way is how messages leave.
type Way string

// The ways that are set up here; all others are for an editor.
const (
	FreeMobile Way = "free_mobile"
	Mail       Way = "mail"
	HTTP       Way = "http"
	Nobody     Way = "none"
)

// Ways are all of them, in the order in which they are offered.
var Ways = []Way{FreeMobile, Mail, HTTP, Nobody}

// Low is the answer to "after how long" that means: when the battery is low.
const Low = "low"

// Answers are what the configuration is made of.
type Answers struct {
	Language    ups.Language
	Name        string // of the UPS
	Description string
	Phys        string // its place on USB, where several are attached; "" for the only one

	Tell Way
	User string // of Free Mobile, or the login at the mail server
	Host string // of the mail server, with its port if that is another
	TLS  config.MailTLS
	From string
	To   string
	URL  string // that takes the text as the body of a request

	After time.Duration // on battery; 0: when the battery is low

	Folder string // of the configuration and its secrets
}

// secretFiles are where the secret of a way is kept, below the folder.
var secretFiles = map[Way]string{FreeMobile: "free.secret", Mail: "mail.secret", HTTP: "http.secret"}

// SecretFile is the file of the secret; "" where there is none.
func (a Answers) SecretFile() string {
	if secretFiles[a.Tell] == "" {
		return ""
	}
	return a.Folder + "/" + secretFiles[a.Tell]
}

// Missing names the first answer that is still needed, by its flag; "" where all
// are there.
func (a Answers) Missing() string {
	need := map[Way][]struct{ flag, value string }{
		FreeMobile: {{"user", a.User}},
		Mail:       {{"host", a.Host}, {"from", a.From}, {"to", a.To}},
		HTTP:       {{"url", a.URL}},
		Nobody:     nil,
	}
	list, known := need[a.Tell]
	if !known {
		return "tell"
	}
	for _, n := range list {
		if n.value == "" {
			return n.flag
		}
	}
	return ""
}

// NeedsSecret reports whether the way cannot be without a secret.
func (a Answers) NeedsSecret() bool { return a.Tell == FreeMobile || a.Tell == Mail && a.User != "" }

// ParseAfter reads the answer to "after how long": low, or a duration as in the
// configuration.
func ParseAfter(text string) (time.Duration, error) {
	text = strings.TrimSpace(text)
	if text == Low {
		return 0, nil
	}
	d, err := time.ParseDuration(strings.ReplaceAll(text, " ", ""))
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%q is neither %s nor a duration such as 10m", text, Low)
	}
	return d, nil
}

// checkURL refuses an address that no request could go to.
func checkURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return errors.New("the address begins with https://")
	}
	return nil
}

// From reads the answers back from a configuration; it is not ok where that has
// more than setup writes.
func From(c *config.Config, folder string) (a Answers, ok bool) {
	a = Answers{Language: c.Language, Tell: Nobody, After: c.LowBattery.OnBattery, Folder: folder}
	if len(c.UPS) > 0 {
		a.Name, a.Description, a.Phys = c.UPS[0].Name, c.UPS[0].Description, c.UPS[0].Match.Phys
	}
	if len(c.Messages.Routes) > 0 {
		switch r := c.Messages.Routes[0]; {
		case r.FreeMobile != nil:
			a.Tell, a.User = FreeMobile, r.FreeMobile.User
		case r.Mail != nil:
			a.Tell, a.User, a.Host, a.TLS, a.From, a.To = Mail, r.Mail.User, r.Mail.Host, r.Mail.TLS, r.Mail.From, r.Mail.To
			if r.Mail.Port != 0 {
				a.Host = fmt.Sprintf("%s:%d", a.Host, r.Mail.Port)
			}
		case r.HTTP != nil:
			a.Tell, a.URL = HTTP, r.HTTP.URL
		}
	}
	return a, len(c.UPS) <= 1 && len(c.Messages.Routes) <= 1
}
