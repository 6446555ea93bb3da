package server

import (
	"context"
	"log/slog"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"ecnutd/internal/nut/parseconf"
	"ecnutd/internal/nut/server/nuttest"
	"ecnutd/ups"
)

// fakeUPS: the UPSs that the tests ask for, in our words and in those of a driver of NUT.
// The first is the simulated Protection Station 800 as the real usbhid-ups 2.8.5
// tells upsd of it (recorded by internal/vmtest), with one variable more, for
// its quotes. The ranges are ours: usbhid-ups says none.
var fakeUPS = []UPS{
	fakeStation(),
	{Name: "nodesc"},
	{Name: "old", Description: "stale", State: Stale, Variables: ups.Variables{"ups.status": "OL"}},
}

const (
	stationFile = "testdata/usbhid-ups-newest.txt"
	quotedLine  = `SETINFO ups.id "a \"b\" \\c"`
)

func fakeStation() UPS {
	raw, err := os.ReadFile(stationFile)
	if err != nil {
		panic(err)
	}
	u := UPS{Name: "eaton", Description: `Bureau "A"`, Aliases: []string{"ups", "qnapups"}, State: Current, Variables: ups.Variables{}}
	set := func(name string) *Setting {
		i := slices.IndexFunc(u.Settings, func(s Setting) bool { return s.Name == name })
		if i < 0 {
			u.Settings = append(u.Settings, Setting{Name: name})
			i = len(u.Settings) - 1
		}
		return &u.Settings[i]
	}
	var scanner parseconf.Scanner
	for _, b := range []byte(string(raw) + quotedLine + "\n") {
		line, ok := scanner.Next(b)
		if !ok || len(line.Words) < 2 {
			continue
		}
		switch w := line.Words; w[0] {
		case "SETINFO":
			u.Variables[w[1]] = w[2]
		case "ADDENUM":
			one := set(w[1])
			one.Enum = append(one.Enum, w[2])
		case "SETAUX":
			set(w[1]).Length, _ = strconv.Atoi(w[2]) // it is a number
		case "ADDCMD":
			cuts := strings.HasPrefix(w[1], "load.") || strings.HasPrefix(w[1], "shutdown.")
			u.Commands = append(u.Commands, Command{w[1], map[string]string{
				"beeper.disable": "Disable the UPS beeper", "load.off.delay": "Turn off the load with a delay (seconds)",
			}[w[1]], cuts})
		}
	}
	// driver.debug and driver.flag.allow_killpower are RW NUMBER, and no part of
	// a UPS.
	for name, most := range map[string]int64{"battery.charge.low": 100, "ups.delay.shutdown": 7200, "ups.delay.start": 7200, "input.transfer.high": 288, "input.transfer.low": 220} {
		one := set(name)
		one.Range, one.Max = true, most
	}
	return u
}

// station is the same as a driver of NUT.
func station(t testing.TB) nuttest.Driver {
	t.Helper()
	d := nuttest.Recorded(t, "eaton", `Bureau "A"`, stationFile, quotedLine)
	d.Lines = slices.DeleteFunc(d.Lines, func(line string) bool { return strings.HasPrefix(line, "SETFLAGS driver.") })
	return d
}

// drivers are the UPSs as drivers of NUT.
func drivers(t testing.TB) []nuttest.Driver {
	t.Helper()
	return []nuttest.Driver{station(t), {Name: "nodesc"}, {Name: "old", Description: "stale", Stale: true, Lines: []string{`SETINFO ups.status "OL"`}}}
}

// fakeUsers are the users of the tests, as upsd.users has them.
const fakeUsers = `
[admin]
	password = secret
	actions = SET
	actions = FSD
	instcmds = ALL
	instcmds = load.off.delay
[onduleur]
	password = mon
	upsmon primary
[second]
	password = sec
	upsmon secondary
[nobody]
	password = nothing
`

func users(t testing.TB) []User {
	t.Helper()
	var list []User
	for _, u := range []struct {
		name, password    string
		role              Role
		actions, commands []string
	}{
		{"admin", "secret", NoRole, []string{"SET", "FSD"}, []string{"ALL", "load.off.delay"}},
		{"onduleur", "mon", Primary, nil, nil},
		{"second", "sec", Secondary, nil, nil},
		{"nobody", "nothing", NoRole, nil, nil},
	} {
		one, err := NewUser(u.name, u.password, u.role, u.actions, u.commands)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, one)
	}
	return list
}

// A fake is the daemon behind the server.
type fake struct {
	mu     sync.Mutex
	list   []UPS
	orders []Order
	forced []string
	logins int
	out    Outcome
	hold   chan struct{} // orders wait for it, if it is not nil
}

func newFake() *fake { return &fake{list: fakeUPS, out: Done} }

func (f *fake) View() *View {
	f.mu.Lock()
	defer f.mu.Unlock()
	return NewView("0.1", f.list)
}

func (f *fake) Order(ctx context.Context, o Order) Outcome {
	f.mu.Lock()
	f.orders = append(f.orders, o)
	out, hold := f.out, f.hold
	f.mu.Unlock()
	if hold != nil {
		<-hold
	}
	return out
}

// ForceShutdown sets the latch of upsd.
func (f *fake) ForceShutdown(_ context.Context, name string, who Who) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.forced = append(f.forced, name)
	f.list = slices.Clone(f.list)
	for i := range f.list {
		u := &f.list[i]
		if u.Name == name && u.State == Current && !strings.HasPrefix(u.Variables["ups.status"], "FSD ") {
			vars := ups.Variables{}
			for k, v := range u.Variables {
				vars[k] = v
			}
			vars["ups.status"] = "FSD " + vars["ups.status"]
			u.Variables = vars
		}
	}
	return nil
}

func (f *fake) LoginsChanged() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.logins++
}

// touched tells whether anything reached the backend.
func (f *fake) touched() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.orders)+len(f.forced)+f.logins > 0
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func settings(t testing.TB) Settings {
	return Settings{MaxConnections: 32, Idle: time.Minute, Users: users(t)}
}

// start runs a server on a port of its own until the test ends.
func start(t testing.TB, f Backend, s Settings) (srv *Server, address string) {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv = New(f, s, quiet())
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { srv.Accept(ctx, l, &wg) })
	t.Cleanup(func() {
		cancel()
		l.Close()
		wg.Wait()
		srv.orders.Wait()
	})
	return srv, l.Addr().String()
}

// A fixed backend has one View, as the daemon has until something changes.
type fixed struct {
	*fake
	view *View
}

func newFixed() *fixed { return &fixed{newFake(), NewView("0.1", fakeUPS)} }

func (f *fixed) View() *View { return f.view }

func upsdFor(t testing.TB) string {
	t.Helper()
	address := nuttest.Find(t).Upsd(t, fakeUsers, station(t))
	time.Sleep(200 * time.Millisecond) // until it has read what the driver says
	return address
}
