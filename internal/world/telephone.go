package world

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"time"

	"ecnutd/sms"

	"ecnutd/internal/world/plan"
)

// A telephone is the gateway and what has arrived there.
type telephone struct {
	down, lies, busy, hangs int // how many incidents have it so
	chance                  *rand.Rand
}

func (p *telephone) change(w *world, what *int, n int) {
	*what += n
	if *what == 0 {
		w.tell("the gateway is well again")
	}
}

// gateway takes a text, in its time.
func (w *world) gateway(ctx context.Context, l *life, text string) error {
	if w.phone.chance == nil {
		w.phone.chance = plan.Stream(w.plan.Seed, "gateway")
	}
	takes, down, hangs := plan.Span(w.phone.chance, 50*time.Millisecond, 3*time.Second), w.phone.down > 0, w.phone.hangs > 0
	if hangs {
		takes = time.Hour
	}
	timer := time.NewTimer(takes)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		l.look(ofRoute, "answer")
		return ctx.Err()
	}
	l.look(ofRoute, "answer")
	switch {
	case down || w.phone.down > 0:
		return errors.New("network is unreachable")
	case w.phone.busy > 0:
		return sms.ErrTooMany
	}
	lies := w.phone.lies > 0
	w.tell("  ☎ %s", strings.ReplaceAll(text, "\n", " / "))
	w.promises.arrived(w, l, text, lies)
	if lies {
		return errors.New("connection reset")
	}
	return nil
}
