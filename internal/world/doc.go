// Package world puts a whole daemon into a world that misbehaves, and looks
// whether it keeps its promises.
//
//	seed ──▶ plan.Plan: units, a configuration, incidents at their times
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
// shutdown and the server of the clients of NUT too. The UPSs are simulated at
// report level (internal/sim), the state and the flag are real files, and time
// passes as soon as everybody waits.
//
// # Deterministic
//
// A world is its plan, and a plan is its seed: the same seed tells the same story,
// byte for byte. All that comes in does so through one queue (queue.go): whoever
// calls the outside waits for its turn, and one goroutine goes on at a time. Quiet
// mains is skipped, up to what the monitor says that time will bring (quiet.go).
//
// # A kill
//
// A process that is killed at an effect is one whose calls to the outside never
// return: from then on nothing that it does takes effect, and the file of its
// state is the one of that instant. A kill comes before an effect or after it, so
// also between a commit and what it is about.
//
// # Promises
//
// What is promised stands in promises.go by name, and what excuses a lost host in
// lost.go: reckoned from what the UPSs themselves showed and from what the world did
// to them, never from what the daemon made of it. Excuses are counted, each with its
// reason. The teeth of the promises are tried by mutants (mutants_test.go).
//
// # A failing world
//
// It prints its seed and its story, in the words of simulate, with the incidents
// that it takes alone.
package world
