// Package heartbeat sends a dead man's signal: a request at an interval while all is
// well.
package heartbeat

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"ecnutd/internal/request"
)

// Heartbeat is a dead man's signal: a request at an interval while all is
// well. Whoever gets them raises the alarm when they stay away, which also
// tells of a dead host, router or daemon.
type Heartbeat struct {
	// URL is asked with GET. It is a secret: who knows it can keep up the
	// signal.
	URL    request.Secret
	Every  time.Duration // 5 minutes by default, 10 seconds at least
	CAFile string
	// Well says whether all is well; nil: always.
	Well func() bool
	// Failed hears of a signal that got no answer, once for all that fail for
	// the same reason in a row; it may be nil.
	Failed func(error)
}

// New checks the settings. It opens nothing.
func New(h Heartbeat) (*Heartbeat, error) {
	if _, err := request.Endpoint(h.URL.Reveal(), "https", "http"); err != nil {
		return nil, fmt.Errorf("heartbeat: the url %w", err)
	}
	if h.Every == 0 {
		h.Every = 5 * time.Minute
	}
	if h.Every < 10*time.Second {
		return nil, fmt.Errorf("heartbeat: %s is too often: at least 10s", h.Every)
	}
	if h.Well == nil {
		h.Well = func() bool { return true }
	}
	if h.Failed == nil {
		h.Failed = func(error) {}
	}
	return &h, nil
}

// unwellPause is how soon Run looks again whether all is well.
const unwellPause = 10 * time.Second

// Run sends the first signal as soon as all is well and then one at every
// interval, until ctx ends. A signal that is slow is given up before the next
// is due.
func (h *Heartbeat) Run(ctx context.Context) {
	failed := ""
	for {
		pause := time.After(h.Every)
		if h.Well() {
			switch err := h.Beat(ctx); {
			case err == nil:
				failed = ""
			case ctx.Err() == nil && err.Error() != failed:
				failed = err.Error()
				h.Failed(err)
			}
		} else {
			pause = time.After(min(unwellPause, h.Every))
		}
		select {
		case <-pause:
		case <-ctx.Done():
			return
		}
	}
}

// Beat sends one signal. Its errors do not hold the address.
func (h *Heartbeat) Beat(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, h.Every)
	defer cancel()
	u, err := url.Parse(h.URL.Reveal())
	if err != nil {
		return errors.New("the url is not one")
	}
	// Where the secret part of the address stands is up to the service.
	c := request.Client{CAFile: h.CAFile, Secrets: []request.Secret{h.URL, request.NewSecret(u.Path), request.NewSecret(u.RequestURI()), request.NewSecret(u.RawQuery)}}
	a, err := c.Do(ctx, &http.Request{Method: http.MethodGet, URL: u, Host: u.Host, Header: http.Header{"User-Agent": {"ecnutd"}}})
	if err != nil {
		return err
	}
	if a.Code < 200 || a.Code > 299 {
		return request.Unexpected(a)
	}
	return nil
}
