package usb

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode/utf16"

	"github.com/google/gousb"

	"ecnutd/hid"
)

// Strings reads the string descriptors with the given indexes, in their first
// language, made safe to print. Index 0 stands for "no string" and is left
// out, as in descriptors.
//
// What could be read is returned even with an error; the error is an *Error
// and names the indexes that are missing. An index that the device refuses
// does not keep the others from being read; a device that does not answer at
// all is asked no more.
func Strings(ctx context.Context, at Location, indexes []uint8) (map[uint8]string, error) {
	wanted := slices.Clone(indexes)
	slices.Sort(wanted)
	wanted = slices.DeleteFunc(slices.Compact(wanted), func(i uint8) bool { return i == 0 })
	if len(wanted) == 0 {
		return map[uint8]string{}, nil
	}
	var t table
	_, err := call(ctx, at, limit, "reading strings", func(ctx context.Context, c *gousb.Context) (struct{}, error) {
		dev, _, err := open(c, at)
		if err != nil {
			return struct{}{}, err
		}
		defer dev.Close()
		t.fill(ctx, dev.Control, wanted)
		return struct{}{}, nil
	})
	texts, problems := t.take()
	return texts, missing(at.Node(), wanted, texts, problems, err)
}

// missing makes the error that names the indexes that could not be read; nil
// when all were. err is why the call as a whole failed, if it did.
func missing(node string, wanted []uint8, texts map[uint8]string, problems map[uint8]error, err error) error {
	var names []string
	for _, i := range wanted {
		if _, ok := texts[i]; !ok {
			names = append(names, fmt.Sprint(i))
			if err == nil {
				err = problems[i]
			}
		}
	}
	switch {
	case len(names) == 0 && err == nil:
		return nil
	case len(names) == len(wanted) && len(problems) == 0, len(names) == 0:
		// It is the call that failed, and no index is to blame.
		return explain(node, "reading strings", err)
	}
	plural := ""
	if len(names) > 1 {
		plural = "s"
	}
	which := "string" + plural + " " + strings.Join(names, ", ")
	e := *explain(node, "reading", err).(*Error)
	e.Reason = which + ": " + e.Reason
	return &e
}

// A table collects strings. It may be read while it is being filled, by a
// caller that does not wait for a hanging device.
type table struct {
	mu       sync.Mutex
	texts    map[uint8]string
	problems map[uint8]error
}

func (t *table) set(index uint8, text string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.texts == nil {
		t.texts, t.problems = make(map[uint8]string), make(map[uint8]error)
	}
	if err != nil {
		t.problems[index] = err
		return
	}
	t.texts[index] = text
}

func (t *table) take() (map[uint8]string, map[uint8]error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	texts := maps.Clone(t.texts)
	if texts == nil {
		texts = make(map[uint8]string)
	}
	return texts, maps.Clone(t.problems)
}

// control is the signature of (*gousb.Device).Control.
type control func(requestType, request uint8, value, index uint16, data []byte) (int, error)

// Fields of GET_DESCRIPTOR(string), USB 2.0 §9.4.3.
const (
	deviceToHost   = 0x80 // standard request to the device
	getDescriptor  = 0x06
	stringType     = 0x03
	usEnglish      = 0x0409
	longestAnswer  = 255
	describingText = stringType << 8
)

// fill asks for each string in turn, until one request goes unanswered.
func (t *table) fill(ctx context.Context, ask control, indexes []uint8) {
	language, err := firstLanguage(ask)
	for _, i := range indexes {
		if err == nil {
			err = ended(ctx)
		}
		if err != nil {
			t.set(i, "", err)
			continue
		}
		data, problem := descriptor(ask, i, language)
		t.set(i, decode(data), problem)
		if unanswered(problem) {
			err = problem
		}
	}
}

// firstLanguage reads string 0, the list of languages. Where it makes no
// sense American English is tried, as the kernel does.
func firstLanguage(ask control) (uint16, error) {
	data, err := descriptor(ask, 0, 0)
	switch {
	case unanswered(err):
		return 0, err
	case err != nil || len(data) < 2:
		return usEnglish, nil
	}
	return binary.LittleEndian.Uint16(data), nil
}

// descriptor returns the content of a string descriptor.
func descriptor(ask control, index uint8, language uint16) ([]byte, error) {
	buf := make([]byte, longestAnswer)
	n, err := ask(deviceToHost, getDescriptor, describingText|uint16(index), language, buf)
	if err != nil {
		return nil, err
	}
	// bLength may exceed what came, from devices that cut their answer.
	if n < 2 || buf[1] != stringType || buf[0] < 2 {
		return nil, fmt.Errorf("the answer is no string descriptor: % x", buf[:max(n, 0)])
	}
	return buf[2:min(n, int(buf[0]))], nil
}

// unanswered tells a device that is silent or gone from one that refuses or
// talks nonsense, which are answers.
func unanswered(err error) bool {
	return errors.Is(err, gousb.ErrorTimeout) || errors.Is(err, gousb.ErrorNoDevice) || errors.Is(err, gousb.ErrorIO)
}

// decode reads UTF-16, little endian.
func decode(data []byte) string {
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(data[2*i:])
	}
	// Zeros behind the text are padding; a blank may be part of it.
	return hid.Exact(strings.TrimRight(string(utf16.Decode(units)), "\x00"))
}
