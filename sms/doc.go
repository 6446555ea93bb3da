// Package sms delivers short texts. It knows ways to send one, and keeps a text
// until one of them has taken it. What the texts are about it does not know.
//
// # A message is a promise
//
//	Queue ──▶ lane of a route ──▶ attempt ──▶ verdict
//	  │          ▲                   │           │
//	  │          └── pause, and again┘           │
//	  └──────────────▶ store ◀───────────────────┘
//
// A message is on its way at once, is stored meanwhile, and leaves the outbox with
// a verdict only: delivered, refused for good, expired, or dropped by somebody.
// It is stored in one transaction with the state of whoever queued it (Store.Change):
// a process that is killed before that is one that has not decided it yet, and
// decides it again. So it survives a kill at any instant, the shutdown that it
// announces, and the reboot. It arrives at least once; it arrives twice only if the
// gateway took it and its answer never came, or came to a process that died before
// the store had taken note. That is one message on each route: the next waits for
// the note, as long as the disk answers within Options.NoteWait.
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
// There are FreeMobile, Gateway (any HTTP service), Mail and Command (a modem).
// What they send is a Notice: a text, with a title, an id and a priority for those
// that have a place for them. A Fallback is a route that is asked when others fail.
//
// # When the disk fails
//
// Memory is always right. The outbox is a part of a store (Options.Touch, Load,
// Changes), which asks it for what the file does not know, and which tells of
// faults; nothing here waits for a disk. What it does not take goes out all the
// same. Where a file was damaged and has been replaced, all that memory knows is
// stored in the new one; a disk that answers only after a while has its messages
// taken up then, in front of those queued meanwhile.
//
// # Secrets
//
// A Secret cannot be printed. Errors are sentences of this package: whatever
// net/http, a gateway or a library says is first stripped of the URL and of
// every spelling of the secret.
package sms
