// Package hid turns the bytes of a HID device into numbers with units, and
// back. It opens nothing: descriptors and reports come in as bytes, fields and
// values go out.
//
// # How a HID device describes itself
//
// A HID device sends and accepts reports: short runs of bytes, each behind a
// one-byte report id. What the bits of a report mean is told by the report
// descriptor, a small program that the host reads once. The descriptor is a
// list of items (HID 1.11 §6.2.2):
//
//   - global items (usage page, logical range, unit, size, count, report id)
//     set what holds until further notice, and can be saved and restored with
//     Push and Pop;
//   - local items (usage, usage range, delimiter) hold for the next main item;
//   - main items (Input, Output, Feature) place fields into a report with what
//     the globals and locals say at that point, and Collection and End
//     Collection group them.
//
// So a field has a place (report, bit, size), a range, a unit, and a name: the
// usages of the collections around it and its own, outermost first. The Power
// Device Class writes such a path as UPS.PowerSummary.RemainingCapacity.
// Eaton numbers repeated collections by the collection type byte: 0x80+n is
// instance n, written as a step of its own, UPS.Flow.[4].ConfigVoltage.
//
// # From report to value
//
// Parse reads a descriptor. Descriptor.Fields are its fields. Field.Raw takes
// a field out of a report and Field.Put puts a number in; Field.Scale applies
// physical range and exponent, Field.Unit names what comes out. Values keeps
// the last value of every field by its path, so that a feature report and an
// input report that carry the same field feed the same value, and a value that
// was never read is unknown rather than zero.
//
// # Recordings
//
// A Recording holds what a device is and said, in the text format of
// hid-recorder with three line kinds more (see Recording). It is how an owner
// shows a device to somebody who does not have it.
package hid
