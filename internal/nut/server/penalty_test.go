package server

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ecnutd/internal/password"
)

// A counted password counts how often it is compared.
type counted struct {
	password.Verifier
	cost string

	mu sync.Mutex
	n  int
}

func (c *counted) Matches(word string) bool {
	c.mu.Lock()
	c.n++
	c.mu.Unlock()
	return c.Verifier.Matches(word)
}

func (c *counted) Cost() string { return c.cost }

func (c *counted) times() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}

// guessing is a server with one user, and a way to log in to it from an
// address.
func guessing(t *testing.T) (stored *counted, srv *Server, guess func(address, word string) (string, time.Duration)) {
	stored = &counted{Verifier: password.Plain("sec"), cost: "plain"}
	srv = New(newFake(), Settings{Users: []User{{name: "second", password: stored, role: Secondary}}}, quiet())
	return stored, srv, func(address, word string) (string, time.Duration) {
		s := newSession(srv)
		s.address = netip.MustParseAddr(address)
		begun := time.Now()
		return says(s, "USERNAME second", "PASSWORD "+word, "LOGIN eaton"), time.Since(begun)
	}
}

// TestGuessing: guessing is slow, for one address and not for others.
func TestGuessing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, srv, guess := guessing(t)
		for i := range freeFailures {
			if got, took := guess("2001:db8::1", "bad"); got != errAccess || took > 0 {
				t.Fatalf("guess %d: %s after %s", i, got, took)
			}
		}
		// From the same /64, and with the right password: it waits as long.
		if got, took := guess("2001:db8::2", "sec"); got != "OK" || took != failureEvery {
			t.Errorf("%s after %s", got, took)
		}
		for _, other := range []string{"2001:db8:0:1::1", "192.0.2.1"} {
			if got, took := guess(other, "sec"); got != "OK" || took > 0 {
				t.Errorf("another network: %s after %s", got, took)
			}
		}
		time.Sleep(freeFailures * failureEvery)
		if got, took := guess("2001:db8::1", "sec"); got != "OK" || took > 0 {
			t.Errorf("all is forgiven: %s after %s", got, took)
		}
		if n := len(srv.penalties.owed); n > 0 {
			t.Errorf("%d who owe nothing are remembered", n)
		}
		for i := range 3 * mostDebtors {
			guess(fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255), "bad")
		}
		if n := len(srv.penalties.owed); n > mostDebtors {
			t.Errorf("%d addresses are remembered", n)
		}
	})
}

// TestGuessingAtOnce: who guesses over many connections at the same time has no
// more guesses than over one, and the right password is heard when they are at
// an end.
func TestGuessingAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stored, _, guess := guessing(t)
		var wg sync.WaitGroup
		for range 400 {
			wg.Go(func() { guess("192.0.2.9", "bad") })
		}
		synctest.Wait()
		if n := stored.times(); n != freeFailures {
			t.Errorf("%d of 400 at once are compared, and %d are free", n, freeFailures)
		}
		wg.Wait()
		if got, took := guess("192.0.2.9", "sec"); got != "OK" || took > failureEvery {
			t.Errorf("the right password afterwards: %s after %s", got, took)
		}
	})
}

// TestManyRightAtOnce: the hosts of one network, which all come back at the same
// time, wait for nothing.
func TestManyRightAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, _, guess := guessing(t)
		var wg sync.WaitGroup
		for i := range 30 {
			wg.Go(func() {
				if got, took := guess(fmt.Sprintf("2001:db8::%x", i+1), "sec"); got != "OK" || took > 0 {
					t.Errorf("%s after %s", got, took)
				}
			})
		}
		wg.Wait()
	})
}

// TestNoUserShowsInTheTime: for each name, known or not, one password of each
// cost is compared, so that the time of the answer says nothing.
func TestNoUserShowsInTheTime(t *testing.T) {
	plain := &counted{Verifier: password.Plain("a"), cost: "plain"}
	cheap, dear := &counted{Verifier: password.Plain("b"), cost: "bcrypt 5"}, &counted{Verifier: password.Plain("c"), cost: "bcrypt 12"}
	r := newRoll([]User{{name: "plain", password: plain}, {name: "cheap", password: cheap}, {name: "dear", password: dear}})
	for _, name := range []string{"plain", "cheap", "dear", "nobody"} {
		before := []int{plain.times(), cheap.times(), dear.times()}
		if r.check(name, "wrong") != nil {
			t.Errorf("%s: let in", name)
		}
		for i, c := range []*counted{plain, cheap, dear} {
			if n := c.times() - before[i]; n != 1 {
				t.Errorf("%s: %s is compared %d times", name, c.cost, n)
			}
		}
	}
	for name, word := range map[string]string{"plain": "a", "cheap": "b", "dear": "c"} {
		if u := r.check(name, word); u == nil || u.name != name {
			t.Errorf("%s: not let in", name)
		}
		if u := r.check("nobody", word); u != nil {
			t.Errorf("nobody is %s with the password of another", u.name)
		}
	}
}

// TestJournalIsBounded: whoever guesses for an hour leaves a few lines a minute
// in the journal, and the last one says how many are missing.
func TestJournalIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, srv, guess := guessing(t)
		var text bytes.Buffer
		srv.log = slog.New(slog.NewTextHandler(&text, nil))
		for i := range 3600 {
			guess(fmt.Sprintf("10.0.%d.%d", i/200, i%200), "bad")
			time.Sleep(time.Second)
		}
		lines := strings.Count(text.String(), "\n")
		if most := linesBurst + int(time.Hour/linesEvery) + 1; lines > most || lines < most-linesBurst {
			t.Errorf("%d lines in an hour, %d at most", lines, most)
		}
		if !strings.Contains(text.String(), "left_out=9") {
			t.Error("no line says how many were left out")
		}
		if strings.Contains(text.String(), "bad") {
			t.Error("a password is logged")
		}
	})
}
