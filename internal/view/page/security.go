package page

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"ecnutd/internal/password"
)

// Access says who may see the page.
type Access struct {
	// Hosts are the names and addresses under which it may be asked for, beside
	// those of loopback. Any other is refused: a page of somebody else whose name
	// was made to lead here must not read this one (DNS rebinding).
	Hosts []string
	// User and Password are asked for where Password is set.
	User     string
	Password password.Verifier
}

// guard lets through what is allowed, and says to the browser what the page may do.
func (a Access) guard(next http.Handler) http.Handler {
	// Passwords are hard to compare: guessing must not take all of the processor.
	guesses := rate.NewLimiter(rate.Every(time.Second), 10)
	var known sync.Map // what was right before is not compared again
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-cache")
		if !a.knows(r.Host) {
			http.Error(w, "This page is not served under the name "+strings.ToValidUTF8(r.Host, "?")+": add it to `hosts` in view.yaml.", http.StatusMisdirectedRequest)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			h.Set("Allow", "GET, HEAD")
			http.Error(w, "This page can only be looked at.", http.StatusMethodNotAllowed)
			return
		}
		if a.Password != nil {
			user, word, _ := r.BasicAuth()
			_, ok := known.Load(user + "\x00" + word)
			if !ok && guesses.Allow() && user == a.User && a.Password.Matches(word) {
				known.Store(user+"\x00"+word, true)
				ok = true
			}
			if !ok {
				h.Set("WWW-Authenticate", `Basic realm="ecnutd", charset="UTF-8"`)
				http.Error(w, "User and password, please.", http.StatusUnauthorized)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// knows reports whether the page is served under the name of a request.
func (a Access) knows(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.Trim(host, "[]")
	}
	if strings.EqualFold(name, "localhost") || slices.ContainsFunc(a.Hosts, func(h string) bool { return strings.EqualFold(h, name) }) {
		return true
	}
	addr, err := netip.ParseAddr(name)
	return err == nil && addr.IsLoopback()
}
