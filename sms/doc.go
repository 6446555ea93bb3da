// Package sms delivers short texts. It knows ways to send one, and keeps a text
// until one of them has taken it. What the texts are about it does not know.
//
// # A message is a promise
//
//	Queue ──▶ database ──▶ lane of a route ──▶ attempt ──▶ verdict
//	                          ▲                   │
//	                          └── pause, and again┘
//
// A message is stored before anything is sent, and leaves the outbox with a
// verdict only: delivered, refused for good, expired, or dropped by somebody.
// So it survives a kill at any instant, the shutdown that it announces, and
// the reboot. It arrives at least once; it arrives twice only if the gateway
// took it and its answer never came, or came to a process that died before it
// had taken note.
//
// Each route has a lane and a goroutine of its own: order is kept on a route,
// and a route that hangs delays no other. What a lane is to do next follows
// from its entries and three instants: not before next (the pause after a
// failure), not before held (the gateway asked for a pause), and not before
// the rate limit has something left.
//
// # Too many, too late, too long
//
// What piles up behind the rate limit, behind a pause that a gateway asked
// for, behind a failure or a restart goes out as one text: a list with times,
// repetitions counted (compose). What does not fit goes with the next; nothing
// is left out. A text sent long after its event says when that was. A text
// that is too long for a route is split at words when it is queued, and its
// parts have verdicts of their own, so that a failure repeats none that
// arrived.
//
// # Routes
//
// A Route sends one text in one go, and its errors tell a refusal (ErrRefused)
// and a wish for a pause (ErrTooMany) from everything that may pass by itself.
// There are FreeMobile, Gateway (any HTTP service), Command (a modem) and
// Service (a library of services, behind a build tag). A Fallback is a route
// that is asked when others fail.
//
// # When the disk fails
//
// The database belongs to the caller; the outbox has one bucket in it. Memory
// is always right: what the database does not take goes out all the same,
// Fault tells, and it is stored as soon as that is possible again. Where the
// database was damaged and has been replaced (package durable), all that memory
// knows is stored in the new one.
//
// # Secrets
//
// A Secret cannot be printed. Errors are sentences of this package: whatever
// net/http, a gateway or a library says is first stripped of the URL and of
// every spelling of the secret.
package sms
