package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// listenAgain is how long to wait before addresses are tried again that could
// not be had: an interface may not be up yet, or upsd still have the port.
const listenAgain = 10 * time.Second

// A Listening is an address that clients are to reach, and whether they can.
type Listening struct {
	Address netip.AddrPort
	Fault   error // nil: it is served
}

// Plan is what to listen on: each address once, those of IPv4 first, then by
// number and port. What an unspecified address (0.0.0.0, ::) of the same port
// stands for is covered by it and not listened on by itself: which of the two
// the kernel gives would depend on the order. 0.0.0.0 stands for IPv4 alone, ::
// for IPv6 alone.
func Plan(listen []netip.AddrPort) (addresses, covered []netip.AddrPort) {
	list := slices.SortedFunc(slices.Values(listen), func(a, b netip.AddrPort) int {
		return cmp.Or(a.Addr().Compare(b.Addr()), cmp.Compare(a.Port(), b.Port()))
	})
	for _, a := range slices.Compact(list) {
		if all := unspecified(a); all != a && slices.Contains(list, all) {
			covered = append(covered, a)
			continue
		}
		addresses = append(addresses, a)
	}
	return addresses, covered
}

// unspecified is the address that stands for all of the same family and port.
func unspecified(a netip.AddrPort) netip.AddrPort {
	if a.Addr().Is4() {
		return netip.AddrPortFrom(netip.IPv4Unspecified(), a.Port())
	}
	return netip.AddrPortFrom(netip.IPv6Unspecified(), a.Port())
}

// Run listens until ctx ends, and follows Configure. What is listened on no
// more is closed before anything is opened.
func (s *Server) Run(ctx context.Context) {
	s.mu.Lock()
	s.ctx = ctx
	s.mu.Unlock()
	var wg sync.WaitGroup
	open := listeners{server: s, have: map[netip.AddrPort]*listener{}, told: map[netip.AddrPort]string{}}
	for {
		again := open.follow(ctx, &wg, s.settings.Load().Listen)
		timer := time.NewTimer(listenAgain)
		if !again {
			timer.Stop()
		}
		select {
		case <-ctx.Done():
			timer.Stop()
			open.follow(ctx, &wg, nil)
			wg.Wait()
			s.orders.Wait()
			return
		case <-s.changed:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// Listening are the addresses that clients are to reach now, in the order in
// which they were opened.
func (s *Server) Listening() []Listening {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.listeners)
}

// listeners are the addresses that are served. They belong to Run.
type listeners struct {
	server *Server
	have   map[netip.AddrPort]*listener
	told   map[netip.AddrPort]string // why an address cannot be had, as it was last told
	left   []netip.AddrPort          // covered by others, as it was last told
}

type listener struct {
	net.Listener
	ended chan struct{} // closed when nobody is accepted any more
}

// follow closes what is not wanted, and opens what is. again reports whether
// something could not be opened.
func (l *listeners) follow(ctx context.Context, wg *sync.WaitGroup, listen []netip.AddrPort) (again bool) {
	s := l.server
	want, covered := Plan(listen)
	if !slices.Equal(covered, l.left) {
		for _, a := range covered {
			s.log.Info("network: an address is left out, another one stands for it", "address", a, "other", unspecified(a))
		}
		l.left = covered
	}
	for a, one := range l.have {
		if !slices.Contains(want, a) {
			one.Close()
			<-one.ended
			delete(l.have, a)
		}
	}
	state := make([]Listening, 0, len(want))
	for _, a := range want {
		err := l.open(ctx, wg, a)
		again = again || err != nil
		state = append(state, Listening{a, err})
	}
	for a := range l.told {
		if !slices.Contains(want, a) {
			delete(l.told, a)
		}
	}
	s.mu.Lock()
	s.listeners = state
	s.mu.Unlock()
	return again
}

// open serves an address, if that is not done already.
func (l *listeners) open(ctx context.Context, wg *sync.WaitGroup, a netip.AddrPort) error {
	s := l.server
	if l.have[a] != nil {
		return nil
	}
	family := "tcp4"
	if a.Addr().Is6() {
		family = "tcp6"
	}
	nl, err := s.listen(ctx, family, a.String())
	if err != nil {
		err = fmt.Errorf("network: clients cannot reach %s: %w; it is tried again every %s", a, err, listenAgain)
		if text := err.Error(); text != l.told[a] {
			l.told[a] = text
			s.log.Error(text)
		}
		return err
	}
	delete(l.told, a)
	s.log.Info("network: clients of NUT are served", "address", nl.Addr())
	one := &listener{nl, make(chan struct{})}
	l.have[a] = one
	wg.Go(func() {
		defer close(one.ended)
		s.Accept(ctx, nl, wg)
	})
	return nil
}

// Accept serves a listener until it is closed.
func (s *Server) Accept(ctx context.Context, l net.Listener, wg *sync.WaitGroup) {
	pause := 5 * time.Millisecond
	for {
		if s.connects.Wait(ctx) != nil {
			return
		}
		c, err := l.Accept()
		switch {
		case err == nil:
			pause = 5 * time.Millisecond
			if client := s.welcome(ctx, c); client != nil {
				wg.Go(func() { s.serve(client) })
			}
		case errors.Is(err, net.ErrClosed), ctx.Err() != nil:
			return
		default: // no descriptors are left, or a client went while it came
			if !sleep(ctx, pause) {
				return
			}
			pause = min(2*pause, time.Second)
		}
	}
}
