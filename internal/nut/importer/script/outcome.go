package script

import (
	"time"

	"ecnutd/internal/nut/importer/script/condition"
)

// A Pos is a line of a script, from 1; the zero Pos is none.
type Pos = condition.Pos

// A Cond is a condition that something hangs on.
type Cond = condition.Cond

// An Outcome is what a script does when it is called, as far as it can be read
// out.
type Outcome struct {
	At      Pos      // of the branch of a case that took the first argument, else of the first effect
	Names   []string // the first arguments that the script has a branch for
	Matched bool     // one of them is this one
	Default bool     // it is the branch for all other names, *)
	Effects []Effect // in the order in which they happen
	Lost    bool     // it was not followed to its end: it is too long or too intricate
	Uses    []string // what it takes from the call or needs of NUT: UPSNAME, upsc, upscmd, upsrw, upsmon
}

// An Effect is something that a script does.
type Effect struct {
	Kind   EffectKind
	At     Pos
	Via    Pos           // where the function is called that it is in; At, if it is in none
	What   string        // the command, as it can be shown: "upsmon -c fsd"
	If     Cond          // Always: whenever the script is called so
	After  time.Duration // how long after the call, at least
	UpTo   time.Duration // and at most
	Vague  bool          // it waits besides, for a time that is not known
	Send   Send          // of a Message
	Behind string        // of Hidden: what the order is behind, "ssh"
}

// EffectKind is what kind of effect it is.
type EffectKind uint8

// The kinds.
const (
	Message   EffectKind = iota // a request to Free Mobile
	PowerOff                    // the host is shut down
	Reboot                      // the host is started anew
	CutOutput                   // the UPS is told to cut its output
	Schedule                    // upssched is called, with what upsmon gave
	Hidden                      // an order to shut something down that is not given here or now
	Other                       // a command that does something else
)

// A Send is one message to Free Mobile.
type Send struct {
	Text      string   // variables filled in; what differs from time to time as {{placeholder}}
	Unset     []string // variables in it that have no value
	Unread    []string // commands in it whose answer is not known
	Given     string   // a file that is not here has variables of it
	Varies    Pos      // the text hangs on this condition
	User      string
	Password  string // never to be shown
	SecretIn  string // the variable that holds the password, "" where it stands in the request
	SecretAt  Pos    // where it does
	SecretOf  string // the file that the script takes it from
	Insecure  bool   // the certificate is not checked
	Unencoded bool   // the text is put into the URL as it is
}

// A Call is how a script is called.
type Call struct {
	Args []Text // $1 and so on
	// Env are the variables that the caller sets.
	Env map[string]Text
	// Status are words of ups.status of which it is known whether they are in it.
	Status map[string]bool
	// Open reads a file that the script calls or takes in. Nil: none is read.
	Open func(path string) ([]byte, error)
	// Budget bounds this and other calls together. Nil: only a bound of its own holds.
	Budget *Budget
}

// A Text is an argument or a variable. One that is not Exact may be something
// else in truth: it is good for messages, and decides nothing.
type Text struct {
	Text  string
	Exact bool
}
