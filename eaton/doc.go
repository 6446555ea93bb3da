// Package eaton knows what the HID fields of an Eaton UPS mean: which usage
// path is which variable, which flags make up ups.status, how often to ask
// for what, and which writes make a command. It serves every Eaton, MGE and
// Santak unit that describes itself with the Power Device Class and MGE's
// vendor page; the first one is the Protection Station 800.
//
// # Tables first
//
// What is known of the devices is rows: variables.go (names and paths),
// flags.go (status flags and alarms), commands.go and settings.go (what can
// be written), models.go (who has seen which unit), quirks.go (where a family
// differs, each with the reason). The code walks the tables. Every path is
// resolved against the descriptor of the live device: units of one model line
// differ in the reports and offsets they use.
//
// # From device to snapshot
//
// A Decoder binds the tables to one descriptor and holds the last values. A
// Reader owns an opened device: it asks each report as seldom as its meaning
// allows, takes what the device pushes by itself, and hands out a Snapshot
// and the Variables whenever something changed. It stops talking to a device
// that has stopped answering; opening again, and when, is its caller's.
//
// # What is not known is not there
//
// A report that never came, came short or was another one leaves its variables
// absent. No variable is ever zero because nobody could read it.
package eaton
