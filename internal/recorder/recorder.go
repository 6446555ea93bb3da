// Package recorder captures a device in a recording, which --replay reads.
package recorder

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"ecnutd/hid"
	"ecnutd/internal/discovery"
)

// A Capture is a recording of a device, and what to say about it.
type Capture struct {
	hid.Recording
	comments []string
}

// Options of a recording.
type Options struct {
	Listen    time.Duration // how long input reports are listened to
	Anonymous bool          // the serial number is left out
	By        string        // who records, for the first line
	Note      func(format string, args ...any)
}

// Record records a device. cutShort is why listening ended before its time; the
// recording is good up to there. The end of ctx is no fault while it listens.
func Record(ctx context.Context, src interface {
	Open(context.Context) (hid.Device, discovery.Strings, error)
}, opt Options) (rec *Capture, cutShort, err error) {
	dev, texts, err := src.Open(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer dev.Close()
	info := dev.Info()
	seen, err := discovery.Look(ctx, dev, texts, discovery.Looking{Whole: true})
	if err != nil {
		return nil, nil, err
	}
	s := sight{seen}
	if s.StringsErr != nil {
		opt.Note("some names are missing: %v", s.StringsErr)
	}
	rec = &Capture{Recording: hid.Recording{Info: info, Descriptor: s.Descriptor, Strings: s.names(info), Reports: s.Reports}}
	rec.comments = append(rec.comments, "recorded by "+opt.By+" on "+time.Now().UTC().Format("2006-01-02 15:04 UTC"))
	for _, id := range s.RefusedIDs() {
		rec.comments = append(rec.comments, fmt.Sprintf("no answer for report %02x: %v", id, s.Refused[id]))
	}
	if opt.Anonymous {
		s.forgetSerial(info, rec.Strings)
		rec.comments = append(rec.comments, "the serial number was left out")
	}
	if opt.Listen > 0 {
		opt.Note("listening for %v; Ctrl-C ends it and keeps what came", opt.Listen)
		cutShort = rec.listen(ctx, dev, discovery.Longest(s.Parsed), opt.Listen)
	}
	return rec, cutShort, nil
}

// Paths of the fields that hold the index of a name.
const (
	pathManufacturer = "UPS.PowerSummary.iManufacturer"
	pathProduct      = "UPS.PowerSummary.iProduct"
	pathSerial       = "UPS.PowerSummary.iSerialNumber"
)

// A sight is what was seen of a device that is recorded.
type sight struct{ *discovery.Seen }

// names are the strings of the device: those that were read, and where the usb
// node was closed to us those that the kernel knows, at the index that the
// device gives them.
func (s sight) names(info hid.Info) map[uint8]string {
	names := s.Strings
	for _, known := range []struct {
		text, path string
		usual      uint8
	}{
		{info.Manufacturer, pathManufacturer, discovery.UsualStrings[0]},
		{info.ProductName, pathProduct, discovery.UsualStrings[1]},
		{info.Serial, pathSerial, 0},
	} {
		index := known.usual
		if i, ok := s.index(known.path); ok {
			index = i
		}
		if _, have := names[index]; !have && index != 0 && known.text != "" {
			names[index] = known.text
		}
	}
	return names
}

// index is the string index that a field holds.
func (s sight) index(path string) (uint8, bool) {
	v := s.Decoder.Values()
	for i := range s.Parsed.Fields() {
		f := &s.Parsed.Fields()[i]
		if f.Path.String() != path {
			continue
		}
		if raw, ok := v.Raw(i); ok && raw > 0 && raw < 256 {
			return uint8(raw), true
		}
	}
	return 0, false
}

// forgetSerial takes the serial number out of the strings: what fields named
// iSerialNumber point at, and whatever says the same.
func (s sight) forgetSerial(info hid.Info, names map[uint8]string) {
	v := s.Decoder.Values()
	for i := range s.Parsed.Fields() {
		f := &s.Parsed.Fields()[i]
		if f.Path[len(f.Path)-1].String() != "iSerialNumber" {
			continue
		}
		if raw, ok := v.Raw(i); ok {
			delete(names, uint8(raw))
		}
	}
	for i, text := range names {
		if info.Serial != "" && text == info.Serial {
			delete(names, i)
		}
	}
}

// Bounds on what is listened to: far above a UPS that pushes something every
// second for a week, and below what a reader of recordings takes.
const (
	maxPushed      = 700_000
	maxPushedBytes = 48 << 20
)

// listen adds the input reports that come within length. The end of ctx is no
// fault: somebody has seen enough.
func (c *Capture) listen(ctx context.Context, dev hid.Device, size int, length time.Duration) error {
	defer context.AfterFunc(ctx, dev.Wake)()
	start := time.Now()
	buf := make([]byte, size+2)
	pushed, bytes := 0, 0
	for ctx.Err() == nil {
		left := length - time.Since(start)
		if left <= 0 {
			return nil
		}
		n, err := dev.ReadInput(buf, left)
		switch {
		case errors.Is(err, hid.ErrTimeout), err == nil && n == 0:
			continue
		case err != nil:
			return err
		}
		r := hid.RecordedReport{Kind: hid.RecordedInput, At: time.Since(start), ID: buf[0], Data: append([]byte(nil), buf[:n]...)}
		c.Reports = append(c.Reports, r)
		pushed++
		bytes += len(r.String())
		if pushed == maxPushed || bytes > maxPushedBytes {
			return fmt.Errorf("%d reports came, more than a recording holds", pushed)
		}
	}
	return nil
}

// Text is the recording as a file, which has been read back: a file that
// --replay refuses helps nobody.
func (c *Capture) Text() ([]byte, error) {
	var b bytes.Buffer
	for _, line := range c.comments {
		fmt.Fprintf(&b, "# %s\n", hid.Printable(line))
	}
	if _, err := c.WriteTo(&b); err != nil {
		return nil, err
	}
	if _, err := hid.ReadRecording(bytes.NewReader(b.Bytes())); err != nil {
		return nil, fmt.Errorf("what the device said cannot be written down: %w", err)
	}
	return b.Bytes(), nil
}

// Summary counts what is in the recording.
func (c *Capture) Summary() string {
	count := make(map[hid.RecordKind]int)
	for _, r := range c.Reports {
		count[r.Kind]++
	}
	parts := []string{
		fmt.Sprintf("a descriptor of %d bytes", len(c.Descriptor)),
		fmt.Sprintf("%d strings", len(c.Strings)),
		fmt.Sprintf("%d feature reports", count[hid.RecordedFeature]),
	}
	if n := count[hid.RecordedRefusal]; n > 0 {
		parts = append(parts, fmt.Sprintf("%d answers that were not the report asked for", n))
	}
	if n := count[hid.RecordedInput]; n > 0 {
		parts = append(parts, fmt.Sprintf("%d input reports", n))
	}
	return strings.Join(parts, ", ")
}
