package client

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"ecnutd/internal/nut/server/nuttest"
	"ecnutd/ups"
)

// serve answers connections, each with a script: what it sends to each line
// that it gets, in order. It returns the address.
func serve(t testing.TB, answers ...string) string {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				r := bufio.NewReader(c)
				for _, a := range answers {
					if _, err := r.ReadString('\n'); err != nil {
						return
					}
					_, _ = io.WriteString(c, a)
				}
				_, _ = io.Copy(io.Discard, r)
			}()
		}
	}()
	return l.Addr().String()
}

var pace = Pace{Poll: 10 * time.Millisecond, PollOnBattery: 10 * time.Millisecond, Patience: 10 * time.Second, LoginAgain: time.Minute}

func to(address string) Server {
	return Server{Address: address, UPS: "eaton", User: "second", Password: func() (string, error) { return `s"e\c`, nil }}
}

const list = "BEGIN LIST VAR eaton\nVAR eaton ups.status \"OB LB FSD\"\nVAR eaton battery.charge \"12.5\"\nVAR eaton battery.runtime \"-1\"\nVAR eaton ups.id \"a \\\"b\\\" \\\\c\"\nEND LIST VAR eaton\n"

// TestFollow: what is made of the answers of a server.
func TestFollow(t *testing.T) {
	ok := []string{"OK\n", "OK\n", "OK\n"}
	for name, tc := range map[string]struct {
		answers []string
		charge  int    // 0: nothing is heard
		trouble string // that is told
		err     string
	}{
		"all well":       {append(ok, list), 12, "", ""},
		"login refused":  {[]string{"OK\n", "OK\n", "ERR ACCESS-DENIED\n", list}, 12, `refuses the login, and will not wait for this host in a shutdown: it answers "ERR ACCESS-DENIED" to LOGIN`, ""},
		"stale":          {append(ok, "ERR DATA-STALE\n", list), 12, "has lost its UPS (DATA-STALE)", ""},
		"no driver":      {append(ok, "ERR DRIVER-NOT-CONNECTED\n", list), 12, "has lost its UPS (DRIVER-NOT-CONNECTED)", ""},
		"unknown":        {append(ok, "ERR UNKNOWN-UPS\n", list), 12, "knows no UPS called eaton", ""},
		"no status":      {append(ok, "BEGIN LIST VAR eaton\nEND LIST VAR eaton\n", list), 12, "says no status", ""},
		"not NUT":        {[]string{"HTTP/1.1 400 Bad Request\n", "x\n"}, 0, "refuses the login", "is it a server of NUT"},
		"garbage":        {append(ok, "hello\n"), 0, "", `answers "hello"`},
		"endless line":   {append(ok, strings.Repeat("x", 10000)), 0, "", "a line that does not end"},
		"endless list":   {append(ok, "BEGIN LIST VAR eaton\n"+strings.Repeat("VAR eaton a \"b\"\n", 3000)), 0, "", "a list that does not end"},
		"hangs up in it": {append(ok, "BEGIN LIST VAR eaton\nVAR eaton ups.sta"), 0, "", "lost"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var told []string
			heard := 0
			p := pace
			if tc.err == "lost" {
				p.Patience = 300 * time.Millisecond
			}
			tell := func(err error) {
				if err != nil {
					told = append(told, err.Error())
				}
			}
			err := to(serve(t, tc.answers...)).Follow(ctx, p, Observer{Heard: func(s ups.Snapshot, v ups.Variables) {
				heard++
				want := ups.Snapshot{Status: ups.OnBattery | ups.LowBattery | ups.ForcedShutdown, Low: ups.BelowCapacity, Charge: ups.Known(tc.charge), Readings: 1, ChargeReadings: 1}
				if s != want || v["ups.id"] != `a "b" \c` {
					t.Errorf("got %+v, want %+v; %v", s, want, v)
				}
				cancel()
			}, Trouble: tell, Login: tell})
			if tc.charge > 0 && heard != 1 || tc.charge == 0 && heard > 0 {
				t.Errorf("heard %d times", heard)
			}
			if text := strings.Join(told, "; "); !strings.Contains(text, tc.trouble) || tc.trouble == "" && text != "" {
				t.Errorf("told %q", text)
			}
			if tc.err == "" && !errors.Is(err, context.Canceled) || tc.err != "" && (err == nil || !strings.Contains(err.Error(), tc.err)) {
				t.Errorf("error %v", err)
			}
			if strings.Contains(strings.Join(told, "")+err.Error(), `s"e`) {
				t.Error("the password is shown")
			}
		})
	}
	if vars, err := to(serve(t, list)).Read(t.Context(), pace.Patience); err != nil || vars["battery.charge"] != "12.5" {
		t.Errorf("read %v, %v", vars, err)
	} else if v, shown := vars["battery.runtime"]; shown {
		t.Errorf("shows a runtime of %s s", v)
	}
	if err := to("127.0.0.1:1").Follow(t.Context(), pace, Observer{}); err == nil || !strings.Contains(err.Error(), "cannot be reached") {
		t.Error(err)
	}
}

// TestUpsd: Debian's upsd is followed: it counts the login, and loses it when
// this side ends.
func TestUpsd(t *testing.T) {
	nut := nuttest.Find(t)
	address := nut.Upsd(t, "[second]\npassword = \"s\\\"e\\\\c\"\nupsmon slave\n", nuttest.Driver{Name: "eaton", Lines: []string{
		`SETINFO ups.status "OL CHRG"`, `SETINFO battery.charge "99"`, `SETINFO battery.runtime "1200"`,
	}})
	logins := func() string {
		out, _, _ := nut.Run(t, "upsc", "-c", "eaton@"+address)
		return strings.TrimSpace(out)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	heard := 0
	// The driver needs a moment until upsd has its data.
	err := to(address).Follow(ctx, pace, Observer{Heard: func(s ups.Snapshot, _ ups.Variables) {
		if heard++; heard > 1 {
			return
		}
		if s.Charge != ups.Known(99) || s.Runtime != ups.Known(1200) || s.Status != ups.Online|ups.Charging {
			t.Errorf("got %+v", s)
		}
		if got := logins(); got != "127.0.0.1" {
			t.Errorf("upsd counts %q", got)
		}
		cancel()
	}, Trouble: func(err error) {
		if !errors.Is(err, ErrStale) {
			t.Error(err)
		}
	}, Login: func(err error) {
		if err != nil {
			t.Error(err)
		}
	}})
	if heard == 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("heard %d times, %v", heard, err)
	}
	for range 100 {
		if logins() == "" {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("upsd still counts %q", logins())
}

// FuzzServer: whatever the other host sends, it ends, and a snapshot is made
// of words that were sent only.
func FuzzServer(f *testing.F) {
	f.Add("OK\nOK\nOK\n" + list)
	f.Add("ERR x\nBEGIN LIST VAR e\nVAR \"\n\" ups.status OL\nEND\n")
	f.Fuzz(func(t *testing.T, said string) {
		a, b := net.Pipe()
		defer a.Close()
		go func() {
			_, _ = io.WriteString(b, said)
			b.Close()
		}()
		go func() { _, _ = io.Copy(io.Discard, b) }()
		c := &client{conn: a, r: bufio.NewReaderSize(a, mostLine), patience: time.Second, stop: func() bool { return true }}
		if err := c.logIn(to("")); err != nil && !errors.Is(err, ErrLogin) {
			return
		}
		for {
			vars, err := c.variables("eaton")
			if errors.Is(err, ErrStale) {
				continue
			}
			if err != nil {
				return
			}
			s := vars.Snapshot()
			if len(vars) > mostLines || s.Status != 0 && vars["ups.status"] == "" || s.Charge.Known && vars["battery.charge"] == "" || s.Charge.N < 0 {
				t.Fatalf("%+v of %v", s, vars)
			}
		}
	})
}
