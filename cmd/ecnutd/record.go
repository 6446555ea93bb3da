package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ecnutd/hid"
	"ecnutd/internal/discovery"
)

func recordCommand(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "record FILE",
		Short: "Captures the UPS in a file that --replay reads",
		Long: `Writes down what the UPS is and says: report descriptor, ids, USB strings and every
feature report, each asked for once. With --for it then listens to what the UPS
pushes by itself, for that long or until Ctrl-C, whichever comes first; whatever
ends it, what came is kept. Nothing is written to the UPS.

FILE appears when all is done, whole; "-" is stdout. The serial number is in it
unless --no-serial leaves it out.`,
		Example: `  ecnutd record my-ups.rec
  ecnutd record --for 10m outage.rec     and now pull the mains plug
  ecnutd dump --replay my-ups.rec        what was recorded`,
		GroupID: groupDevice,
		Args:    exactArgs("FILE"),
	}
	src := addSource(cmd, g)
	length := cmd.Flags().Duration("for", 0, "listen for this `DURATION` (90s, 10m) after the feature reports")
	force := cmd.Flags().Bool("force", false, "replace FILE if it is there")
	anonymous := cmd.Flags().Bool("no-serial", false, "leave the serial number out")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		file := args[0]
		if *length < 0 {
			return usagef("--for %v: a time cannot be negative", *length)
		}
		if file != "-" {
			if err := mayWrite(file, *force); err != nil {
				return err
			}
		}
		rec, cutShort, err := capture(cmd, src, *length, *anonymous)
		if err != nil {
			return err
		}
		text, err := rec.text()
		if err != nil {
			return err
		}
		if file == "-" {
			_, err = cmd.OutOrStdout().Write(text)
		} else {
			err = writeFile(file, text, *force)
		}
		if err != nil {
			return fmt.Errorf("writing the recording: %w", err)
		}
		note(cmd, "recorded %s", rec.summary())
		if cutShort != nil {
			return fmt.Errorf("the recording ends early: %w", cutShort)
		}
		return nil
	}
	return cmd
}

// A captured device is a recording and what to say about it.
type captured struct {
	hid.Recording
	comments []string
}

// capture records a device. cutShort is why listening ended before its time;
// the recording is good up to there.
func capture(cmd *cobra.Command, src *source, length time.Duration, anonymous bool) (rec *captured, cutShort, err error) {
	ctx := cmd.Context()
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
		note(cmd, "some names are missing: %v", s.StringsErr)
	}
	rec = &captured{Recording: hid.Recording{Info: info, Descriptor: s.Descriptor, Strings: s.names(info), Reports: s.Reports}}
	rec.comments = append(rec.comments, "recorded by ecnutd "+buildVersion()+" on "+time.Now().UTC().Format("2006-01-02 15:04 UTC"))
	for _, id := range s.RefusedIDs() {
		rec.comments = append(rec.comments, fmt.Sprintf("no answer for report %02x: %v", id, s.Refused[id]))
	}
	if anonymous {
		s.forgetSerial(info, rec.Strings)
		rec.comments = append(rec.comments, "the serial number was left out")
	}
	if length > 0 {
		note(cmd, "listening for %v; Ctrl-C ends it and keeps what came", length)
		cutShort = rec.listen(ctx, dev, discovery.Longest(s.Parsed), length)
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
func (c *captured) listen(ctx context.Context, dev hid.Device, size int, length time.Duration) error {
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

// text is the recording as a file, which has been read back: a file that
// --replay refuses helps nobody.
func (c *captured) text() ([]byte, error) {
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

// summary counts what is in the recording.
func (c *captured) summary() string {
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
