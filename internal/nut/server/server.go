package server

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
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

// connects is how many new connections are taken a second; more wait. A few are
// taken at once: whoever else wants to run waits behind them. How much work is
// done for those that are connected is another matter (see gate).
const (
	connects       = 1000
	connectsAtOnce = 4
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
	gate      *gate
	connects  *rate.Limiter
	listen    func(ctx context.Context, network, address string) (net.Listener, error)
	failures  *journal // lines about wrong passwords
	comings   *journal // lines about clients that log in and out

	mu        sync.Mutex // of what follows, and of session.login and session.primary
	conns     map[*conn]bool
	places    map[netip.Prefix]*int // of conns, by network
	listeners []Listening
	full      time.Time // when it was last told that all places are taken
	ctx       context.Context
	orders    sync.WaitGroup
}

// current are Settings in use.
type current struct {
	Settings
	roll *roll
}

// New makes a server. Nobody can connect before Run.
func New(backend Backend, s Settings, log *slog.Logger) *Server {
	srv := &Server{
		backend: backend, log: log, changed: make(chan struct{}, 1), hashing: make(chan struct{}, 1),
		gate: newGate(), listen: new(net.ListenConfig).Listen, conns: map[*conn]bool{}, places: map[netip.Prefix]*int{},
		connects: rate.NewLimiter(connects, connectsAtOnce), failures: newJournal(), comings: newJournal(), ctx: context.Background(),
	}
	srv.Configure(s)
	return srv
}

// ListenBy has addresses listened on in another way than this host's. It is called
// before Run.
func (s *Server) ListenBy(listen func(ctx context.Context, network, address string) (net.Listener, error)) {
	s.listen = listen
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
	User    string    `json:"user,omitempty"`    // as claimed, unless UPS is there
	UPS     string    `json:"ups,omitempty"`     // that it has logged in to
	Primary bool      `json:"primary,omitempty"` // it goes down on its own account, and orders others to
	TLS     bool      `json:"tls,omitempty"`
	Since   time.Time `json:"since"`
}

// Clients are the connections, those that have logged in first.
func (s *Server) Clients() []Client {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Client
	for c := range s.conns {
		one := Client{Address: c.session.address.String(), UPS: c.session.login, Primary: c.session.primary, TLS: c.encrypted, Since: c.session.since.Round(time.Second)}
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
	asked = s.penalties.try(ctx, a, func() bool {
		select {
		case s.hashing <- struct{}{}:
		case <-ctx.Done():
			return true // it has cost nobody anything
		}
		u = r.check(user, password)
		<-s.hashing
		if u == nil {
			s.failures.write(s.log, slog.LevelWarn, "network: a wrong user or password", "address", a, "user", user[:min(len(user), 40)])
		}
		return u != nil
	})
	return u, asked
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
	s.comings.write(s.log, slog.LevelInfo, "network: a client has logged in", "ups", ups, "user", c.user, "address", c.address)
	s.backend.LoginsChanged()
}

// grantPrimary notes that a client is a primary: a host that goes down on its
// own account.
func (s *Server) grantPrimary(c *session) {
	s.mu.Lock()
	was := c.primary
	c.primary = true
	s.mu.Unlock()
	if !was {
		s.comings.write(s.log, slog.LevelInfo, "network: a client is a primary", "user", c.user, "address", c.address)
	}
}

// logOut ends that a client hangs on its UPS.
func (s *Server) logOut(c *session) {
	s.mu.Lock()
	was := c.login
	c.login = ""
	s.mu.Unlock()
	if was != "" {
		s.comings.write(s.log, slog.LevelInfo, "network: a client has gone", "ups", was, "user", c.user, "address", c.address)
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
	return len(s.loggedIn(""))
}

// loginsOf is NUMLOGINS.
func (s *Server) loginsOf(ups string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.loggedIn(ups))
}

// clientsOf are the addresses that have logged in to a UPS, in the order in
// which they connected.
func (s *Server) clientsOf(ups string) []string {
	s.mu.Lock()
	list := s.loggedIn(ups)
	s.mu.Unlock()
	slices.SortFunc(list, func(a, b *session) int { return a.since.Compare(b.since) })
	addresses := make([]string, len(list))
	for i, c := range list {
		addresses[i] = c.address.String()
	}
	return addresses
}

// loggedIn are the sessions that have logged in to a UPS, to any for "".
func (s *Server) loggedIn(ups string) (list []*session) {
	for c := range s.conns {
		if login := c.session.login; login != "" && (ups == "" || login == ups) {
			list = append(list, c.session)
		}
	}
	return list
}
