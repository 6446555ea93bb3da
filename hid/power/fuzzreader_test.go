package power_test

import (
	"context"
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
	"ecnutd/ups"
)

// A talker is a hostile device that also pushes what the fuzzer thinks of, and
// notes when it is asked for what.
type talker struct {
	*hostile
	asked   map[uint8][]time.Time
	pressed int // the most requests for one report within a second
}

func (d *talker) GetFeature(id uint8, buf []byte) (int, error) {
	now := time.Now()
	at := slices.DeleteFunc(d.asked[id], func(t time.Time) bool { return now.Sub(t) >= time.Second })
	d.asked[id] = append(at, now)
	d.pressed = max(d.pressed, len(d.asked[id]))
	return d.hostile.GetFeature(id, buf)
}

// GetInput answers, refuses or lies, as the fuzzer has it.
func (d *talker) GetInput(id uint8, buf []byte) (int, error) {
	switch d.take(1)[0] % 4 {
	case 1:
		return 0, errStalled
	case 2:
		return copy(buf, append([]byte{id}, d.take(d.desc.Size(hid.Input, id))...)), nil
	case 3:
		return copy(buf, d.take(len(buf))), nil
	}
	return 0, nil
}

// ReadInput pushes a report, or rubbish, or nothing until the time is over.
func (d *talker) ReadInput(buf []byte, timeout time.Duration) (int, error) {
	switch choice := d.take(1)[0]; choice % 8 {
	case 1, 2, 3:
		id := d.take(1)[0]
		return copy(buf, append([]byte{id}, d.take(d.desc.Size(hid.Input, id))...)), nil
	case 4:
		return copy(buf, d.take(int(choice))), nil
	case 5:
		return 0, nil
	case 6:
		if choice > 250 {
			return 0, hid.ErrGone
		}
	case 7:
		if choice > 250 {
			return 0, errors.New("trouble")
		}
	}
	time.Sleep(timeout)
	return 0, hid.ErrTimeout
}

// FuzzReader: whatever a device says of itself, answers and pushes, reading it
// writes nothing, ends when it is told to, and does not press the device: a
// report is asked for three times a second at most, because it is due, because
// flags have changed, and because it may report whether the device still lives.
// What cannot be known is not made up.
func FuzzReader(f *testing.F) {
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
		f.Add(rec.Descriptor, []byte{})
		f.Add(rec.Descriptor, []byte{6, 0x25, 0, 0, 1, 1, 0x30, 0, 0, 6, 0x30, 0, 0, 12})
		flips := []byte{}
		for range 200 {
			flips = append(flips, 6, 0x25, 0, 0, 0, 6, 0x30, 0, 0, 0)
		}
		f.Add(rec.Descriptor, flips)
		pushes := []byte{}
		for range 200 {
			pushes = append(pushes, 1, 1, 0x25, 0, 0, 1, 1, 0x30, 0, 0)
		}
		f.Add(rec.Descriptor, pushes)
	}
	f.Add(inputsAlone().descriptor, []byte{6, 20, 2, 1, 100, 0, 2, 2, 50, 0, 3, 2, 2, 50})
	f.Fuzz(func(t *testing.T, descriptor, answers []byte) {
		desc, err := hid.Parse(descriptor)
		if err != nil || len(answers) > 4096 {
			return
		}
		synctest.Test(t, func(t *testing.T) {
			d := &talker{hostile: &hostile{descriptor: descriptor, answers: answers, desc: desc, last: map[uint8][]byte{}}, asked: map[uint8][]time.Time{}}
			d.check = func(report, _ []byte) { t.Fatalf("reading wrote % x", report) }
			r, err := power.NewReader(d, power.Options{}, eaton.Family)
			if err != nil {
				return
			}
			const long = 2 * time.Minute
			ctx, cancel := context.WithTimeout(t.Context(), long)
			defer cancel()
			begin := time.Now()
			err = r.Run(ctx, func(dec *power.Decoder) {
				s := dec.Snapshot()
				for _, n := range []ups.Number{s.Charge, s.Runtime, s.Load} {
					if !n.Known && n.N != 0 || n.N < 0 {
						t.Fatalf("a number that cannot be: %+v", s)
					}
				}
				_ = dec.Variables()
			}, nil)
			took := time.Since(begin)
			if err == nil || took > long+16*time.Second { // the last wait, which nothing ends here, is up to 15 s
				t.Errorf("ended with %v after %s", err, took)
			}
			if d.pressed > 3 {
				t.Errorf("%d requests for one report within a second", d.pressed)
			}
		})
	})
}
