package main

import (
	"fmt"
	"io"
	"strconv"

	"ecnutd/hid"
)

// A fieldRow is a HID field as `dump --usages` prints it. The first part is
// the descriptor's; the last three are there where the device told a value.
type fieldRow struct {
	Report   uint8  `json:"report"`
	Type     string `json:"type"`
	Bit      int    `json:"bit"` // behind the id byte
	Bits     int    `json:"bits"`
	Min      int64  `json:"min"` // logical
	Max      int64  `json:"max"`
	Unit     string `json:"unit"` // value of the Unit item, "0x00f0d121"
	Exponent int    `json:"exponent"`
	Usages   string `json:"usages"`
	Path     string `json:"path"`

	Raw   *int64   `json:"raw,omitempty"`
	Value *float64 `json:"value,omitempty"`
	Text  string   `json:"text,omitempty"`
}

// fields are the rows of a device, in the order of its descriptor.
func fields(v *hid.Values) []fieldRow {
	all := v.Descriptor().Fields()
	rows := make([]fieldRow, len(all))
	for i := range all {
		f := &all[i]
		rows[i] = fieldRow{
			Report: f.Report, Type: f.Type.String(), Bit: f.Bit, Bits: f.Bits, Min: f.LogicalMin, Max: f.LogicalMax,
			Unit: fmt.Sprintf("0x%08x", uint32(f.Unit)), Exponent: f.Exponent, Usages: f.Path.Numeric(), Path: f.Path.String(),
		}
		raw, ok := v.Raw(i)
		if !ok {
			continue
		}
		value := f.Scale(raw)
		rows[i].Raw, rows[i].Value = &raw, &value
		rows[i].Text = strconv.FormatFloat(value, 'f', -1, 64)
		if symbol := f.Symbol(); symbol != "" {
			rows[i].Text += " " + symbol
		}
	}
	return rows
}

func printFields(w io.Writer, rows []fieldRow, verbose bool) error {
	for _, r := range rows {
		text := r.Text
		if r.Raw == nil {
			text = "unknown"
		}
		fmt.Fprintf(w, "%s: %s", r.Path, text)
		if verbose {
			fmt.Fprintf(w, "  (report %02x, %s, bits %d to %d", r.Report, r.Type, r.Bit, r.Bit+r.Bits-1)
			if r.Raw != nil {
				fmt.Fprintf(w, ", raw %d", *r.Raw)
			}
			fmt.Fprint(w, ")")
		}
		fmt.Fprintln(w)
	}
	return nil
}
