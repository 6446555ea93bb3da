package server

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ecnutd/internal/nut/server/nuttest"
	"ecnutd/ups"
)

// The UPSs that the tests ask for, in our words and in those of a driver of
// NUT. The values are made up.
var fakeUPS = []UPS{
	{
		Name: "eaton", Description: `Bureau "A"`, State: Current,
		Variables: ups.Variables{
			"battery.charge": "100", "battery.charge.low": "20", "battery.runtime": "585", "device.mfr": "EATON",
			"device.model": "Protection Station 800", "device.type": "ups", "driver.name": "usbhid-ups",
			"input.L1-N.voltage": "230.1", "input.transfer.high": "264",
			"output.voltage.nominal": "230", "ups.beeper.status": "enabled", "ups.delay.shutdown": "20", "ups.id": `a "b" \c`,
			"ups.mfr": "EATON", "ups.status": "OL CHRG", "ups.time": "12:00:00",
		},
		Settings: []Setting{
			{Name: "battery.charge.low", Range: true, Max: 100},
			{Name: "input.transfer.high", Range: true, Min: 200, Max: 300},
			{Name: "output.voltage.nominal", Enum: []string{"220", "230", "240"}},
			{Name: "ups.delay.shutdown", Length: 10},
			{Name: "ups.time", Length: 8},
		},
		Commands: []Command{{"beeper.disable", "Disable the UPS beeper", false}, {"load.off.delay", "Turn off the load with a delay (seconds)", true}, {"shutdown.return", "Turn off the load and return when power is back", true}},
	},
	{Name: "nodesc"},
	{Name: "old", Description: "stale", State: Stale, Variables: ups.Variables{"ups.status": "OL"}},
}

// driver is a UPS as a driver of NUT would tell it to upsd.
func driver(u UPS) nuttest.Driver {
	d := nuttest.Driver{Name: u.Name, Description: u.Description, Stale: u.State == Stale}
	for _, name := range u.Variables.Names() {
		d.Lines = append(d.Lines, "SETINFO "+name+" "+quoted(u.Variables[name]))
	}
	for _, s := range u.Settings {
		flags := "SETFLAGS " + s.Name + " RW"
		if s.Length > 0 {
			flags += " STRING"
			d.Lines = append(d.Lines, fmt.Sprintf("SETAUX %s %d", s.Name, s.Length))
		}
		d.Lines = append(d.Lines, flags)
		for _, v := range s.Enum {
			d.Lines = append(d.Lines, "ADDENUM "+s.Name+" "+quoted(v))
		}
		if s.Range {
			d.Lines = append(d.Lines, fmt.Sprintf("ADDRANGE %s %d %d", s.Name, s.Min, s.Max))
		}
	}
	for _, c := range u.Commands {
		d.Lines = append(d.Lines, "ADDCMD "+c.Name)
	}
	return d
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
	address := nuttest.Find(t).Upsd(t, fakeUsers, driver(fakeUPS[0]))
	time.Sleep(200 * time.Millisecond) // until it has read what the driver says
	return address
}
