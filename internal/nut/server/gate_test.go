package server

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ecnutd/ups"
)

// TestGate: however many clients there are, their work takes no more than its
// share, and no client more turns than another. What a turn takes is made up.
func TestGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const clients, turns = 50, 100
		const unit = 5 * time.Microsecond // of ten: a turn takes 50 µs
		g := newGate()
		g.unit = unit
		turn := func() {
			if _, err := g.enter(t.Context()); err != nil {
				t.Error(err)
			}
			g.leave(2, 4<<10, 10*unit)
		}
		var wg sync.WaitGroup
		begun := time.Now()
		done := make([]atomic.Int64, clients)
		for i := range clients {
			wg.Go(func() {
				for range turns {
					turn()
					done[i].Add(1)
				}
			})
		}
		// By half of the time each has had about half of its turns.
		time.Sleep(time.Duration(clients * turns / 2 * float64(10*unit) / workShare))
		for i := range done {
			if n := done[i].Load(); n < turns/2-5 || n > turns/2+5 {
				t.Errorf("client %d has had %d of %d turns", i, n, turns)
			}
		}
		wg.Wait()
		// 5000 turns of 50 µs each at a share of 0.8 take 312.5 ms.
		if took := time.Since(begun); took < 310*time.Millisecond || took > 313*time.Millisecond {
			t.Errorf("%d turns took %s", clients*turns, took)
		}
		// Nobody is there: the next one waits for nothing, whatever the last took.
		time.Sleep(time.Second)
		begun = time.Now()
		if turn(); time.Since(begun) != 0 {
			t.Errorf("alone, and waits for %s", time.Since(begun))
		}
		// Clients that do not read hold nobody up for what they wait.
		for range 1000 {
			if _, err := g.enter(t.Context()); err != nil {
				t.Fatal(err)
			}
			g.leave(1, 0, 10*time.Second)
		}
		time.Sleep(time.Second)
		if g.unit > mostUnit {
			t.Errorf("a unit is said to cost %s", g.unit)
		}
	})
}

// TestQuick: the answers that are made once are those that are made each time,
// whatever the UPS and however the request is written.
func TestQuick(t *testing.T) {
	f := newFake()
	f.list = append([]UPS{
		{Name: "Büro", State: Current, Variables: ups.Variables{"ups.status": "OL"}},
		{Name: "EATON2", Aliases: []string{"eaton"}, State: Current, Variables: ups.Variables{"ups.status": "OB", "odd name": "x"}},
		{Name: "empty", State: Current, Variables: ups.Variables{}},
	}, f.list...)
	srv := New(f, settings(t), quiet())
	s := newSession(srv)
	names := []string{"eaton", "Eaton", "ups", "qnapups", "nodesc", "old", "nope", "Büro", "EATON2", "empty", ""}
	variables := []string{"ups.status", "UPS.STATUS", "ups.id", "battery.charge", "nope", "server.info", "server.version", "odd name", ""}
	verbs := []string{"GET VAR ", "LIST VAR ", "get var ", "GET  VAR ", "GET TYPE ", "LIST VARS "}
	made := 0
	dice := rand.New(rand.NewPCG(1, 2)) // the same requests each time
	for range 10000 {
		pick := func(list []string) string { return list[dice.IntN(len(list))] }
		line := pick(verbs) + pick(names)
		if dice.IntN(2) == 0 {
			line += " " + pick(variables)
		}
		if dice.IntN(9) == 0 {
			line += pick([]string{" ", " x", `"`, "\\"})
		}
		quick := f.View().quick([]byte(line))
		if quick == nil {
			continue
		}
		made++
		if slow, _ := s.respond(t.Context(), strings.Fields(line)); slow != string(quick) {
			t.Fatalf("%q\nquick: %s\nslow: %s", line, quick, slow)
		}
	}
	if made < 100 {
		t.Errorf("only %d answers were quick", made)
	}
}

// TestAliases: a UPS answers to its other names as to its own, its logins are
// counted together, and it stands once in the list.
func TestAliases(t *testing.T) {
	f := newFake()
	srv, address := start(t, f, settings(t))
	synology, qnap := dial(t, address), dial(t, address)
	defer synology.Close()
	defer qnap.Close()
	for c, name := range map[*client]string{synology: "ups", qnap: "qnapups"} {
		for request, want := range map[string]string{
			"GET VAR " + name + " ups.status": "VAR " + name + " ups.status \"OL\"\n",
			"GET UPSDESC " + name:             "UPSDESC " + name + ` "Bureau \"A\""` + "\n",
		} {
			if got := ask(t, c, request); got != want {
				t.Errorf("%s: %s", request, got)
			}
		}
		if got := ask(t, c, "LIST VAR "+name); !strings.HasPrefix(got, "BEGIN LIST VAR "+name+"\nVAR "+name+" battery.charge \"100\"\n") {
			t.Errorf("LIST VAR %s: %.60s", name, got)
		}
		for _, r := range []string{"USERNAME second", "PASSWORD sec", "LOGIN " + name} {
			if got := ask(t, c, r); got != "OK\n" {
				t.Errorf("%s: %s", r, got)
			}
		}
	}
	for _, name := range []string{"eaton", "ups", "QNAPUPS"} {
		if got := ask(t, qnap, "GET NUMLOGINS "+name); got != fmt.Sprintf("NUMLOGINS %s 2\n", name) {
			t.Error(got)
		}
	}
	if srv.Logins() != 2 {
		t.Errorf("%d logins", srv.Logins())
	}
	if got := ask(t, qnap, "LIST UPS"); strings.Contains(got, "qnapups") || strings.Count(got, "UPS eaton ") != 1 {
		t.Error(got)
	}
	if got := ask(t, qnap, "INSTCMD ups beeper.disable"); got != errAccess+"\n" {
		t.Error(got)
	}
	for _, c := range srv.Clients() {
		if c.UPS != "eaton" {
			t.Errorf("%+v", c)
		}
	}
}
