// Package power is the engine of the Power Device Class: it reads, decodes and
// commands a UPS by a Family, which is data: which usage path is which variable,
// which flags make up ups.status, how often to ask for what, and which writes
// make a command. It knows the class; what is one maker's alone stands in the
// family's tables (package eaton has the first).
//
// # From device to snapshot
//
// A Decoder binds the tables to one descriptor and holds the last values. A
// Reader owns an opened device: it asks each report as seldom as its meaning
// allows, takes what the device pushes by itself, and hands out a Snapshot
// and the Variables whenever something changed. It stops talking to a device
// that has stopped answering; opening again, and when, is its caller's. A report
// that is refused is asked for less and less often, and hides none of the others:
// each part of a snapshot that decisions hang on has an age of its own (ups.Age),
// and one that the device says nothing of grows old while it says all the rest.
// At a transfer the figures are asked for at once.
//
// Reports are feature reports. What stands in input reports alone is asked for
// there, where the transport can (hid.InputGetter), and else waited for.
//
// # What is not known is not there
//
// A report that never came, or was another one, leaves its variables absent; of
// one that came short the whole fields count, of one that is too long the bytes
// that were declared. No variable is ever zero because nobody could read it, and
// a number that cannot be is not there either (ups.Snapshot.Plausible).
//
// # Commanding
//
// A Commander writes to the device: an instant command (Commander.Command) or
// a setting (Commander.Set). A Reader has one, and runs it between two
// questions (Reader.Do); the late stage of a shutdown, where no daemon runs,
// makes one of an opened device with Bind and NewCommander. What a device can
// do is what its descriptor offers: Decoder.Commands and Decoder.Writable list
// it.
//
// Only fields that stand in the tables are written, and of a report only the
// bits of that field: the others are sent as they were just read. So a report
// that cannot be read, or comes short or foreign, is not written; but for the last
// try of a late stage (Permit.LastTry), which writes what one field fills. Before
// the
// first write everything is checked that can be: the command and its argument,
// the delays (the output must not come back before it went off), what every
// field can hold, that every report can be read. What cuts the load requires a
// Permit, and a device that says at this moment that it is on mains or on
// battery and has no internal fault.
//
// Every write is read back, up to three times within a second, and compared
// with regard to what the field is: a timer counts down, a test shows a state
// and not the order, a timer of 0 has run out and the output is the witness.
// The Result says which steps were written and what the device showed, and
// with Cut what stands on it. Done means that all of it was seen.
//
// A sequence that cuts the output ends as it was ordered or is taken back: a
// timer that counts on another number than the one written is stopped with
// -1, and so is one whose start delay was lost by a reset. A timer that stands
// still is not written again; one that cannot be read is left alone, because
// the device is sick and the cut was ordered; and a count-down from before is
// somebody else's. Start delays run out by themselves. AutomaticRestart, which
// would stay, gets its old number back once no cut is pending.
package power
