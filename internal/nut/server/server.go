package server

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// Settings are what an administrator says of the server. They can change while
// it runs.
type Settings struct {
	Listen         []netip.AddrPort // none: nobody can connect
	MaxConnections int
	Idle           time.Duration // silence after which a connection is closed
	Users          []User
	TLS            *tls.Config // nil: STARTTLS is refused
}

// The rates that hold for requests and connections, far above what any client needs: what is
// over them waits. They keep strangers from taking a small host's time.
const (
	requestsEach  = 1000 // a second, of one connection
	requestsBurst = 2000
	requestsAll   = 5000 // of all together
	connects      = 1000 // new connections a second
)

// orderTime bounds how long an order may take.
const orderTime = time.Minute

// A Server answers clients.
type Server struct {
	backend  Backend
	log      *slog.Logger
	settings atomic.Pointer[current]
	changed  chan struct{} // settings did

	penalties penalties
	hashing   chan struct{} // one costly comparison at a time
	tracks    tracks
	requests  *rate.Limiter
	connects  *rate.Limiter
	each      rate.Limit

	mu     sync.Mutex // of what follows, and of session.login
	conns  map[*conn]bool
	full   time.Time // when it was last told that all places are taken
	ctx    context.Context
	orders sync.WaitGroup
}

// current are Settings in use.
type current struct {
	Settings
	roll *roll
}

// New makes a server. Nobody can connect before Run.
func New(backend Backend, s Settings, log *slog.Logger) *Server {
	srv := &Server{
		backend: backend, log: log, changed: make(chan struct{}, 1), hashing: make(chan struct{}, 1), conns: map[*conn]bool{},
		requests: rate.NewLimiter(requestsAll, requestsAll), connects: rate.NewLimiter(connects, connects/5), each: requestsEach, ctx: context.Background(),
	}
	srv.Configure(s)
	return srv
}

// Configure takes settings over. Connections stay, but for those of a listener
// that is gone only until they end; who was logged in stays so.
func (s *Server) Configure(settings Settings) {
	s.settings.Store(&current{settings, newRoll(settings.Users)})
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// A Client is a connection, for people.
type Client struct {
	Address string    `json:"address"`
	User    string    `json:"user,omitempty"` // as claimed, unless UPS is there
	UPS     string    `json:"ups,omitempty"`  // that it has logged in to
	TLS     bool      `json:"tls,omitempty"`
	Since   time.Time `json:"since"`
}

// Clients are the connections, those that have logged in first.
func (s *Server) Clients() []Client {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Client
	for c := range s.conns {
		one := Client{Address: c.session.address.String(), UPS: c.session.login, TLS: c.encrypted, Since: c.session.since.Round(time.Second)}
		if one.UPS != "" {
			one.User = c.session.user
		}
		list = append(list, one)
	}
	slices.SortFunc(list, func(a, b Client) int {
		switch {
		case (a.UPS == "") != (b.UPS == ""):
			if a.UPS != "" {
				return -1
			}
			return 1
		}
		return a.Since.Compare(b.Since)
	})
	return list
}

// prove checks a password. asked is false where it was not compared: too many
// were wrong, or ctx has ended.
func (s *Server) prove(ctx context.Context, r *roll, a netip.Addr, user, password string) (u *User, asked bool) {
	wait, ok := s.penalties.wait(a, time.Now())
	if !ok {
		return nil, false
	}
	if wait > 0 && !sleep(ctx, wait) {
		return nil, false
	}
	select {
	case s.hashing <- struct{}{}:
	case <-ctx.Done():
		return nil, false
	}
	u = r.check(user, password)
	<-s.hashing
	if u == nil {
		s.penalties.failed(a, time.Now())
		s.log.Warn("network: a wrong user or password", "address", a, "user", user[:min(len(user), 40)])
	}
	return u, true
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// carryOut has the backend do an order. It is brought to its end though the
// client may go.
func (s *Server) carryOut(o Order, t *track) {
	s.orders.Go(func() {
		ctx, cancel := context.WithTimeout(s.ctx, orderTime)
		defer cancel()
		s.tracks.end(t, s.backend.Order(ctx, o))
	})
}

// logIn counts a client as one that hangs on a UPS.
func (s *Server) logIn(c *session, ups string) {
	s.mu.Lock()
	c.login = ups
	s.mu.Unlock()
	s.log.Info("network: a secondary has logged in", "ups", ups, "user", c.user, "address", c.address)
	s.backend.LoginsChanged()
}

// logOut ends that a client hangs on its UPS.
func (s *Server) logOut(c *session) {
	s.mu.Lock()
	was := c.login
	c.login = ""
	s.mu.Unlock()
	if was != "" {
		s.log.Info("network: a secondary has gone", "ups", was, "user", c.user, "address", c.address)
		s.backend.LoginsChanged()
	}
}

func (s *Server) loginOf(c *session) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return c.login
}

// Logins is the number of connections that have logged in to some UPS: the
// hosts that a shutdown waits for.
func (s *Server) Logins() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for c := range s.conns {
		if c.session.login != "" {
			n++
		}
	}
	return n
}

// loginsOf is NUMLOGINS.
func (s *Server) loginsOf(ups string) int { return len(s.clientsOf(ups)) }

// clientsOf are the addresses that have logged in to a UPS, in the order in
// which they connected.
func (s *Server) clientsOf(ups string) []string {
	var list []string
	for _, c := range s.Clients() {
		if c.UPS == ups {
			list = append(list, c.Address)
		}
	}
	return list
}
