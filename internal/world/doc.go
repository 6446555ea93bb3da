// Package world puts a whole daemon into a world that misbehaves, and looks
// whether it keeps its promises.
//
//	seed ──▶ Plan: units, a configuration, incidents at their times
//	             │
//	             ▼            bubble of testing/synctest
//	        ┌─────────┐  outside  ┌──────────────────────────────┐
//	        │  world  ├───────────▶ daemon: loop, watchers,      │
//	        │         ◀───────────┤ readers, store, outbox       │
//	        └────┬────┘  effects  └──────────────────────────────┘
//	             ▼
//	        story, and which promise was broken
//
// Everything above the outside is the product's own code, the last stage of a
// shutdown too. The UPSs are simulated at report level (internal/sim), the state
// and the flag are real files, and time passes as soon as everybody waits.
//
// # Deterministic
//
// A world is its Plan, and a plan is its seed: the same seed tells the same
// story, byte for byte. Each part of a world draws from a stream of its own, so
// that who asks first changes nothing; what the outside does takes its time, so
// that nothing happens at one instant with something else.
//
// # A kill
//
// A process that is killed at an effect is one whose calls to the outside never
// return: from then on nothing that it does takes effect, and the file of its
// state is the one of that instant.
//
// # A failing world
//
// It prints its seed and its story, in the words of simulate. Shrink leaves
// incidents out for as long as the same promise is broken.
package world
