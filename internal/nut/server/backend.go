package server

import "context"

// A Backend is what the server stands before. Its methods may be called from
// many goroutines.
type Backend interface {
	// View is what can be asked now. It must not block.
	View() *View
	// Order carries out an instant command or a setting, and returns when it
	// is known what came of it. That the user may give it is checked.
	Order(ctx context.Context, o Order) Outcome
	// ForceShutdown takes an order to shut down what hangs on a UPS (FSD).
	ForceShutdown(ctx context.Context, ups string, who Who) error
	// LoginsChanged says that somebody logged in or out; Server.Logins has the
	// number. It must not block.
	LoginsChanged()
}

// Who is behind a connection.
type Who struct {
	User, Address string
}

// An Order is something that a UPS is told to do.
type Order struct {
	Who   Who
	UPS   string
	Name  string // of the command, or of the variable
	Value string // "" for a command without one
	Set   bool   // it is a setting
}

// An Outcome is what came of an order.
type Outcome uint8

// The outcomes. Pending is that of an order under way.
const (
	Pending Outcome = iota
	Done
	Unsupported // the UPS has no such command or setting
	Invalid     // the value is none that it takes
	Failed
)
