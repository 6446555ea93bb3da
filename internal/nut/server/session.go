package server

import (
	"context"
	"net/netip"
	"strings"
	"time"
)

// A session is what the server remembers of one client, and the protocol: each
// request, in words, has an answer.
type session struct {
	server  *Server
	address netip.Addr
	since   time.Time

	user, password       string
	userSet, passwordSet bool
	tls                  bool
	tracking             bool

	proven    *User // whom the password has proven
	provenFor *roll // on this roll; nil: not asked yet

	login   string // name of the UPS, "" while not logged in; guarded by Server.mu
	primary bool   // it has asked for the rights of a primary and has them; guarded by Server.mu
}

// next: what follows an answer.
type next uint8

const (
	goOn next = iota
	hangUp
	startTLS
)

// A verb is a request by its first word. Those that want a user are refused
// without one before their words are looked at.
type verb struct {
	user   bool
	answer func(s *session, ctx context.Context, args []string) (text string, n next)
}

var verbs map[string]verb

func init() { // because help refers to nothing, but the functions refer to each other
	plain := func(f func(*session, []string) string) verb {
		return verb{false, func(s *session, _ context.Context, args []string) (string, next) { return f(s, args), goOn }}
	}
	guarded := func(f func(*session, context.Context, []string) string) verb {
		return verb{true, func(s *session, ctx context.Context, args []string) (string, next) { return f(s, ctx, args), goOn }}
	}
	verbs = map[string]verb{
		"VER":      plain((*session).version),
		"NETVER":   plain((*session).protocol),
		"PROTVER":  plain((*session).protocol),
		"HELP":     plain((*session).help),
		"GET":      plain((*session).get),
		"LIST":     plain((*session).list),
		"USERNAME": plain((*session).setUser),
		"PASSWORD": plain((*session).setPassword),
		"LOGOUT":   {false, (*session).logout},
		"STARTTLS": {false, (*session).startTLS},
		"LOGIN":    guarded((*session).logIn),
		"PRIMARY":  guarded(func(s *session, ctx context.Context, args []string) string { return s.askPrimary(ctx, args, "PRIMARY") }),
		"MASTER":   guarded(func(s *session, ctx context.Context, args []string) string { return s.askPrimary(ctx, args, "MASTER") }),
		"FSD":      guarded((*session).forceShutdown),
		"SET":      guarded((*session).set),
		"INSTCMD":  guarded((*session).command),
	}
}

// respond answers a request, with the line end. Of a list the answer has many
// lines.
func (s *session) respond(ctx context.Context, words []string) (string, next) {
	if len(words) == 0 {
		return errUnknown + "\n", goOn
	}
	for i := range words {
		words[i] = printable(words[i])
	}
	v, ok := verbs[strings.ToUpper(words[0])]
	switch {
	case !ok:
		return errUnknown + "\n", goOn
	case v.user && !s.userSet:
		return errUserNeeded + "\n", goOn
	case v.user && !s.passwordSet:
		return errPasswordNeed + "\n", goOn
	}
	text, n := v.answer(s, ctx, words[1:])
	return text + "\n", n
}

func (s *session) view() *View { return s.server.backend.View() }

// NUTVersion is the release of NUT whose upsd the answers are those of.
// Clients look for it in the banner, and some for what it can do.
const NUTVersion = "2.8.5"

const (
	bannerBegin = "Network UPS Tools upsd "
	bannerName  = " - ecnutd "
)

// Banner is what VER and server.info say. Clients know a server by how it
// begins; behind the dash upsd has its address on the web.
func Banner(version string) string {
	return ascii(bannerBegin + NUTVersion + bannerName + version + " (RFC 9271)")
}

// IsOurs reports whether a banner is that of ecnutd, of any version.
func IsOurs(banner string) bool {
	return strings.HasPrefix(banner, bannerBegin) && strings.Contains(banner, bannerName) || strings.HasPrefix(banner, "ecnutd ")
}

func (s *session) serverInfo() string { return Banner(s.view().Version) }

const protocolVersion = "1.3"

func (s *session) version(args []string) string {
	if len(args) > 0 {
		return errArgument
	}
	return s.serverInfo()
}

func (s *session) protocol(args []string) string {
	if len(args) > 0 {
		return errArgument
	}
	return protocolVersion
}

func (s *session) help(args []string) string {
	if len(args) > 0 {
		return errArgument
	}
	return "Commands: HELP VER PROTVER GET LIST SET INSTCMD LOGIN LOGOUT USERNAME PASSWORD STARTTLS"
}

func (s *session) setUser(args []string) string {
	switch {
	case len(args) != 1:
		return errArgument
	case s.userSet:
		return errUserSet
	}
	s.user, s.userSet = args[0], true
	return "OK"
}

func (s *session) setPassword(args []string) string {
	switch {
	case len(args) != 1:
		return errArgument
	case s.passwordSet:
		return errPasswordSet
	}
	s.password, s.passwordSet = args[0], true
	return "OK"
}

func (s *session) logout(_ context.Context, args []string) (string, next) {
	if len(args) > 0 {
		return errArgument, goOn
	}
	s.server.logOut(s)
	return "OK Goodbye", hangUp
}

func (s *session) startTLS(context.Context, []string) (string, next) {
	switch {
	case s.tls:
		return errAlreadyTLS, goOn
	case s.server.settings.Load().TLS == nil:
		return errNotConfigured, goOn
	}
	s.tls = true
	return "OK STARTTLS", startTLS
}

func (s *session) who() Who { return Who{s.user, s.address.String()} }
