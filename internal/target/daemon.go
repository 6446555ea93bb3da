package target

import (
	"context"
	"fmt"

	"ecnutd/internal/control"
	"ecnutd/ups"
)

// throughDaemon is a UPS that the daemon reads.
type throughDaemon struct {
	client *control.Client
	ups    string
}

// Variables are what the daemon has read, while it has a link to the UPS.
func (t *throughDaemon) Variables(ctx context.Context) (ups.Variables, error) {
	all, err := t.client.Variables(ctx)
	if err != nil {
		return nil, err
	}
	r := all[t.ups]
	if r.Link != control.LinkUp {
		return nil, control.Refuse(control.ErrUnreachable, fmt.Sprintf("the daemon has no link to the UPS %s now; `ecnutd status` says since when, and what was known last", t.ups))
	}
	return r.Variables, nil
}

func (t *throughDaemon) Ground(ctx context.Context) (ups.Ground, error) {
	return t.client.Ground(ctx, t.ups)
}

func (t *throughDaemon) Fields(ctx context.Context) ([]control.Field, error) {
	return t.client.Fields(ctx, t.ups)
}

func (t *throughDaemon) Commands(ctx context.Context) ([]control.Command, error) {
	return t.client.Commands(ctx, t.ups)
}

func (t *throughDaemon) Settings(ctx context.Context) ([]control.Setting, error) {
	return t.client.Settings(ctx, t.ups)
}

func (t *throughDaemon) InUse(ctx context.Context) (bool, error) {
	s, err := t.client.Status(ctx)
	return !s.Final, err
}

func (t *throughDaemon) Command(ctx context.Context, o control.Order) (control.Ordered, error) {
	o.UPS = t.ups
	return t.client.Command(ctx, o)
}

func (t *throughDaemon) Set(ctx context.Context, o control.Order) (control.Ordered, error) {
	o.UPS = t.ups
	return t.client.Set(ctx, o)
}

func (t *throughDaemon) KeepsDelays() bool { return true }
func (t *throughDaemon) Close()            {}
