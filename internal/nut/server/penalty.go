package server

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Wrong passwords cost the address that sends them time: after freeFailures
// the next attempt from there waits until failureEvery has passed for each, and
// where that is longer than longestWait it is refused unheard. One attempt in
// failureEvery is a guess that nobody wins, and a host that was given the wrong
// password is back soon after it was given the right one.
const (
	freeFailures   = 5
	failureEvery   = 2 * time.Second
	longestWait    = 10 * time.Second
	mostPenalties  = 1024 // addresses remembered
	penaltyForgets = 5 * time.Minute
)

// penalties remember who failed to log in.
type penalties struct {
	mu   sync.Mutex
	of   map[netip.Prefix]*rate.Limiter
	seen map[netip.Prefix]time.Time
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

// wait is how long an attempt from an address has to wait; ok is false where it
// is not to be made at all.
func (p *penalties) wait(a netip.Addr, now time.Time) (d time.Duration, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.of[network(a)]
	if l == nil {
		return 0, true
	}
	if tokens := l.TokensAt(now); tokens < 1 {
		d = time.Duration((1 - tokens) * float64(failureEvery))
	}
	return d, d <= longestWait
}

// failed notes a wrong password.
func (p *penalties) failed(a netip.Addr, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of == nil {
		p.of, p.seen = map[netip.Prefix]*rate.Limiter{}, map[netip.Prefix]time.Time{}
	}
	n := network(a)
	l := p.of[n]
	if l == nil {
		p.makeRoom(now)
		l = rate.NewLimiter(rate.Every(failureEvery), freeFailures)
		p.of[n] = l
	}
	l.ReserveN(now, 1)
	p.seen[n] = now
}

// makeRoom forgets who has not failed for long, and where that is nobody the
// one who failed longest ago.
func (p *penalties) makeRoom(now time.Time) {
	if len(p.of) < mostPenalties {
		return
	}
	var oldest netip.Prefix
	for n, at := range p.seen {
		if now.Sub(at) > penaltyForgets {
			delete(p.of, n)
			delete(p.seen, n)
			continue
		}
		if !oldest.IsValid() || at.Before(p.seen[oldest]) {
			oldest = n
		}
	}
	if len(p.of) >= mostPenalties {
		delete(p.of, oldest)
		delete(p.seen, oldest)
	}
}
