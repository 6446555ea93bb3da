// Package device makes the answers of the control socket of an open UPS: for
// the daemon, and for a command line where none runs.
package device

import (
	"context"
	"encoding/hex"
	"fmt"
	"strconv"

	"ecnutd/hid"
	"ecnutd/hid/power"
	"ecnutd/hid/power/family"
	"ecnutd/internal/control"
	"ecnutd/internal/host"
	"ecnutd/ups"
)

// Commands are the instant commands that a UPS has, in the order of their
// names.
func Commands(d *power.Decoder) []control.Command {
	list := []control.Command{}
	for _, c := range d.Commands() {
		list = append(list, control.Command{Name: c.Name, Description: c.Description, Cuts: c.Cuts})
	}
	return list
}

// Settings are what can be set on a UPS.
func Settings(d *power.Decoder) []control.Setting {
	list := []control.Setting{}
	for _, s := range d.Writable() {
		one := control.Setting{Name: s.Name, Description: ups.Describe(s.Name), Type: string(s.Type), Choices: s.Choices, Value: s.Value}
		if s.Type == family.RangeSetting {
			one.Min, one.Max = &s.Min, &s.Max
		}
		list = append(list, one)
	}
	return list
}

// Fields are the HID fields of a UPS, in the order of its descriptor.
func Fields(v *hid.Values) []control.Field {
	all := v.Descriptor().Fields()
	rows := make([]control.Field, len(all))
	for i := range all {
		f := &all[i]
		rows[i] = control.Field{
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

// Command gives a UPS an instant command. Whether the load may be cut was
// decided before.
func Command(ctx context.Context, c *power.Commander, o control.Order) control.Ordered {
	return ordered(o, c.Command(ctx, o.Name, o.Value, power.Permit{CutTheLoad: true}))
}

// Set changes a setting of a UPS.
func Set(ctx context.Context, c *power.Commander, o control.Order) control.Ordered {
	return ordered(o, c.Set(ctx, o.Name, o.Value))
}

// NotSent is an order that did not reach the UPS.
func NotSent(o control.Order, why error) control.Ordered {
	return ordered(o, power.Result{Name: o.Name, Err: why})
}

var outcomes = map[power.Outcome]string{
	power.NotSent: control.OutcomeNotSent, power.NotThere: control.OutcomeNotThere, power.Refused: control.OutcomeRefused,
	power.Different: control.OutcomeDifferent, power.Unconfirmed: control.OutcomeUnconfirmed,
	power.Incomplete: control.OutcomeIncomplete, power.Done: control.OutcomeDone,
}

var cuts = map[power.Cut]string{power.CutNone: "none", power.CutPossible: "possible", power.CutArmed: "armed"}

// ordered puts a result into the form that travels.
func ordered(o control.Order, r power.Result) control.Ordered {
	out := control.Ordered{
		UPS: o.UPS, Name: r.Name, Outcome: outcomes[r.Outcome], Done: r.Outcome == power.Done,
		Cut: cuts[r.Cut], Text: host.OneLine(r.String()),
	}
	for _, w := range r.Writes {
		one := control.Write{Path: w.Path, Value: w.Value, Report: hex.EncodeToString(w.Report), Outcome: outcomes[w.Outcome], Undo: w.Undo}
		if w.Known {
			one.Shows = &w.Shows
		}
		out.Writes = append(out.Writes, one)
	}
	return out
}
