package target

import (
	"context"
	"fmt"

	"ecnutd/config"
	"ecnutd/internal/control"
	"ecnutd/internal/discovery/remote"
	"ecnutd/ups"
)

// elsewhere is a UPS that another host serves. Its variables can be read.
type elsewhere struct{ block config.UPS }

func (t elsewhere) Variables(ctx context.Context) (ups.Variables, error) {
	vars, err := remote.Variables(ctx, t.block)
	if err != nil {
		return nil, &notReached{err}
	}
	return vars, nil
}

func (t elsewhere) Ground(ctx context.Context) (ups.Ground, error) {
	vars, err := t.Variables(ctx)
	return vars.Ground(), err
}

// notReached wraps control.ErrUnreachable beside its error.
type notReached struct{ error }

func (n *notReached) Unwrap() []error { return []error{n.error, control.ErrUnreachable} }

// no is the answer to everything else.
func (t elsewhere) no() error {
	return control.Refuse(control.ErrUnreachable, fmt.Sprintf("the UPS %s hangs on another host, %s: ask and command it there", t.block.Name, t.block.Remote))
}

func (t elsewhere) Fields(context.Context) ([]control.Field, error)     { return nil, t.no() }
func (t elsewhere) Commands(context.Context) ([]control.Command, error) { return nil, t.no() }
func (t elsewhere) Settings(context.Context) ([]control.Setting, error) { return nil, t.no() }
func (t elsewhere) InUse(context.Context) (bool, error)                 { return true, t.no() }
func (t elsewhere) Command(context.Context, control.Order) (control.Ordered, error) {
	return control.Ordered{}, t.no()
}
func (t elsewhere) Set(context.Context, control.Order) (control.Ordered, error) {
	return control.Ordered{}, t.no()
}
func (t elsewhere) KeepsDelays() bool { return false }
func (t elsewhere) Close()            {}
