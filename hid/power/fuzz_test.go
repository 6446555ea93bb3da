package power_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"ecnutd/eaton"
	"ecnutd/hid"
	"ecnutd/hid/power"
	"ecnutd/hid/power/family"
)

func hexed(b []byte) string { return hex.EncodeToString(b) }

// A hostile device has the descriptor and gives the answers that the fuzzer
// thinks of. It notes what is done to it.
type hostile struct {
	descriptor []byte
	answers    []byte
	desc       *hid.Descriptor
	last       map[uint8][]byte // the last good answer of each report
	check      func(report, last []byte)
}

func (h *hostile) Info() hid.Info {
	return hid.Info{Vendor: eaton.VendorMGE, Product: 0xffff, ProductName: "Protection Station"}
}
func (h *hostile) Descriptor() ([]byte, error) { return h.descriptor, nil }
func (h *hostile) Close() error                { return nil }
func (h *hostile) Wake()                       {}
func (h *hostile) ReadInput([]byte, time.Duration) (int, error) {
	return 0, hid.ErrTimeout
}

// take is the next n bytes that the fuzzer gave, zeros behind their end.
func (h *hostile) take(n int) []byte {
	got := make([]byte, n)
	h.answers = h.answers[copy(got, h.answers):]
	return got
}

// GetFeature answers well for most of the fuzzer's choices, so that writes are
// reached: the last report with a byte changed, what was written, or lies.
func (h *hostile) GetFeature(id uint8, buf []byte) (int, error) {
	size := h.desc.Size(hid.Feature, id)
	answer := append([]byte{id}, make([]byte, size)...)
	switch choice := h.take(1)[0]; choice % 16 {
	case 0, 1, 2, 3, 4, 5: // as it was
		if h.last[id] == nil {
			copy(answer[1:], bytes.Repeat([]byte{choice}, size))
		} else {
			copy(answer, h.last[id])
		}
	case 6, 7, 8, 9:
		copy(answer[1:], h.take(size))
	case 10:
		return 0, errStalled
	case 11:
		time.Sleep(5 * time.Second)
		return 0, errors.New("timeout")
	case 12:
		return 0, hid.ErrGone
	case 13:
		answer = answer[:size]
	case 14:
		answer[0]++
	default:
		answer = h.take(size + 3)
	}
	n := copy(buf, answer)
	if n == size+1 && buf[0] == id {
		h.last[id] = slices.Clone(buf[:n])
	}
	return n, nil
}

func (h *hostile) SetFeature(report []byte) error {
	var last []byte
	if len(report) > 0 {
		last = h.last[report[0]]
	}
	h.check(report, last)
	switch h.take(1)[0] % 8 {
	case 5:
		return errStalled
	case 6:
		time.Sleep(5 * time.Second)
		return errors.New("timeout")
	case 7:
		return hid.ErrGone
	case 4: // taken without effect
	default:
		h.last[report[0]] = slices.Clone(report)
	}
	return nil
}

// allowed are the paths that a command or setting may write, straight from the
// tables.
func allowed(name string) []string {
	var paths []string
	sets := func(command string) bool {
		return slices.ContainsFunc(eaton.Family.CommandSettings, func(s family.CommandSetting) bool {
			return s.Variable == name && slices.ContainsFunc(s.Values, func(v family.ValueCommand) bool { return v.Command == command })
		})
	}
	for _, c := range eaton.Family.Commands {
		if c.Name == name || sets(c.Name) {
			for _, s := range c.Steps {
				paths = append(paths, s.Paths...)
			}
		}
	}
	for _, v := range eaton.Family.Variables {
		for _, s := range v.From {
			if v.Name == name && s.Settable && name != "ups.delay.start" && name != "ups.delay.shutdown" {
				paths = append(paths, s.Path)
			}
		}
	}
	return paths
}

// FuzzHostile: whatever a device says of itself and answers, a report that is
// written has the length of the descriptor, differs from the last one read in
// the bits of one field only, that field belongs to the command or setting
// that was asked for and is offered for writing; nothing panics; no sequence
// goes on for ever; and a command that cuts is never called armed unless a
// write to the timer was seen. A last try alone writes what was not read, and
// only a report that its field fills.
func FuzzHostile(f *testing.F) {
	commands, variables := eaton.Family.Commands, eaton.Family.Variables
	for _, name := range []string{"protection-station-800", "tg-box-850", "ellipse-eco-650"} {
		file, err := os.Open(filepath.Join("..", "testdata", name+".rec"))
		if err != nil {
			f.Fatal(err)
		}
		rec, err := hid.ReadRecording(file)
		file.Close()
		if err != nil {
			f.Fatal(err)
		}
		for i := range commands {
			f.Add(rec.Descriptor, []byte{6, 0x25, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0}, uint8(i), "20")
			f.Add(rec.Descriptor, []byte{6, 0x30, 0, 0, 3, 3, 3, 0, 10, 6, 5, 5, 5, 5, 11}, uint8(i), "")
		}
		for i := range variables {
			f.Add(rec.Descriptor, []byte{6, 0x30, 3, 0, 0, 0}, uint8(len(commands)+i), "30")
		}
	}
	every := describe(
		field{"UPS.PowerSummary.PresentStatus.ACPresent", 1, 1, 0, 1},
		field{family.PathStatus + "Good", 1, 3, 0, 1},
		field{family.PathShutdown, 1, 20, -1, 10000}, field{family.PathStartup, 1, 13, -1, 4000}, field{"UPS.PowerConverter.Input.[1].AutomaticRestart", 1, 1, 0, 1},
		field{"UPS.PowerSummary.RestartLevel", 1, 7, 0, 127}, field{"UPS.PowerSummary.Time", 1, 32, 0, 1<<31 - 1})
	for i := range 256 {
		f.Add(every.descriptor, []byte{1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 0, 1, 0}, uint8(i), "yes")
	}
	for i := range commands {
		f.Add(every.descriptor, []byte{1, 1, 10, 11, 1, 1, 0xff}, uint8(i), "")
		// All goes well but for one request, one after the other.
		for at := 1; at < 12; at++ {
			for _, trouble := range []byte{4, 5, 6, 7, 10, 11, 12, 14} {
				answers := bytes.Repeat([]byte{1}, 20)
				answers[at] = trouble
				f.Add(every.descriptor, answers, uint8(i), "")
			}
		}
	}
	f.Fuzz(func(t *testing.T, descriptor, answers []byte, which uint8, value string) {
		desc, err := hid.Parse(descriptor)
		if err != nil {
			return
		}
		if len(answers) > 4096 {
			return
		}
		synctest.Test(t, func(t *testing.T) {
			h := &hostile{descriptor: descriptor, answers: answers, desc: desc, last: map[uint8][]byte{}}
			d := power.NewDecoder(desc, h.Info(), eaton.Family)
			c := power.NewCommander(h, d, power.Delays{})
			name, set := "", int(which) >= len(commands)
			if set {
				name = variables[(int(which)-len(commands))%len(variables)].Name
			} else {
				name = commands[which].Name
			}
			paths := allowed(name)
			writes := 0
			permit := cutting
			permit.LastTry = len(answers) > 0 && answers[len(answers)-1] == 0xff
			h.check = func(report, last []byte) {
				writes++
				if last == nil && permit.LastTry && len(report) == 1+desc.Size(hid.Feature, report[0]) {
					for _, x := range desc.Fields() {
						if x.Type == hid.Feature && x.Report == report[0] && x.Bit == 0 && x.Bits == 8*(len(report)-1) && slices.Contains(paths, x.Path.String()) {
							return
						}
					}
				}
				if last == nil || len(report) != len(last) || len(report) != 1+desc.Size(hid.Feature, report[0]) || report[0] != last[0] {
					t.Fatalf("%s wrote % x over % x", name, report, last)
				}
				for _, x := range desc.Fields() {
					if x.Type != hid.Feature || x.Report != report[0] || !x.Writable() || !slices.Contains(paths, x.Path.String()) {
						continue
					}
					if onlyBits(report[1:], last[1:], x.Bit, x.Bits) {
						return
					}
				}
				t.Fatalf("%s wrote % x over % x: not one field of %q", name, report, last, paths)
			}
			begin := time.Now()
			var res power.Result
			if set {
				res = c.Set(t.Context(), name, value)
			} else {
				res = c.Command(t.Context(), name, value, permit)
			}
			_ = res.String()
			_ = d.Writable()
			// At worst 5 steps, each with a read, a write, three read-backs
			// with their witness and the pauses between them, all of 5 s.
			if took := time.Since(begin); took > 3*time.Minute {
				t.Errorf("took %s", took)
			}
			sent, armed := 0, false
			for _, w := range res.Writes {
				if w.Report != nil {
					sent++
				}
				armed = armed || (w.Path == family.PathShutdown || w.Path == family.PathReboot) && w.Outcome == power.Done && !w.Undo
			}
			if sent != writes {
				t.Errorf("%d writes on the wire, %d in the result: %s", writes, sent, res)
			}
			if (res.Outcome == power.NotSent || res.Outcome == power.NotThere) && writes > 0 {
				t.Errorf("%d writes, and the result says %s", writes, res)
			}
			if res.Cut == power.CutArmed && !(armed && res.Outcome == power.Done) {
				t.Errorf("armed: %s", res)
			}
			if (res.Err == nil) != (res.Outcome == power.Done) {
				t.Errorf("%s with %v", res.Outcome, res.Err)
			}
		})
	})
}

// onlyBits reports whether two reports are the same but for some bits.
func onlyBits(a, b []byte, bit, bits int) bool {
	for i := range 8 * len(a) {
		if (a[i/8]^b[i/8])>>(i%8)&1 == 1 && (i < bit || i >= bit+bits) {
			return false
		}
	}
	return true
}
