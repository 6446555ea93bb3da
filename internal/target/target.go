// Package target is a UPS as a command line reaches it: through the daemon,
// which owns the device, or where none runs directly; or on the host that
// serves it.
package target

import (
	"context"
	"errors"
	"fmt"

	"ecnutd/config"
	"ecnutd/internal/control"
	"ecnutd/internal/discovery"
	"ecnutd/ups"
)

// A Target is one UPS. Close ends its use.
type Target interface {
	// Variables are what is known of the UPS now. Those of before, of a UPS
	// that is not reached, are an error that wraps control.ErrUnreachable.
	Variables(ctx context.Context) (ups.Variables, error)

	// Ground is what the UPS gives decisions to stand on.
	Ground(ctx context.Context) (ups.Ground, error)

	Fields(ctx context.Context) ([]control.Field, error)
	Commands(ctx context.Context) ([]control.Command, error)
	Settings(ctx context.Context) ([]control.Setting, error)

	// InUse reports whether the host is in use, so that its power must not be
	// cut: nobody shuts it down for good.
	InUse(ctx context.Context) (bool, error)

	// Command and Set carry out an order; its UPS is that of the target.
	Command(ctx context.Context, o control.Order) (control.Ordered, error)
	Set(ctx context.Context, o control.Order) (control.Ordered, error)

	// KeepsDelays reports whether the delays of the UPS, which live in a
	// program, can be set.
	KeepsDelays() bool

	Close()
}

// A Wish says which UPS is meant.
type Wish struct {
	Config string            // path of the configuration
	UPS    string            // name of a UPS of it; "" for the only one
	Source *discovery.Source // of the command line; given, it is the UPS itself
	Whole  bool              // ask a device for every report, not those only that variables need

	// Note is told what does not keep a command from its work.
	Note func(format string, args ...any)
}

// Reach finds the way to a UPS. An error wraps control.ErrWhichUPS where it must be
// named, or there is none of its name.
func Reach(ctx context.Context, w Wish) (Target, error) {
	if !w.Source.Given() {
		client := control.NewClient(Socket(w.Config))
		s, err := client.Status(ctx)
		if err == nil {
			name, err := named(w.UPS, s.UPS)
			if err != nil {
				return nil, err
			}
			return &throughDaemon{client, name}, nil
		}
		if !errors.Is(err, control.ErrNoDaemon) {
			return nil, err
		}
	}
	c, _, err := config.Load(w.Config)
	if err != nil {
		if w.UPS != "" {
			return nil, fmt.Errorf("--ups %s: %w", w.UPS, err)
		}
		return direct(ctx, w, nil, config.UPS{})
	}
	if w.UPS == "" && len(c.UPS) > 1 && w.Source.Given() {
		return direct(ctx, w, c, config.UPS{}) // any of them
	}
	u, err := Choose(c, w.UPS)
	if err != nil {
		return nil, err
	}
	if u.Remote != "" && !w.Source.Given() {
		return elsewhere{u}, nil
	}
	return direct(ctx, w, c, u)
}

// named is the name of the UPS that is meant.
func named(name string, all []control.Supply) (string, error) {
	var names []string
	for _, u := range all {
		if u.Name == name || name == "" && len(all) == 1 {
			return u.Name, nil
		}
		names = append(names, u.Name)
	}
	return "", control.WhichUPS(name, names)
}

// Choose is the block of a UPS in a configuration; without a name the only one.
// An error wraps
// control.ErrWhichUPS.
func Choose(c *config.Config, name string) (config.UPS, error) {
	var names []string
	for _, u := range c.UPS {
		if u.Name == name || name == "" && len(c.UPS) == 1 {
			return u, nil
		}
		names = append(names, u.Name)
	}
	return config.UPS{}, control.WhichUPS(name, names)
}

// Socket is where the daemon of a configuration listens; the default where it
// cannot be read, as by a user who may only look.
func Socket(path string) string {
	if c, _, err := config.Load(path); err == nil {
		return c.Control
	}
	return config.Minimal("ups").Control
}
