// Package monitor decides. It is upsmon's part: it turns what the UPSs report
// into events, watches limits, and says when the host has to go down. It reads
// no clock, does no I/O and starts no goroutine:
//
//	state, effects = monitor.Step(rules, state, now, input)
//
// The state is a plain value; its timers are instants at which something is
// due, and Next says when Step wants to be called with Elapsed. Effects are
// data too: somebody else sends the message, writes the flag and runs the
// command, in the order given. What comes of an effect comes back as an input.
//
// # The life of a supply
//
//	       OL (silent the first time)
//	         ┌───────────┐
//	unknown ─┤           ▼      OB          low, limit, or lost for too long
//	         │        on mains ────▶ on battery ─────────────▶ critical
//	         │           ▲               │
//	         └─ OB ──────┼───────────────┘
//	                     └────── OL ─────┘
//
// A shutdown begins when the supplies that are not critical add up to less
// than MinSupplies. Its event goes out first; FinalDelay later, or as soon as the
// runtime asks for it, come the flag and the command. Until the command, mains
// returning ends it, unless somebody ordered the shutdown (FSD) or a secondary has
// been told of it. After the command the host is watched on: where it does not go
// down, the command is given again on battery, and what is left of it is undone on
// mains (after.go).
//
// # Knowledge has an age
//
// A report is as old as its own last answer (ups.Age). Flags that are too old are
// a lost link, whatever else the UPS says (heard.go, contact.go); numbers that are
// too old are unknown (floors.go). Silence while the process did not run says
// nothing about the UPS (gap.go).
//
// # Caution
//
// Nothing is decided on an unknown value or on one reading: a low battery has
// to be seen twice, and an unknown value is no sign of health either. A link that is lost while on mains is told and never shuts
// anything down. A link that is lost on battery gets a deadline, and the
// message says when it is. Every decision carries its reason with the numbers.
package monitor
