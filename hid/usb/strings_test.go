package usb

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/gousb"
)

// A fakeDevice answers GET_DESCRIPTOR(string) from a table: bytes or an error.
type fakeDevice struct {
	answers map[uint8]any
	asked   []uint8
	wrong   []string
}

func (f *fakeDevice) control(requestType, request uint8, value, index uint16, data []byte) (int, error) {
	i := uint8(value)
	f.asked = append(f.asked, i)
	if requestType != 0x80 || request != 6 || value>>8 != 3 || len(data) != 255 {
		f.wrong = append(f.wrong, "not GET_DESCRIPTOR(string)")
	}
	if i == 0 != (index == 0) {
		f.wrong = append(f.wrong, "language 0 belongs to string 0")
	}
	switch a := f.answers[i].(type) {
	case []byte:
		return copy(data, a), nil
	case error:
		return -1, a
	}
	return -1, gousb.ErrorPipe
}

// What real devices send: bLength, 3, then UTF-16 little endian.
var (
	english = []byte{4, 3, 0x09, 0x04}
	eaton   = []byte{12, 3, 'E', 0, 'A', 0, 'T', 0, 'O', 0, 'N', 0}
	buero   = []byte{10, 3, 'B', 0, 0xfc, 0, 'r', 0, 'o', 0} // U+00FC is ü
)

func TestFill(t *testing.T) {
	for name, c := range map[string]struct {
		answers map[uint8]any
		texts   map[uint8]string
		failed  []uint8
		asked   []uint8
	}{
		"all there": {
			map[uint8]any{0: english, 1: eaton, 2: buero, 3: eaton},
			map[uint8]string{1: "EATON", 2: "Büro", 3: "EATON"}, nil, []uint8{0, 1, 2, 3},
		},
		"one refused": {
			map[uint8]any{0: english, 1: eaton, 3: eaton},
			map[uint8]string{1: "EATON", 3: "EATON"}, []uint8{2}, []uint8{0, 1, 2, 3},
		},
		"no languages": {
			map[uint8]any{1: eaton, 2: eaton, 3: eaton},
			map[uint8]string{1: "EATON", 2: "EATON", 3: "EATON"}, nil, []uint8{0, 1, 2, 3},
		},
		"silent from the start": {
			map[uint8]any{0: gousb.ErrorTimeout, 1: eaton},
			map[uint8]string{}, []uint8{1, 2, 3}, []uint8{0},
		},
		"silent from the second": {
			map[uint8]any{0: english, 1: eaton, 2: gousb.ErrorTimeout, 3: eaton},
			map[uint8]string{1: "EATON"}, []uint8{2, 3}, []uint8{0, 1, 2},
		},
		"unplugged": {
			map[uint8]any{0: english, 1: gousb.ErrorNoDevice},
			map[uint8]string{}, []uint8{1, 2, 3}, []uint8{0, 1},
		},
		"cut, padded, foreign": {
			map[uint8]any{
				0: english,
				1: []byte{12, 3, 'E', 0, 'A', 0, 'T'},    // promises 12 bytes, sends 7
				2: []byte{6, 3, '0', 0, 0, 0, 'x', 0},    // behind its length is nothing of it
				3: []byte{12, 1, 'E', 0, 'A', 0, 'T', 0}, // a device descriptor
			},
			map[uint8]string{1: "EA", 2: "0"}, []uint8{3}, []uint8{0, 1, 2, 3},
		},
		"too short": {
			map[uint8]any{0: []byte{2, 3}, 1: []byte{}, 2: []byte{1, 3}, 3: []byte{2, 3}},
			map[uint8]string{3: ""}, []uint8{1, 2}, []uint8{0, 1, 2, 3},
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := &fakeDevice{answers: c.answers}
			var tab table
			tab.fill(t.Context(), f.control, []uint8{1, 2, 3})
			texts, problems := tab.take()
			if !reflect.DeepEqual(texts, c.texts) {
				t.Errorf("texts are %q", texts)
			}
			var failed []uint8
			for i := range problems {
				failed = append(failed, i)
			}
			slices.Sort(failed)
			if !slices.Equal(failed, c.failed) {
				t.Errorf("problems are %v", problems)
			}
			if !slices.Equal(f.asked, c.asked) {
				t.Errorf("asked for %v instead of %v", f.asked, c.asked)
			}
			if len(f.wrong) > 0 {
				t.Error(f.wrong)
			}
		})
	}
}

func TestFillEndsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	f := &fakeDevice{answers: map[uint8]any{0: english, 1: eaton, 2: eaton}}
	var tab table
	tab.fill(ctx, func(rt, r uint8, value, index uint16, data []byte) (int, error) {
		if value&0xff == 1 {
			cancel() // while string 1 is being read
		}
		return f.control(rt, r, value, index, data)
	}, []uint8{1, 2})
	texts, problems := tab.take()
	if texts[1] != "EATON" || len(texts) != 1 || !errors.Is(problems[2], context.Canceled) || slices.Contains(f.asked, 2) {
		t.Errorf("texts %q, problems %v, asked for %v", texts, problems, f.asked)
	}
}

func TestMissing(t *testing.T) {
	const node = "/dev/bus/usb/001/005"
	wanted := []uint8{1, 2, 3}
	for name, c := range map[string]struct {
		texts    map[uint8]string
		problems map[uint8]error
		err      error
		want     string // in the reason; no error when empty
	}{
		"none":                {map[uint8]string{1: "", 2: "", 3: ""}, nil, nil, ""},
		"one":                 {map[uint8]string{1: "", 3: ""}, map[uint8]error{2: gousb.ErrorPipe}, nil, "string 2: "},
		"two":                 {map[uint8]string{1: ""}, map[uint8]error{2: gousb.ErrorPipe, 3: gousb.ErrorTimeout}, nil, "strings 2, 3: "},
		"time ran out midway": {map[uint8]string{1: ""}, nil, context.DeadlineExceeded, "strings 2, 3: "},
		"call failed":         {nil, nil, gousb.ErrorAccess, "access is denied"},
	} {
		t.Run(name, func(t *testing.T) {
			err := missing(node, wanted, c.texts, c.problems, c.err)
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var e *Error
			if !errors.As(err, &e) || !strings.HasPrefix(e.Reason, c.want) || e.Node != node {
				t.Errorf("got %v", err)
			}
		})
	}
}
