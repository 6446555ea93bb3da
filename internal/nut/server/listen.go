package server

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// listenAgain is how long to wait before an address is tried again that could
// not be had: its interface may not be up yet, or upsd still have it.
const listenAgain = 10 * time.Second

// Run listens until ctx ends, and follows Configure.
func (s *Server) Run(ctx context.Context) {
	s.mu.Lock()
	s.ctx = ctx
	s.mu.Unlock()
	var wg sync.WaitGroup
	var have []netip.AddrPort
	stop := func() {}
	for {
		if want := s.settings.Load().Listen; !slices.Equal(have, want) {
			stop()
			var listening context.Context
			listening, stop = context.WithCancel(ctx)
			for _, address := range want {
				wg.Go(func() { s.listen(ctx, listening, &wg, address) })
			}
			have = want
		}
		select {
		case <-ctx.Done():
			stop()
			wg.Wait()
			s.orders.Wait()
			return
		case <-s.changed:
		}
	}
}

// listen serves one address until its context ends. Connections live as long
// as ctx.
func (s *Server) listen(ctx, listening context.Context, wg *sync.WaitGroup, address netip.AddrPort) {
	told := ""
	for listening.Err() == nil {
		l, err := open(listening, address)
		if err != nil {
			if err.Error() != told {
				told = err.Error()
				s.log.Error("network: cannot listen; it is tried again", "address", address, "reason", err)
			}
			sleep(listening, listenAgain)
			continue
		}
		told = ""
		s.log.Info("network: clients of NUT are served", "address", l.Addr())
		stop := context.AfterFunc(listening, func() { l.Close() })
		s.Accept(ctx, l, wg)
		stop()
		l.Close()
	}
}

func open(ctx context.Context, address netip.AddrPort) (net.Listener, error) {
	family := "tcp4"
	if address.Addr().Is6() {
		family = "tcp6"
	}
	return new(net.ListenConfig).Listen(ctx, family, address.String())
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
