// Package routes makes of the configuration what messages leave by: the routes,
// each with its secret read, and the outbox on top of them.
package routes

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"ecnutd/config"
	"ecnutd/sms"
	"ecnutd/ups"
)

// Outbox makes the outbox that the configuration describes, of routes that
// route makes (New, as a rule). A route that cannot be made is an error of its
// own; the others work without it, and its messages wait for a restart or a
// reload that can make it. base are the options that no configuration has: the
// store, the clock, the log.
func Outbox(c *config.Config, route func(config.Route) (sms.Route, error), base sms.Options) (*sms.Outbox, error) {
	var all []sms.Route
	var errs []error
	timeouts := make(map[string]time.Duration)
	for _, r := range c.Messages.Routes {
		timeouts[r.Name] = r.Timeout
		one, err := route(r)
		if err != nil {
			errs = append(errs, fmt.Errorf("messages.routes.%s: %w", r.Name, err))
			one = sms.NewUnusable(r.Name, err)
		}
		all = append(all, placed(r, one))
	}
	options := base
	options.Burst, options.Every = c.Messages.Rate.Burst, c.Messages.Rate.Every
	options.MaxAge, options.LateAfter = c.Messages.Expire, c.Messages.Late
	options.Timeouts, options.Words = timeouts, sms.English
	if c.Language == ups.French {
		options.Words = sms.French
	}
	box, err := sms.NewOutbox(all, options)
	if err != nil {
		errs = append(errs, err)
		box, _ = sms.NewOutbox(nil, options)
	}
	return box, errors.Join(errs...)
}

// Deliver sends a notice over the route of a block, here and now. Its errors do not
// begin with the name of the route.
func Deliver(ctx context.Context, r config.Route, n sms.Notice) error {
	route, err := New(r)
	if err == nil {
		ctx, cancel := context.WithTimeout(ctx, r.Timeout)
		defer cancel()
		err = sms.Deliver(ctx, route, n)
	}
	if err != nil {
		return errors.New(strings.TrimPrefix(err.Error(), r.Name+": "))
	}
	return nil
}

// ByHand is the notice of a text that somebody sends here and now.
func ByHand(text string) sms.Notice {
	title, err := os.Hostname()
	if err != nil {
		title = "ecnutd"
	}
	return sms.Notice{Text: text, ID: rand.Text(), Title: title}
}

// New makes one route. Its secret is read here, once: the daemon may not
// be allowed to read it later.
func New(r config.Route) (sms.Route, error) {
	limit := sms.Limit{Length: r.MaxLength}
	var route sms.Route
	var err error
	switch {
	case r.FreeMobile != nil:
		var password string
		if password, err = r.FreeMobile.Password.Value(); err != nil {
			return nil, err
		}
		route, err = sms.NewFreeMobile(sms.FreeMobile{
			Name: r.Name, User: r.FreeMobile.User, Password: sms.NewSecret(password),
			Endpoint: r.FreeMobile.Endpoint, CAFile: r.FreeMobile.CAFile, Limit: limit,
		})
	case r.HTTP != nil:
		secret := ""
		if !r.HTTP.Secret.IsZero() {
			if secret, err = r.HTTP.Secret.Value(); err != nil {
				return nil, err
			}
		}
		route, err = sms.NewGateway(sms.Gateway{
			Name: r.Name, Method: r.HTTP.Method, URL: r.HTTP.URL, Headers: r.HTTP.Headers, Body: r.HTTP.Body,
			Secret: sms.NewSecret(secret), Success: r.HTTP.Success, Refused: r.HTTP.Refused, TooMany: r.HTTP.TooMany,
			LineBreak: r.HTTP.LineBreak, Expect: r.HTTP.Expect, CAFile: r.HTTP.CAFile, Limit: limit,
		})
	case len(r.Command) > 0:
		route, err = sms.NewCommand(sms.Command{Name: r.Name, Argv: r.Command, Timeout: r.Timeout, Limit: limit})
	case r.Mail != nil:
		password := ""
		if !r.Mail.Password.IsZero() {
			if password, err = r.Mail.Password.Value(); err != nil {
				return nil, err
			}
		}
		route, err = sms.NewMail(sms.Mail{
			Name: r.Name, Host: r.Mail.Host, Port: r.Mail.Port, Encryption: sms.Encryption(r.Mail.TLS),
			User: r.Mail.User, Password: sms.NewSecret(password), From: r.Mail.From, To: r.Mail.To, CAFile: r.Mail.CAFile, Limit: limit,
		})
	default:
		err = errors.New("the route is empty")
	}
	if err != nil {
		return nil, err
	}
	return route, nil
}

// placed makes a route a fallback where the configuration has it as one.
func placed(r config.Route, route sms.Route) sms.Route {
	if r.FallbackFor == "" {
		return route
	}
	return sms.NewFallback(route, strings.Fields(r.FallbackFor), r.AfterFailures, r.After)
}
