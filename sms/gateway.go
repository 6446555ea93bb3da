package sms

import (
	"bytes"
	"context"
	"ecnutd/internal/request"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Gateway is any service that takes a message in one HTTP request. URL,
// Headers and Body are templates with the placeholders
//
//	{{text|url}}   the text, percent-encoded: for addresses and forms
//	{{text|json}}  the text as a JSON string, with its quotes
//	{{text}}       the text as it is: in a body only
//	{{secret|url}} {{secret|json}} {{secret|base64}} {{secret}}  the secret
//	{{title}}      a headline, in the same spellings
//	{{id}}         what no other notice has, and every repetition of this one
//	{{priority}}   from 1 to 5, 3 is usual; {{priority|gotify}} is from 0 to 10,
//	               {{priority|pushover}} from -1 to 1
type Gateway struct {
	Name    string
	Method  string // POST by default, GET without a body
	URL     string // https; http is allowed for a box in one's own network
	Headers map[string]string
	Body    string
	Secret  Secret
	// LineBreak is what a line break in a text becomes; "\n" by default.
	LineBreak string
	// Success, Refused and TooMany are answers by HTTP status: by default 200
	// to 299; 400, 401, 403, 413 and 414; 429. All others are temporary.
	Success, Refused, TooMany []int
	// Expect is a regular expression that the body of a successful answer has
	// to match, for gateways that say no with a 200. Only the first 4 KiB are
	// looked at.
	Expect string
	CAFile string
	Limit  Limit
}

type gateway struct {
	g         Gateway
	url, body template
	headers   map[string]template
	expect    *regexp.Regexp
	client    request.Client
}

// token is what a method or a header's name may be (RFC 9110 §5.6.2).
var token = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$") })

// control is what a header's value may not hold (RFC 9110 §5.5).
func control(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

// NewGateway checks the templates and makes a route. It opens nothing.
func NewGateway(g Gateway) (Route, error) {
	if g.Name == "" {
		return nil, errors.New("a gateway needs a name")
	}
	r := &gateway{g: g, headers: make(map[string]template), client: request.Client{CAFile: g.CAFile, Secrets: []Secret{g.Secret}}}
	if err := r.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", g.Name, err)
	}
	return r, nil
}

// check parses everything.
func (r *gateway) check() error {
	g := &r.g
	var err error
	if g.Method == "" {
		g.Method = http.MethodPost
		if g.Body == "" {
			g.Method = http.MethodGet
		}
	}
	if g.Method = strings.ToUpper(g.Method); !token().MatchString(g.Method) {
		return fmt.Errorf("%q is no HTTP method", g.Method)
	}
	if r.url, err = parseTemplate(g.URL, slices.Concat([]string{"text|url", "secret|url", "title|url"}, marks)...); err != nil {
		return fmt.Errorf("the url %w", err)
	}
	if err := r.checkURL(); err != nil {
		return err
	}
	if r.body, err = parseTemplate(g.Body, slices.Concat([]string{"text", "text|url", "text|json", "secret", "secret|url", "secret|json", "secret|base64", "title", "title|url", "title|json"}, marks)...); err != nil {
		return fmt.Errorf("the body %w", err)
	}
	if err := r.checkHeaders(); err != nil {
		return err
	}
	if !r.url.uses("text") && !r.body.uses("text") {
		return errors.New("the message appears nowhere: put {{text|url}} into the url, or {{text|json}} into the body")
	}
	if uses := r.url.uses("secret") || r.body.uses("secret") || r.headersUseSecret(); uses && g.Secret.Reveal() == "" {
		return errors.New("the templates use {{secret}}, and there is none")
	}
	if r.expect, err = regexp.Compile(g.Expect); err != nil {
		return fmt.Errorf("expect is no regular expression: %w", err)
	}
	if g.LineBreak == "" {
		g.LineBreak = "\n"
	}
	for _, codes := range []struct {
		set *[]int
		or  []int
	}{{&g.Refused, []int{400, 401, 403, 413, 414}}, {&g.TooMany, []int{429}}} {
		if *codes.set == nil {
			*codes.set = codes.or
		}
	}
	return nil
}

// checkURL fills the address in with two samples: the host must not come from
// a message or a secret.
func (r *gateway) checkURL() error {
	a, err := request.Endpoint(r.url.fill(sample("a"), NewSecret("a")), "https", "http")
	if err != nil {
		return fmt.Errorf("the url %w", err)
	}
	b, err := request.Endpoint(r.url.fill(sample("b"), NewSecret("b")), "https", "http")
	if err != nil || a.Host != b.Host {
		return errors.New("the url has a placeholder in its host")
	}
	return nil
}

// checkHeaders parses the headers, and finds a body that says it is JSON and
// is not.
func (r *gateway) checkHeaders() error {
	for _, name := range slices.Sorted(maps.Keys(r.g.Headers)) {
		t, err := parseTemplate(r.g.Headers[name], slices.Concat([]string{"text|url", "secret", "secret|url", "secret|base64", "title|url", "title|mime"}, marks)...)
		if err != nil {
			return fmt.Errorf("the header %s %w", request.OneLine(name), err)
		}
		filled := t.fill(sample("text"), r.g.Secret)
		if !token().MatchString(name) || strings.ContainsFunc(filled, control) {
			return fmt.Errorf("the header %q has characters in its name or value that HTTP does not allow", request.OneLine(name))
		}
		r.headers[name] = t
		if strings.EqualFold(name, "Content-Type") && strings.Contains(filled, "json") &&
			!json.Valid([]byte(r.body.fill(sample(`a "sample"`), NewSecret("secret")))) {
			return errors.New("the body is not JSON once it is filled in: {{text|json}} and {{secret|json}} bring their own quotes")
		}
	}
	return nil
}

// headersUseSecret tells whether a header has the secret.
func (r *gateway) headersUseSecret() bool {
	for _, t := range r.headers {
		if t.uses("secret") {
			return true
		}
	}
	return false
}

func (r *gateway) Name() string { return r.g.Name }

func (r *gateway) Limit() Limit { return r.g.Limit }

// String keeps the templates, which may hold credentials, out of whatever
// prints the route.
func (r *gateway) String() string { return "HTTP route " + r.g.Name }

// Send makes the request.
func (r *gateway) Send(ctx context.Context, n Notice) error {
	n.Text = strings.ReplaceAll(n.Text, "\n", r.g.LineBreak)
	u, err := url.Parse(r.url.fill(n, r.g.Secret))
	if err != nil {
		return fail(r.g.Name, ErrRefused, "the url is none once it is filled in: check its template")
	}
	body := []byte(r.body.fill(n, r.g.Secret))
	req := &http.Request{Method: r.g.Method, URL: u, Host: u.Host, Header: http.Header{"User-Agent": {"ecnutd"}}}
	if len(body) > 0 {
		req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, t := range r.headers {
		req.Header.Set(name, t.fill(n, r.g.Secret))
	}
	a, err := r.client.Do(ctx, req)
	if err != nil {
		return fail(r.g.Name, nil, "%s", err)
	}
	said := request.OneLine(request.Hide(string(a.Body), r.client.Secrets...))
	switch {
	case r.succeeds(a.Code):
		if a.Cut && r.g.Expect != "" || !r.expect.Match(a.Body) {
			return fail(r.g.Name, nil, "the gateway answered %d, but not with what is expected: %s", a.Code, said)
		}
		return nil
	case slices.Contains(r.g.Refused, a.Code):
		return fail(r.g.Name, ErrRefused, "the gateway refuses the request (%d): check the account and the templates; it says: %s", a.Code, said)
	case slices.Contains(r.g.TooMany, a.Code):
		return rested(fail(r.g.Name, ErrTooMany, "too many messages in a short time (%d): the next try is later, with everything in one", a.Code), a)
	}
	return rested(fail(r.g.Name, nil, "%s", request.Unexpected(a)), a)
}

// rested notes in a failure when the gateway wants the next try.
func rested(err error, a request.Answer) error {
	if f, ok := errors.AsType[*failure](err); ok {
		f.after = a.RetryAfter
	}
	return err
}

// marks are the placeholders that need no spelling: digits and letters.
var marks = []string{"id", "priority", "priority|gotify", "priority|pushover"}

// sample is a notice to try a template with.
func sample(text string) Notice { return Notice{Text: text, Title: text, ID: "0123456789ab"} }

// succeeds tells whether a status means that the message was taken.
func (r *gateway) succeeds(code int) bool {
	if r.g.Success == nil {
		return code >= 200 && code < 300
	}
	return slices.Contains(r.g.Success, code)
}
