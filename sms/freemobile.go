package sms

import (
	"context"
	"ecnutd/internal/request"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// FreeMobileEndpoint is where Free Mobile takes messages that its subscribers
// send to themselves.
const FreeMobileEndpoint = "https://smsapi.free-mobile.fr/sendmsg"

// FreeMobile is an account with the option "Notifications par SMS": one
// subscriber, who gets the messages on their own phone.
type FreeMobile struct {
	Name     string // of the route; "free_mobile" by default
	User     string // the subscriber's number, eight digits
	Password Secret // the key that the option shows, not the one of the account
	Endpoint string // https only; FreeMobileEndpoint by default
	CAFile   string // PEM; trusted instead of the system's certificates
	Limit    Limit  // DefaultLimit by default
}

// freeMobileAnswers is what the gateway's answers mean, as the option's own
// page has them. Every other code is a fault that may pass.
var freeMobileAnswers = map[int]struct {
	kind error
	text string
}{
	400: {ErrRefused, "a parameter is missing or wrong (400): check user and password"},
	402: {ErrTooMany, "too many messages in a short time (402): the next try is later, with everything in one"},
	403: {ErrRefused, "user or password is wrong, or the option is off (403): switch on \"Notifications par SMS\" in the subscriber's area, and take the key shown there"},
	413: {ErrRefused, "the text is too long (413): set a lower limit"},
	414: {ErrRefused, "the text is too long (414): set a lower limit"},
	500: {nil, "the gateway is out of order (500): tried again later"},
}

type freeMobile struct {
	name     string
	endpoint *url.URL
	user     string
	password Secret
	client   request.Client
	limit    Limit
}

// NewFreeMobile makes a route of an account. It opens nothing.
func NewFreeMobile(f FreeMobile) (Route, error) {
	r := &freeMobile{name: f.Name, user: f.User, password: f.Password, limit: f.Limit}
	if r.name == "" {
		r.name = "free_mobile"
	}
	if f.Endpoint == "" {
		f.Endpoint = FreeMobileEndpoint
	}
	var err error
	if r.endpoint, err = request.Endpoint(f.Endpoint, "https"); err != nil {
		return nil, fmt.Errorf("%s: the endpoint %w", r.name, err)
	}
	if f.User == "" {
		return nil, fmt.Errorf("%s: the user is missing: it is the subscriber's number, eight digits", r.name)
	}
	if f.Password.Reveal() == "" {
		return nil, fmt.Errorf("%s: the password is missing: it is the key that the option \"Notifications par SMS\" shows", r.name)
	}
	r.client = request.Client{CAFile: f.CAFile, Secrets: []Secret{f.Password}}
	return r, nil
}

func (r *freeMobile) Name() string { return r.name }

func (r *freeMobile) Limit() Limit { return r.limit }

// String keeps the account out of whatever prints the route.
func (r *freeMobile) String() string { return "Free Mobile route " + r.name }

// Send asks the gateway to send a text.
func (r *freeMobile) Send(ctx context.Context, n Notice) error {
	u := *r.endpoint
	// The gateway cuts a text at %0A and takes %0D for a line break.
	query := "user=" + request.Percent(r.user) + "&pass=" + request.Percent(r.password.Reveal()) +
		"&msg=" + request.Percent(strings.ReplaceAll(n.Text, "\n", "\r"))
	if u.RawQuery != "" {
		query = u.RawQuery + "&" + query
	}
	u.RawQuery = query
	req := &http.Request{Method: http.MethodGet, URL: &u, Host: u.Host, Header: http.Header{"User-Agent": {"ecnutd"}}}
	a, err := r.client.Do(ctx, req)
	if err != nil {
		return fail(r.name, nil, "%s", err)
	}
	if a.Code == http.StatusOK {
		return nil
	}
	if known, ok := freeMobileAnswers[a.Code]; ok {
		return fail(r.name, known.kind, "%s", known.text)
	}
	return fail(r.name, nil, "%s", request.Unexpected(a))
}
