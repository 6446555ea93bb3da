//go:build shoutrrr

package sms

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/url"
	"strings"

	"ecnutd/internal/request"
	"github.com/nicholas-fedor/shoutrrr"
	"github.com/nicholas-fedor/shoutrrr/pkg/router"
)

type service struct {
	s       Service
	router  *router.ServiceRouter
	secrets []Secret
}

// NewService checks the URL and makes a route.
func NewService(s Service) (Route, error) {
	if s.Name == "" {
		return nil, errors.New("a service needs a name")
	}
	r := &service{s: s, secrets: secretsIn(s.URL.Reveal())}
	var err error
	r.router, err = shoutrrr.NewSender(log.New(io.Discard, "", 0), s.URL.Reveal())
	if err != nil {
		return nil, fmt.Errorf("%s: the url is not that of a service: %s", s.Name, r.told(err))
	}
	return r, nil
}

func (r *service) Name() string { return r.s.Name }

func (r *service) Limit() Limit { return r.s.Limit }

// String keeps the URL out of whatever prints the route.
func (r *service) String() string { return "service route " + r.s.Name }

// Send hands the text to the library. It does not tell refusals from other
// failures, so that all count as temporary.
func (r *service) Send(ctx context.Context, text string) error {
	done := make(chan error, 1)
	go func() {
		// The library knows no context; it has a time limit of its own.
		done <- send(ctx, libraryCall{r}, text)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fail(r.s.Name, nil, "the service did not answer in time")
	}
}

// libraryCall is one call of the library as a route, so that a panic in it is
// caught where it happens.
type libraryCall struct{ *service }

func (c libraryCall) Send(_ context.Context, text string) error {
	if err := errors.Join(c.router.Send(text, nil)...); err != nil {
		return fail(c.s.Name, nil, "%s", c.told(err))
	}
	return nil
}

// told is an error of the library without what the URL holds.
func (r *service) told(err error) string {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = errors.New(request.Explain(u, "the service"))
	}
	return request.OneLine(request.Hide(err.Error(), r.secrets...))
}

// secretsIn are the parts of a service's URL that could be secrets: all but
// the scheme and the host.
func secretsIn(raw string) []Secret {
	secrets := []Secret{NewSecret(raw)}
	u, err := url.Parse(raw)
	if err != nil {
		return secrets
	}
	add := func(s string) {
		if s != "" {
			secrets = append(secrets, NewSecret(s))
		}
	}
	add(u.RequestURI())
	if u.User != nil {
		password, _ := u.User.Password()
		add(u.User.String())
		add(password)
		add(u.User.Username())
	}
	for _, step := range strings.Split(u.Path, "/") {
		add(step)
	}
	for _, values := range u.Query() {
		for _, v := range values {
			add(v)
		}
	}
	return secrets
}
