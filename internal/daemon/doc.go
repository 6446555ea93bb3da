// Package daemon watches over a host: one loop owns the state, takes every
// step of the engine and has its actions carried out.
//
//	watchers ──reports──▶ ┌──────┐ ──actions──▶ outbox, programs, terminals,
//	clients  ──asks─────▶ │ loop │              flag, shutdown, UPS
//	time     ──wakes────▶ └──────┘ ──state────▶ store, network's view, status line
//
// # By the state it owns
//
// What belongs together is one type with methods of its own, and no file but
// that type's writes its fields: the units (what is known of each UPS, and the
// watcher that reads it), the store, the mail (the outbox, and its change when
// the configuration does), the clients (what the network sees), the outages,
// the self-tests, the programs, the shutdown and the status line. The Daemon
// has one of each and the loop, which is the only caller of the engine.
//
// # The outside
//
// Clock, devices, disk, messages, programs, power and whoever wants to know
// come in through Outside. Package thishost has that of a host; a simulated world
// can be put around the whole of it. Nothing here starts a goroutine but through
// a group that is waited for, so that nothing is left when Run returns.
package daemon
