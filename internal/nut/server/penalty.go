package server

import (
	"context"
	"net/netip"
	"sync"
	"time"
)

// Wrong passwords cost the address that sends them time: freeFailures of them
// are free, each attempt after that waits for failureEvery. From one address
// attempts are made one after the other, so that those which come at once are
// no more guesses than those which come in a row; whose turn does not come
// within longestWait is refused unheard. So no debt piles up: when nobody
// guesses any more the right password is heard within failureEvery.
const (
	freeFailures = 5
	failureEvery = 2 * time.Second
	longestWait  = 10 * time.Second // for one's turn
	mostDebtors  = 1024             // addresses remembered
	mostAttempts = 32               // of one address that wait for their turn
)

// penalties remember who failed to log in.
type penalties struct {
	mu   sync.Mutex
	owed map[netip.Prefix]*debtor
}

// A debtor is an address from which somebody tries to log in, or has tried in
// vain.
type debtor struct {
	turn  chan struct{} // one attempt at a time
	users int           // attempts that have it or wait for it; guarded by penalties.mu
	until time.Time     // when nothing is owed any more; guarded by penalties.mu
}

// network is what counts as one address: of IPv6 a host has a whole /64.
func network(a netip.Addr) netip.Prefix {
	bits := 32
	if a = a.Unmap(); a.Is6() {
		bits = 64
	}
	p, _ := a.WithZone("").Prefix(bits) // fails for the zero address only
	return p
}

// try has an attempt from an address made when it is its turn. heard is false
// where it is not made at all: too many wait, or ctx has ended.
func (p *penalties) try(ctx context.Context, a netip.Addr, attempt func() (right bool)) (heard bool) {
	d := p.enter(network(a), time.Now())
	if d == nil {
		return false
	}
	defer p.leave(network(a), d)
	turn, cancel := context.WithTimeout(ctx, longestWait)
	defer cancel()
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	case <-turn.Done():
		return false
	}
	wait := p.owes(d, time.Now())
	if wait > 0 && !sleep(ctx, wait) || ctx.Err() != nil {
		return false
	}
	if !attempt() {
		p.charge(d, time.Now())
	}
	return true
}

// enter finds or makes the debtor; nil where there is no place.
func (p *penalties) enter(n netip.Prefix, now time.Time) *debtor {
	p.mu.Lock()
	defer p.mu.Unlock()
	d := p.owed[n]
	if d == nil {
		if p.owed == nil {
			p.owed = map[netip.Prefix]*debtor{}
		}
		if !p.makeRoom(now) {
			return nil
		}
		d = &debtor{turn: make(chan struct{}, 1), until: now}
		p.owed[n] = d
	}
	if d.users >= mostAttempts {
		return nil
	}
	d.users++
	return d
}

// leave forgets who owes nothing.
func (p *penalties) leave(n netip.Prefix, d *debtor) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if d.users--; d.users == 0 && !d.until.After(time.Now()) && p.owed[n] == d {
		delete(p.owed, n)
	}
}

// owes is how long an attempt has to wait.
func (p *penalties) owes(d *debtor, now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return d.until.Sub(now) - (freeFailures-1)*failureEvery
}

// charge notes a wrong password.
func (p *penalties) charge(d *debtor, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if d.until.Before(now) {
		d.until = now
	}
	d.until = d.until.Add(failureEvery)
}

// makeRoom forgets who owes nothing, and where that is nobody the one who owes
// least. It reports whether there is a place.
func (p *penalties) makeRoom(now time.Time) bool {
	if len(p.owed) < mostDebtors {
		return true
	}
	var least netip.Prefix
	for n, d := range p.owed {
		switch {
		case d.users > 0:
		case !d.until.After(now):
			delete(p.owed, n)
		case !least.IsValid() || d.until.Before(p.owed[least].until):
			least = n
		}
	}
	if len(p.owed) >= mostDebtors && least.IsValid() {
		delete(p.owed, least)
	}
	return len(p.owed) < mostDebtors
}
