package world

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"time"
)

// A telephone is the gateway and what has arrived there.
type telephone struct {
	down, lies int // how many incidents have it so
	chance     *rand.Rand
	texts      []string
}

func (p *telephone) change(w *world, what *int, n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	*what += n
	if *what == 0 {
		w.tell("the gateway is well again")
	}
}

// gateway takes a text, in its time.
func (w *world) gateway(ctx context.Context, l *life, text string) error {
	w.mu.Lock()
	if w.phone.chance == nil {
		w.phone.chance = stream(w.plan.Seed, "gateway")
	}
	takes, down := between(w.phone.chance, 50*time.Millisecond, 3*time.Second), w.phone.down > 0
	w.mu.Unlock()
	timer := time.NewTimer(takes)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case l.dead:
		return nil // nobody hears of it
	case down || w.phone.down > 0:
		return errors.New("network is unreachable")
	}
	w.phone.texts = append(w.phone.texts, text)
	w.tell("  ☎ %s", strings.ReplaceAll(text, "\n", " / "))
	if w.phone.lies > 0 {
		return errors.New("connection reset")
	}
	return nil
}
