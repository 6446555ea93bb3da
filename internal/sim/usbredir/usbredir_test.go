package usbredir

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"ecnutd/internal/sim"
)

// A guest is the other end, as QEMU's usb-redir is.
type guest struct {
	t    *testing.T
	conn net.Conn
	wire
	id uint64
}

// newGuest plugs a Protection Station in and exchanges the hellos.
func newGuest(t *testing.T, caps uint32, opts ...sim.Option) (*guest, *sim.UPS) {
	t.Helper()
	u, err := sim.New("", opts...)
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := net.Pipe()
	done := make(chan error, 1)
	go func() { done <- Serve(t.Context(), theirs, u) }()
	t.Cleanup(func() {
		ours.Close()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	g := &guest{t: t, conn: ours, wire: wire{r: ours, w: ours}}
	if p := g.next(); p.kind != typeHello || len(p.body) != 68 || binary.LittleEndian.Uint32(p.body[64:]) != 0x72 {
		t.Fatalf("hello: %+v", p)
	}
	hello := binary.LittleEndian.AppendUint32(make([]byte, 64), caps)
	if err := g.write(typeHello, 0, hello); err != nil {
		t.Fatal(err)
	}
	g.wide = caps&cap64BitsIDs != 0
	return g, u
}

func (g *guest) next() packet {
	g.t.Helper()
	g.conn.SetReadDeadline(time.Now().Add(time.Minute))
	p, err := g.read()
	if err != nil {
		g.t.Fatal(err)
	}
	return p
}

// connected reads what announces the device.
func (g *guest) connected() (interfaces, eps, device packet) {
	g.t.Helper()
	return g.next(), g.next(), g.next()
}

// ask makes a control transfer: 8 bytes of setup in hex, as in the
// specification, and data for an OUT transfer. The answer is its status and
// data, the length for an OUT transfer.
func (g *guest) ask(setup, data string) string {
	g.t.Helper()
	s, err := hex.DecodeString(strings.ReplaceAll(setup, " ", ""))
	if err != nil || len(s) != 8 {
		g.t.Fatalf("setup %q", setup)
	}
	out, _ := hex.DecodeString(strings.ReplaceAll(data, " ", ""))
	g.id++
	body := append([]byte{s[0] & 0x80, s[1], s[0], 0}, s[2:]...)
	if err := g.write(typeControlPacket, g.id, append(body, out...)); err != nil {
		g.t.Fatal(err)
	}
	p := g.next()
	if p.kind != typeControlPacket || p.id != g.id || len(p.body) < 10 {
		g.t.Fatalf("answer %+v", p)
	}
	if p.body[3] != 0 {
		return []string{1: "cancelled", 2: "invalid", 3: "io error", 4: "stall", 5: "timeout"}[p.body[3]]
	}
	return hex.EncodeToString(p.body[10:])
}

// TestEnumeration: what Linux asks when a device appears, with the bytes of a
// Protection Station worked out by hand from USB 2.0 §9.6 and HID 1.11 §6.2.1.
func TestEnumeration(t *testing.T) {
	for name, caps := range map[string]uint32{"usb 3 controller": 0x7f, "old peer": 0} {
		t.Run(name, func(t *testing.T) {
			g, _ := newGuest(t, caps)
			interfaces, eps, device := g.connected()
			if interfaces.kind != typeInterfaceInfo || len(interfaces.body) != 132 || interfaces.body[0] != 1 || interfaces.body[36] != 3 {
				t.Errorf("interfaces: %+v", interfaces)
			}
			length := 96
			if caps != 0 {
				length = 160
			}
			if eps.kind != typeEPInfo || len(eps.body) != length || eps.body[0] != 0 || eps.body[17] != 3 || eps.body[1] != 255 || eps.body[32+17] != 20 {
				t.Errorf("endpoints: %d bytes, %v", len(eps.body), eps.body)
			}
			want := []byte{0, 0, 0, 0, 0x63, 0x04, 0xff, 0xff, 0x00, 0x01}
			if caps == 0 {
				want = want[:8]
			}
			if device.kind != typeDeviceConnect || !bytes.Equal(device.body, want) {
				t.Errorf("device: %x", device.body)
			}
			for _, c := range []struct{ name, setup, want string }{
				{"device, first 8 bytes", "80 06 00 01 00 00 08 00", "1201000200000008"},
				{"device", "80 06 00 01 00 00 12 00", "120100020000000863 04ffff0001 010204 01"},
				// 879 bytes of report descriptor: 6f 03.
				{"configuration", "80 06 00 02 00 00 ff 00", "0902220001 0100a00a 090400000103000000 0921101021 01226f03 0705810308 0014"},
				{"second configuration", "80 06 01 02 00 00 ff 00", "stall"},
				{"languages", "80 06 00 03 00 00 ff 00", "04030904"},
				{"EATON", "80 06 01 03 09 04 ff 00", "0c03 4500 4100 5400 4f00 4e00"},
				{"PbAc", "80 06 05 03 09 04 ff 00", "0a03 5000 6200 4100 6300"},
				{"no such string", "80 06 09 03 09 04 ff 00", "stall"},
				{"HID", "81 06 00 21 00 00 09 00", "092110102101226f03"},
				{"SET_IDLE", "21 0a 00 00 00 00 00 00", ""},
				{"status", "80 00 00 00 00 00 02 00", "0000"},
				{"SET_PROTOCOL", "21 0b 00 00 00 00 00 00", "stall"},
				{"vendor request", "c0 01 00 00 00 00 08 00", "stall"},
			} {
				if got := g.ask(c.setup, ""); got != strings.ReplaceAll(c.want, " ", "") {
					t.Errorf("%s: got %s, want %s", c.name, got, c.want)
				}
			}
			if got := g.ask("81 06 00 22 00 00 00 04", ""); len(got) != 2*879 || !strings.HasPrefix(got, "05840904a101") {
				t.Errorf("report descriptor: %s", got)
			}
		})
	}
}

// TestShortDescriptor: the configuration descriptor tells of fewer bytes (801 is
// 321 in hexadecimal) than the HID descriptor (879, 36f) and than are there. A
// peer that asks for 801 gets those.
func TestShortDescriptor(t *testing.T) {
	g, _ := newGuest(t, 0x7f, sim.WithShortDescriptor(801))
	g.connected()
	for setup, want := range map[string]string{
		"80 06 00 02 00 00 ff 00": "09022200010100a00a0904000001030000000921101021012221030705810308" + "0014",
		"81 06 00 21 00 00 09 00": "092110102101226f03",
	} {
		if got := g.ask(setup, ""); got != want {
			t.Errorf("%s: got %s, want %s", setup, got, want)
		}
	}
	for setup, want := range map[string]int{"81 06 00 22 00 00 21 03": 801, "81 06 00 22 00 00 00 04": 879} {
		if got := g.ask(setup, ""); len(got) != 2*want {
			t.Errorf("%s: %d bytes, want %d", setup, len(got)/2, want)
		}
	}
}

// TestReports: charge 100 % and runtime 585 s (0x249) are in report 6, an
// outage is pushed as soon as the peer polls, and a write is carried out.
func TestReports(t *testing.T) {
	g, u := newGuest(t, 0x7f)
	g.connected()
	if got := g.ask("a1 01 06 03 00 00 20 00", ""); got != "066449020000" {
		t.Errorf("report 6: %s", got)
	}
	if got := g.ask("a1 01 06 03 00 00 03 00", ""); got != "066449" {
		t.Errorf("report 6, three bytes of it: %s", got)
	}
	for name, setup := range map[string]string{"no such report": "a1 01 77 03 00 00 20 00", "no such input report": "a1 01 08 01 00 00 20 00", "an output report": "a1 01 06 02 00 00 20 00"} {
		if got := g.ask(setup, ""); got != "stall" {
			t.Errorf("%s: %s", name, got)
		}
	}
	if got := g.ask("a1 01 06 01 00 00 20 00", ""); got != "066449020000" {
		t.Errorf("input report 6: %s", got)
	}
	u.Inject(sim.Fault{Kind: sim.LongReply, Report: 6, Bytes: 2})
	if got := g.ask("a1 01 06 03 00 00 20 00", ""); got != "0664490200000000" {
		t.Errorf("report 6 padded to eight bytes: %s", got)
	}
	u.Clear(sim.LongReply)
	u.Inject(sim.Fault{Kind: sim.EmptyReply, Report: 6})
	if got := g.ask("a1 01 06 03 00 00 20 00", ""); got != "" {
		t.Errorf("an empty answer: %s", got)
	}
	u.Clear(sim.EmptyReply)
	// Shutdown delay of 20 s, report 9.
	if got := g.ask("21 09 09 03 00 00 05 00", "09 14 00 00 00"); got != "" {
		t.Errorf("the write: %s", got)
	}
	if got := g.ask("a1 01 09 03 00 00 05 00", ""); got != "0914000000" && got != "0913000000" {
		t.Errorf("reads back %s", got)
	}
	if got := g.ask("21 09 09 03 00 00 05 00", "0a 14 00 00 00"); got != "stall" {
		t.Errorf("another report than the one named: %s", got)
	}
	if sets := sent(u); !slices.Equal(sets, []string{"0914000000"}) {
		t.Errorf("the UPS got %v", sets)
	}

	if err := g.write(typeStartInterruptReceiving, 5, []byte{0x81}); err != nil {
		t.Fatal(err)
	}
	if p := g.next(); p.kind != typeInterruptReceivingStatus || p.id != 5 || !bytes.Equal(p.body, []byte{0, 0x81}) {
		t.Fatalf("%+v", p)
	}
	u.CutMains()
	// Report 1, ACPresent in bit 0 of its first byte, is among what comes.
	for {
		p := g.next()
		if p.kind != typeInterruptPacket || p.body[0] != 0x81 || p.body[1] != 0 || int(binary.LittleEndian.Uint16(p.body[2:])) != len(p.body)-4 {
			t.Fatalf("%+v", p)
		}
		if p.body[4] == 1 && p.body[5]&1 == 0 {
			break
		}
	}
}

func sent(u *sim.UPS) (sets []string) {
	for _, tr := range u.Transfers() {
		if tr.Kind == sim.Set {
			sets = append(sets, hex.EncodeToString(tr.Data))
		}
	}
	return sets
}

// TestPlug: pulled and put back a few times.
func TestPlug(t *testing.T) {
	g, u := newGuest(t, 0x7f)
	for range 3 {
		g.connected()
		u.Unplug()
		if p := g.next(); p.kind != typeDeviceDisconnect {
			t.Fatalf("%+v", p)
		}
		u.Plug()
	}
	g.connected()
	if got := g.ask("80 06 00 01 00 00 02 00", ""); got != "1201" {
		t.Error(got)
	}
}

// FuzzServe: whatever the other end sends, Serve ends with it, and nothing is
// written to the UPS but by SET_REPORT.
func FuzzServe(f *testing.F) {
	hello := append([]byte{0, 0, 0, 0, 68, 0, 0, 0, 0, 0, 0, 0}, make([]byte, 64)...)
	hello = append(hello, 0x7f, 0, 0, 0)
	f.Add(hello)
	get := append(slices.Clone(hello), 100, 0, 0, 0, 10, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0x80, 1, 0xa1, 0, 6, 3, 0, 0, 0x20, 0)
	f.Add(get)
	f.Add(append(slices.Clone(get), 15, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0x81))
	f.Add(append(slices.Clone(hello), 100, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0, 0, 0, 0, 0))
	f.Fuzz(func(t *testing.T, stream []byte) {
		u, err := sim.New("")
		if err != nil {
			t.Fatal(err)
		}
		ours, theirs := net.Pipe()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		done := make(chan struct{})
		go func() { _ = Serve(ctx, theirs, u); close(done) }()
		go func() { // what it answers is read and forgotten
			for buf := make([]byte, 4096); ; {
				if _, err := ours.Read(buf); err != nil {
					return
				}
			}
		}()
		_, _ = ours.Write(stream)
		ours.Close()
		<-done
		if ctx.Err() != nil {
			t.Error("it does not end with the connection")
		}
		if len(sent(u)) > 0 && !bytes.Contains(stream, []byte{setReport, classOut}) {
			t.Errorf("written: %v", sent(u))
		}
	})
}

// TestObserver: the setup packet and how it ended.
func TestObserver(t *testing.T) {
	u, err := sim.New("")
	if err != nil {
		t.Fatal(err)
	}
	var told []Control
	s := &server{wire: wire{w: new(bytes.Buffer)}, u: u, observers: []func(Control){func(c Control) { told = append(told, c) }}}
	// Endpoint, request, type, status, value, index, length.
	for _, body := range [][]byte{{0x80, 0x01, 0xa1, 0, 0x06, 0x03, 0, 0, 0x20, 0}, {0, 0x09, 0x21, 0, 0x09, 0x03, 0, 0, 5, 0}} {
		if err := s.control(packet{kind: typeControlPacket, body: body}); err != nil {
			t.Fatal(err)
		}
	}
	if len(told) != 2 {
		t.Fatalf("told: %+v", told)
	}
	for i := range told {
		if told[i].At.IsZero() {
			t.Error("no time")
		}
		told[i].At = time.Time{}
	}
	// GET_REPORT of feature report 6, and a SET_REPORT without its data.
	want := []Control{
		{RequestType: 0xa1, Request: 0x01, Value: 0x0306, Length: 0x20, OK: true},
		{RequestType: 0x21, Request: 0x09, Value: 0x0309, Length: 5},
	}
	if !slices.Equal(told, want) {
		t.Errorf("told %+v, want %+v", told, want)
	}
}
