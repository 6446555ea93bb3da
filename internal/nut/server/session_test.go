package server

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func newSession(srv *Server) *session {
	return &session{server: srv, address: netip.MustParseAddr("192.0.2.7"), since: time.Now()}
}

// says asks requests one after the other and returns the last answer.
func says(s *session, requests ...string) (answer string) {
	for _, r := range requests {
		answer, _ = s.respond(context.Background(), strings.Fields(r))
	}
	return strings.TrimSuffix(answer, "\n")
}

// TestRights: who may do what, as upsd.users(5) has it, with the one exception
// that ALL does not stand for commands that cut the load.
func TestRights(t *testing.T) {
	set, fsd, login, primary := "SET VAR eaton battery.charge.low 30", "FSD eaton", "LOGIN eaton", "PRIMARY eaton"
	beep, cut := "INSTCMD eaton beeper.disable", "INSTCMD eaton load.off.delay 30"
	for _, u := range []struct {
		name              string
		role              Role
		actions, commands []string
		may               []string
	}{
		{"nothing", NoRole, nil, nil, nil},
		{"secondary", Secondary, nil, nil, []string{login}},
		{"primary", Primary, nil, nil, []string{login, primary, fsd}},
		{"set", NoRole, []string{"set"}, nil, []string{set}},
		{"fsd", NoRole, []string{"FSD"}, nil, []string{fsd}},
		{"all", NoRole, nil, []string{"ALL"}, []string{beep}},
		{"one", NoRole, nil, []string{"beeper.disable"}, []string{beep}},
		{"cut", NoRole, nil, []string{"load.off.delay"}, []string{cut}},
		{"both", Secondary, []string{"SET", "FSD"}, []string{"ALL", "load.off.delay"}, []string{set, fsd, login, beep, cut}},
	} {
		user, err := NewUser("u", "p", u.role, u.actions, u.commands)
		if err != nil {
			t.Fatal(err)
		}
		for _, request := range []string{set, fsd, login, primary, beep, cut} {
			f := newFake()
			srv := New(f, Settings{Users: []User{user}}, quiet())
			got := says(newSession(srv), "USERNAME u", "PASSWORD p", request)
			may := false
			for _, m := range u.may {
				may = may || m == request
			}
			if may != strings.HasPrefix(got, "OK") || !may && got != errAccess {
				t.Errorf("%s, %s: %s", u.name, request, got)
			}
			if !may && f.touched() {
				t.Errorf("%s, %s: the backend was reached", u.name, request)
			}
			// The same with a wrong password and a wrong name.
			for _, who := range [][]string{{"USERNAME u", "PASSWORD P"}, {"USERNAME U", "PASSWORD p"}, {"USERNAME u", `PASSWORD`}} {
				f := newFake()
				srv := New(f, Settings{Users: []User{user}}, quiet())
				if got := says(newSession(srv), append(who, request)...); !strings.HasPrefix(got, "ERR") || f.touched() {
					t.Errorf("%s, %q, %s: %s", u.name, who, request, got)
				}
			}
		}
	}
}

// TestUsersChange: a reload that takes a user away takes his rights at once.
func TestUsersChange(t *testing.T) {
	f := newFake()
	srv := New(f, settings(t), quiet())
	s := newSession(srv)
	if got := says(s, "USERNAME admin", "PASSWORD secret", "INSTCMD eaton beeper.disable"); got != "OK" {
		t.Fatal(got)
	}
	srv.Configure(Settings{})
	if got := says(s, "INSTCMD eaton beeper.disable"); got != errAccess {
		t.Error(got)
	}
}

// TestOutcomes: an order is answered with what came of it.
func TestOutcomes(t *testing.T) {
	for _, tc := range []struct {
		out                 Outcome
		command, set, track string
	}{
		{Done, "OK", "OK", "SUCCESS"}, {Failed, "ERR INSTCMD-FAILED", "ERR SET-FAILED", "ERR FAILED"},
		{Invalid, "ERR INVALID-ARGUMENT", "ERR INVALID-VALUE", "ERR INVALID-ARGUMENT"},
		{Unsupported, "ERR CMD-NOT-SUPPORTED", "ERR VAR-NOT-SUPPORTED", "ERR UNKNOWN"},
	} {
		f := newFake()
		f.out = tc.out
		s := newSession(New(f, settings(t), quiet()))
		if got := says(s, "USERNAME admin", "PASSWORD secret", "INSTCMD eaton beeper.disable"); got != tc.command {
			t.Errorf("%d: %s", tc.out, got)
		}
		if got := says(s, "SET VAR eaton outlet.1.desc rack"); got != tc.set {
			t.Errorf("%d: %s", tc.out, got)
		}
		id, ok := strings.CutPrefix(says(s, "SET TRACKING ON", "INSTCMD eaton beeper.disable"), "OK TRACKING ")
		if !ok {
			t.Fatal(id)
		}
		s.server.orders.Wait()
		if got := says(s, "GET TRACKING "+strings.ToLower(id)); got != tc.track {
			t.Errorf("%d: %s", tc.out, got)
		}
	}
}

// TestSlowOrder: a UPS that is slow to answer does not hold the client up for
// longer than it has patience, nor more orders than the UPS can work off.
func TestSlowOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.hold = make(chan struct{})
		s := newSession(New(f, settings(t), quiet()))
		began := time.Now()
		if got := says(s, "USERNAME admin", "PASSWORD secret", "INSTCMD eaton beeper.disable"); got != "OK" || time.Since(began) != patience {
			t.Errorf("%s after %s", got, time.Since(began))
		}
		says(s, "SET TRACKING ON")
		var last string
		for range mostUnderWay - 1 {
			last, _ = strings.CutPrefix(says(s, "INSTCMD eaton beeper.disable"), "OK TRACKING ")
		}
		if got := says(s, "GET TRACKING "+last); got != "PENDING" {
			t.Error(got)
		}
		if got := says(s, "INSTCMD eaton beeper.disable"); got != errCommandFailed {
			t.Errorf("one more was taken: %s", got)
		}
		close(f.hold)
		synctest.Wait()
		if got := says(s, "GET TRACKING "+last); got != "SUCCESS" {
			t.Error(got)
		}
		time.Sleep(trackingDelay + time.Second)
		says(s, "INSTCMD eaton beeper.disable")
		if got := says(s, "GET TRACKING "+last); got != "ERR UNKNOWN" {
			t.Error(got)
		}
	})
}

func TestASCII(t *testing.T) {
	for text, want := range map[string]string{
		"Onduleur Eaton": `"Onduleur Eaton"`, "Étagère n° 2": `"Etagere n? 2"`, "日本": `"??"`, "a\nb\x00": `"a?b?"`, `\"`: `"\\\""`, "l’été": `"l'ete"`,
	} {
		if got := quoted(text); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

// TestLogout: who has said LOGOUT is not waited for any more when the answer
// comes, and not only when the connection is gone.
func TestLogout(t *testing.T) {
	f := newFake()
	s := newSession(New(f, settings(t), quiet()))
	if got := says(s, "USERNAME second", "PASSWORD sec", "LOGIN eaton"); got != "OK" || s.server.loginOf(s) != "eaton" || f.logins != 1 {
		t.Fatal(got, f.logins)
	}
	if got := says(s, "LOGOUT"); got != "OK Goodbye" || s.server.loginOf(s) != "" || f.logins != 2 {
		t.Error(got, f.logins)
	}
}
