package daemon

import (
	"context"
	"sync"
)

// A group is what runs beside the loop: it ends together, and is waited for.
type group struct {
	ctx  context.Context
	stop context.CancelFunc
	wg   sync.WaitGroup
}

// newGroup is a group that ends with ctx, or when it is told to.
func newGroup(ctx context.Context) *group {
	g := &group{}
	g.ctx, g.stop = context.WithCancel(ctx)
	return g
}

// run runs f beside the others, until its context ends.
func (g *group) run(f func(ctx context.Context)) {
	g.wg.Go(func() { f(g.ctx) })
}

// part is a context of the group that can end before the others.
func (g *group) part() (context.Context, context.CancelFunc) { return context.WithCancel(g.ctx) }

// end tells all to end, and waits until they have.
func (g *group) end() {
	g.stop()
	g.wg.Wait()
}
