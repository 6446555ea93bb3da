package client

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ecnutd/ups"
)

// An otherHost is another host in memory: each connection to it is answered as upsd
// would, and password is the one that it takes at the time.
type otherHost struct {
	mu       sync.Mutex
	password string
	logins   int // connections that are logged in now
	dials    int
	asked    map[int]int // LIST VAR by connection, from 1
}

// dialed is a new connection to the host.
func (h *otherHost) dialed() net.Conn {
	a, b := net.Pipe()
	h.mu.Lock()
	h.dials++
	n := h.dials
	h.mu.Unlock()
	go h.answer(n, b)
	return a
}

func (h *otherHost) answer(n int, c net.Conn) {
	defer c.Close()
	in := false
	defer func() {
		h.mu.Lock()
		if in {
			h.logins--
		}
		h.mu.Unlock()
	}()
	r := bufio.NewReader(c)
	given := ""
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		verb, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		answer := "OK\n"
		h.mu.Lock()
		switch {
		case verb == "PASSWORD":
			given = strings.Trim(rest, `"`)
		case verb == "LOGIN" && given != h.password:
			answer = "ERR ACCESS-DENIED\n"
		case verb == "LOGIN":
			in = true
			h.logins++
		case verb == "LIST":
			h.asked[n]++
			answer = list
		}
		h.mu.Unlock()
		if _, err := c.Write([]byte(answer)); err != nil || verb == "LOGOUT" {
			return
		}
	}
}

// TestLoginAgain: a login that is refused is tried again each minute over a
// connection of its own, while the UPS is followed without a pause, and the
// first that is let in goes on alone.
func TestLoginAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &otherHost{password: "new", asked: map[int]int{}}
		s := Server{Address: "host:3493", UPS: "eaton", User: "second", Password: func() (string, error) { return "sec", nil }, dialer: func(context.Context) (net.Conn, error) { return h.dialed(), nil }}
		ctx, cancel := context.WithCancel(t.Context())
		begun := time.Now()
		var logins []string
		heard := 0
		done := make(chan error)
		go func() {
			done <- s.Follow(ctx, Pace{Poll: 5 * time.Second, PollOnBattery: 5 * time.Second, Patience: time.Second, LoginAgain: time.Minute}, Observer{
				Heard:   func(ups.Snapshot, ups.Variables) { heard++ },
				Trouble: func(err error) { t.Error(err) },
				Login: func(err error) {
					logins = append(logins, fmt.Sprint(time.Since(begun), " ", err == nil))
					if err != nil && !errors.Is(err, ErrLogin) {
						t.Error(err)
					}
				},
			})
		}()
		time.Sleep(150 * time.Second)
		synctest.Wait()
		// At 0 s, and then each minute. Asking goes on every 5 s.
		if got := strings.Join(logins, ", "); got != "0s false, 1m0s false, 2m0s false" {
			t.Errorf("logins: %s", got)
		}
		if heard != 31 || h.logins != 0 {
			t.Errorf("heard %d times, %d logged in", heard, h.logins)
		}
		h.mu.Lock()
		h.password = "sec"
		h.mu.Unlock()
		time.Sleep(60 * time.Second)
		synctest.Wait()
		if got := logins[len(logins)-1]; got != "3m0s true" || h.logins != 1 {
			t.Errorf("the last login: %s; %d logged in", got, h.logins)
		}
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if len(logins) != 4 || h.dials != 4 || h.asked[2] != 0 || h.asked[4] < 120 {
			t.Errorf("logins %v, %d connections, asked %v", logins, h.dials, h.asked)
		}
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		synctest.Wait()
		if h.logins != 0 {
			t.Error("it is logged in still")
		}
	})
}

// TestUnsendablePassword: a password that the protocol does not carry is said to
// be one, and is not shown.
func TestUnsendablePassword(t *testing.T) {
	h := &otherHost{password: "caf", asked: map[int]int{}}
	s := Server{Address: "host:3493", UPS: "eaton", User: "second", Password: func() (string, error) { return "café", nil }, dialer: func(context.Context) (net.Conn, error) { return h.dialed(), nil }}
	if err := s.CheckLogin(t.Context(), time.Second); !errors.Is(err, ErrLogin) || !strings.Contains(err.Error(), "accents") || strings.Contains(err.Error(), "café") {
		t.Error(err)
	}
	s.Password = func() (string, error) { return "caf", nil }
	if err := s.CheckLogin(t.Context(), time.Second); err != nil {
		t.Error(err)
	}
}
