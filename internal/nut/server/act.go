package server

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
)

// logIn makes the client one that a shutdown waits for.
func (s *session) logIn(ctx context.Context, args []string) string {
	if len(args) != 1 {
		return errArgument
	}
	if s.server.loginOf(s) != "" {
		return errLoggedIn
	}
	u := s.view().find(args[0])
	switch {
	case u == nil:
		return errUnknownUPS
	case !s.allowed(ctx, (*User).mayLogin):
		return errAccess
	}
	s.server.logIn(s, u.Name)
	return "OK"
}

// askPrimary grants the rights of a primary, which the user has or has not.
func (s *session) askPrimary(ctx context.Context, args []string, word string) string {
	switch {
	case len(args) != 1:
		return errArgument
	case s.view().find(args[0]) == nil:
		return errUnknownUPS
	case !s.allowed(ctx, (*User).mayPrimary):
		return errAccess
	}
	s.server.grantPrimary(s)
	return "OK " + word + "-GRANTED"
}

func (s *session) forceShutdown(ctx context.Context, args []string) string {
	if len(args) != 1 {
		return errArgument
	}
	u := s.view().find(args[0])
	switch {
	case u == nil:
		return errUnknownUPS
	case !s.allowed(ctx, (*User).mayFSD):
		return errAccess
	}
	if err := s.server.backend.ForceShutdown(ctx, u.Name, s.who()); err != nil {
		return errCommandFailed
	}
	return "OK FSD-SET"
}

func (s *session) set(ctx context.Context, args []string) string {
	if len(args) == 0 {
		return errArgument
	}
	switch strings.ToUpper(args[0]) {
	case "TRACKING":
		return s.setTracking(args[1:])
	case "VAR":
		if len(args) < 4 {
			return errArgument
		}
		return s.setVariable(ctx, args[1], args[2], args[3])
	}
	return errArgument
}

func (s *session) setVariable(ctx context.Context, ups, variable, value string) string {
	u := s.view().find(ups)
	if u == nil {
		return errUnknownUPS
	}
	if fault := u.fault(); fault != "" {
		return fault
	}
	if !s.allowed(ctx, (*User).maySet) {
		return errAccess
	}
	set := u.setting(variable)
	if _, ok := u.value(variable); !ok && set == nil {
		return errNoVariable
	}
	if set == nil {
		return errReadOnly
	}
	if fault := set.refuses(value); fault != "" {
		return fault
	}
	return s.order(ctx, Order{Who: s.who(), UPS: u.Name, Name: set.Name, Value: value, Set: true})
}

// refuses is why a value cannot be set, "" if it can.
func (set *Setting) refuses(value string) string {
	switch {
	case len(value) > set.Length:
		return errTooLong
	case len(set.Enum) > 0 && !slices.Contains(set.Enum, value):
		return errValue
	case set.Range:
		if n, err := strconv.ParseInt(value, 10, 64); err != nil || n < set.Min || n > set.Max {
			return errValue
		}
	}
	return ""
}

// command gives an instant command. That it exists is looked at before the
// rights are.
func (s *session) command(ctx context.Context, args []string) string {
	if len(args) < 2 {
		return errArgument
	}
	u := s.view().find(args[0])
	if u == nil {
		return errUnknownUPS
	}
	if fault := u.fault(); fault != "" {
		return fault
	}
	c := u.command(args[1])
	if c == nil {
		return errNoCommand
	}
	if !s.allowed(ctx, func(who *User) bool { return who.mayCommand(c) }) {
		return errAccess
	}
	o := Order{Who: s.who(), UPS: u.Name, Name: c.Name}
	if len(args) > 2 {
		o.Value = args[2]
	}
	return s.order(ctx, o)
}

// patience is how long a client waits for the end of an order. One that takes
// longer is answered with OK, which for upsd means no more than that the order
// was taken: clients have limits of their own.
const patience = 4 * time.Second

// order has the backend carry an order out, and answers with what came of it
// or, with tracking, with an id to ask for that.
func (s *session) order(ctx context.Context, o Order) string {
	failed := errCommandFailed
	if o.Set {
		failed = errSetFailed
	}
	t, ok := s.server.tracks.begin(time.Now())
	if !ok {
		return failed // too many are under way
	}
	s.server.carryOut(o, t)
	if s.tracking {
		return "OK TRACKING " + t.id
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-t.done:
	case <-timer.C:
	case <-ctx.Done():
	}
	switch s.server.tracks.outcome(t.id) {
	case Pending, Done:
		return "OK"
	case Invalid:
		if o.Set {
			return errValue
		}
		return errArgument
	case Unsupported:
		if o.Set {
			return errNoVariable
		}
		return errNoCommand
	}
	return failed
}

// allowed reports whether the user is who he says and has a right.
func (s *session) allowed(ctx context.Context, right func(*User) bool) bool {
	u := s.prove(ctx)
	return u != nil && right(u)
}

// prove checks the password, once for each roll of users.
func (s *session) prove(ctx context.Context) *User {
	roll := s.server.settings.Load().roll
	if s.provenFor != roll {
		u, asked := s.server.prove(ctx, roll, s.address, s.user, s.password)
		if !asked {
			return nil
		}
		s.proven, s.provenFor = u, roll
	}
	return s.proven
}
