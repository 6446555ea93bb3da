package hid

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// A Recording is a device on paper: what it is, and what it said. The text
// form is that of hid-recorder, one line kind a letter:
//
//	# a comment
//	R: 926 05 84 09 04 …          report descriptor: length, bytes
//	N: EATON Protection Station   name
//	P: usb-0000:00:1d.2-1/input0  physical path
//	I: 3 0463 ffff                bus, vendor, product (hexadecimal)
//	E: 000012.500000 4 01 30 00 00  input report: seconds since the start, length, bytes
//
// and three kinds more that a UPS needs:
//
//	S: 1 EATON                    USB string by index
//	F: 4 01 25 00 00              feature report, its id in front
//	G: 06 3 06 64 f4              answer to the request for report 06 that was not that report
//
// The lines keep their order, since a later report replaces an earlier one.
type Recording struct {
	Info       Info // Name, Phys, Bus, Vendor and Product
	Descriptor []byte
	Strings    map[uint8]string
	Reports    []RecordedReport
}

// A RecordedReport is one F, G or E line.
type RecordedReport struct {
	Kind RecordKind
	At   time.Duration // since the start; that of the E line before for F and G
	ID   uint8         // asked for, on F and G lines
	Data []byte        // as it came, id byte in front where there is one
}

// RecordKind tells what kind of line a report came from.
type RecordKind byte

// The kinds of reports in a recording.
const (
	RecordedFeature RecordKind = 'F' // feature report
	RecordedRefusal RecordKind = 'G' // an answer that was not the report asked for
	RecordedInput   RecordKind = 'E' // input report
)

// Bounds on a recording, so that a file handed over by somebody else cannot
// take memory without end. A day of a busy UPS is far below them.
const (
	maxRecordingLine    = 4 * maxDescriptor
	maxRecordingReports = 1 << 20
	maxRecordingBytes   = 64 << 20
)

// A RecordingError says in which line reading a recording stopped, and why.
type RecordingError struct {
	Line int // counted from 1; 0 where the whole file is meant
	Err  error
}

// Error names the line and the reason.
func (e *RecordingError) Error() string {
	if e.Line == 0 {
		return "recording: " + e.Err.Error()
	}
	return fmt.Sprintf("recording, line %d: %v", e.Line, e.Err)
}

// Unwrap returns the reason.
func (e *RecordingError) Unwrap() error { return e.Err }

// ReadRecording reads a recording. It needs a report descriptor; everything
// else may be missing, and what is missing stays unknown. An error is a
// *RecordingError, or the reader's own.
func ReadRecording(r io.Reader) (*Recording, error) {
	rec := &Recording{}
	sc := bufio.NewScanner(io.LimitReader(r, maxRecordingBytes+1))
	sc.Buffer(make([]byte, 0, 4096), maxRecordingLine)
	line, size := 0, 0
	for sc.Scan() {
		line++
		size += len(sc.Bytes()) + 1
		if size > maxRecordingBytes {
			return nil, &RecordingError{line, fmt.Errorf("the file is longer than %d MiB", maxRecordingBytes>>20)}
		}
		if err := rec.line(strings.TrimSuffix(sc.Text(), "\r")); err != nil {
			return nil, &RecordingError{line, err}
		}
	}
	switch err := sc.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, &RecordingError{line + 1, fmt.Errorf("longer than %d characters", maxRecordingLine)}
	case err != nil:
		return nil, fmt.Errorf("recording: %w", err)
	case rec.Descriptor == nil:
		return nil, &RecordingError{0, errors.New("no report descriptor (a line that begins with R:)")}
	}
	return rec, nil
}

func (rec *Recording) line(s string) error {
	if t := strings.TrimSpace(s); t == "" || strings.HasPrefix(t, "#") {
		return nil
	}
	kind, rest, ok := strings.Cut(s, ":")
	if !ok || len(kind) != 1 {
		return fmt.Errorf("%.20q is no line of a recording: a letter and a colon come first", s)
	}
	rest = strings.TrimPrefix(rest, " ")
	words := strings.Fields(rest)
	switch kind {
	case "D": // hid-recorder numbers devices; a recording here holds one
		if len(words) != 1 || words[0] != "0" {
			return errors.New("a second device: a recording holds one")
		}
	case "R":
		if rec.Descriptor != nil {
			return errors.New("a second report descriptor: a recording holds one device")
		}
		data, err := counted(words)
		if err != nil {
			return err
		}
		if len(data) == 0 {
			return errors.New("the report descriptor is empty")
		}
		rec.Descriptor = data
	case "N":
		rec.Info.Name = Printable(rest)
	case "P":
		rec.Info.Phys = Printable(rest)
	case "I":
		return rec.identity(words)
	case "S":
		return rec.usbString(rest)
	case "F":
		data, err := counted(words)
		if err != nil {
			return err
		}
		if len(data) == 0 {
			return errors.New("a feature report without its id")
		}
		return rec.add(RecordedReport{RecordedFeature, rec.now(), data[0], data})
	case "G":
		if len(words) == 0 {
			return errors.New("the report id is missing")
		}
		id, err := strconv.ParseUint(words[0], 16, 8)
		if err != nil {
			return fmt.Errorf("%.20q is not a report id in two hexadecimal digits", words[0])
		}
		data, err := counted(words[1:])
		if err != nil {
			return err
		}
		return rec.add(RecordedReport{RecordedRefusal, rec.now(), uint8(id), data})
	case "E":
		return rec.input(words)
	default:
		return fmt.Errorf("unknown kind of line %q", kind+":")
	}
	return nil
}

func (rec *Recording) identity(words []string) error {
	if len(words) != 3 {
		return errors.New("want bus, vendor and product, as in 3 0463 ffff")
	}
	var n [3]uint64
	for i, w := range words {
		var err error
		if n[i], err = strconv.ParseUint(w, 16, 16); err != nil {
			return fmt.Errorf("%.20q is not a hexadecimal number of 16 bits", w)
		}
	}
	rec.Info.Bus, rec.Info.Vendor, rec.Info.Product = int(n[0]), uint16(n[1]), uint16(n[2])
	return nil
}

func (rec *Recording) usbString(rest string) error {
	number, text, _ := strings.Cut(rest, " ")
	index, err := strconv.ParseUint(number, 10, 8)
	if err != nil || index == 0 {
		return fmt.Errorf("%.20q is not the index of a USB string, 1 to 255", number)
	}
	if rec.Strings == nil {
		rec.Strings = make(map[uint8]string)
	}
	rec.Strings[uint8(index)] = Exact(text)
	return nil
}

func (rec *Recording) input(words []string) error {
	if len(words) < 2 {
		return errors.New("want a time, a length and bytes")
	}
	at, err := recordedTime(words[0])
	if err != nil {
		return err
	}
	if at < rec.now() {
		return fmt.Errorf("time %s is before the line above", words[0])
	}
	data, err := counted(words[1:])
	if err != nil {
		return err
	}
	if len(data) == 0 {
		return errors.New("an empty input report")
	}
	return rec.add(RecordedReport{RecordedInput, at, data[0], data})
}

// now is the time that the last input report set.
func (rec *Recording) now() time.Duration {
	if n := len(rec.Reports); n > 0 {
		return rec.Reports[n-1].At
	}
	return 0
}

func (rec *Recording) add(r RecordedReport) error {
	if len(rec.Reports) == maxRecordingReports {
		return fmt.Errorf("more than %d reports", maxRecordingReports)
	}
	rec.Reports = append(rec.Reports, r)
	return nil
}

// recordedTime reads seconds with up to six decimals, as hid-recorder writes
// them.
func recordedTime(s string) (time.Duration, error) {
	whole, decimals, _ := strings.Cut(s, ".")
	if len(decimals) <= 6 {
		sec, err1 := strconv.ParseUint(whole, 10, 32)
		us, err2 := strconv.ParseUint((decimals + "000000")[:6], 10, 32)
		if err1 == nil && err2 == nil {
			return time.Duration(sec)*time.Second + time.Duration(us)*time.Microsecond, nil
		}
	}
	return 0, fmt.Errorf("%.20q is not a time in seconds like 000012.500000", s)
}

// counted reads a decimal length and as many bytes in hexadecimal.
func counted(words []string) ([]byte, error) {
	if len(words) == 0 {
		return nil, errors.New("the length is missing")
	}
	n, err := strconv.ParseUint(words[0], 10, 32)
	if err != nil {
		return nil, fmt.Errorf("%.20q is not a length in bytes", words[0])
	}
	if n > maxDescriptor {
		return nil, fmt.Errorf("a length of %d bytes is more than a descriptor or report has", n)
	}
	if int(n) != len(words)-1 {
		return nil, fmt.Errorf("the length says %d bytes, there are %d", n, len(words)-1)
	}
	data := make([]byte, n)
	for i, w := range words[1:] {
		b, err := strconv.ParseUint(w, 16, 8)
		if err != nil || len(w) > 2 {
			return nil, fmt.Errorf("byte %d, %.20q, is not two hexadecimal digits", i+1, w)
		}
		data[i] = byte(b)
	}
	return data, nil
}

// WriteTo writes the recording in its text form. What ReadRecording read comes
// out with the same meaning, comments aside.
func (rec *Recording) WriteTo(w io.Writer) (int64, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "R: %s\n", countedText(rec.Descriptor))
	if rec.Info.Name != "" {
		fmt.Fprintf(&b, "N: %s\n", Printable(rec.Info.Name))
	}
	if rec.Info.Phys != "" {
		fmt.Fprintf(&b, "P: %s\n", Printable(rec.Info.Phys))
	}
	if rec.Info.Vendor != 0 || rec.Info.Product != 0 || rec.Info.Bus != 0 {
		fmt.Fprintf(&b, "I: %x %04x %04x\n", rec.Info.Bus, rec.Info.Vendor, rec.Info.Product)
	}
	for i := 1; i < 256; i++ {
		if s, ok := rec.Strings[uint8(i)]; ok {
			fmt.Fprintf(&b, "S: %d %s\n", i, Exact(s))
		}
	}
	for _, r := range rec.Reports {
		b.WriteString(r.String())
		b.WriteByte('\n')
	}
	n, err := io.WriteString(w, b.String())
	if err != nil {
		return int64(n), fmt.Errorf("recording: %w", err)
	}
	return int64(n), nil
}

// String is the report's line in a recording.
func (r RecordedReport) String() string {
	switch r.Kind {
	case RecordedRefusal:
		return fmt.Sprintf("G: %02x %s", r.ID, countedText(r.Data))
	case RecordedInput:
		us := r.At.Microseconds()
		return fmt.Sprintf("E: %06d.%06d %s", us/1e6, us%1e6, countedText(r.Data))
	}
	return "F: " + countedText(r.Data)
}

func countedText(data []byte) string {
	if len(data) == 0 {
		return "0"
	}
	return fmt.Sprintf("%d % x", len(data), data)
}

// Printable is text of a device made safe to print and to store: without
// control and format characters, which could end a line, steer a terminal or turn
// the direction of writing, without bytes that are no UTF-8, and without blanks at either end (several models
// pad their strings).
func Printable(s string) string { return strings.TrimSpace(Exact(s)) }

// Exact is the same with the blanks at its ends, which tell some models apart.
func Exact(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}
