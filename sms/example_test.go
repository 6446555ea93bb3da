package sms_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"ecnutd/sms"
)

// A modem is a route: it sends one text in one go.
type modem struct{ tries int }

// Name is what the route is called.
func (m *modem) Name() string { return "modem" }

// Send fails the first time, as a modem without a signal does.
func (m *modem) Send(_ context.Context, n sms.Notice) error {
	if m.tries++; m.tries == 1 {
		return errors.New("no signal")
	}
	fmt.Println("sent:", n.Text)
	return nil
}

// An outbox keeps a message until a route has taken it.
func ExampleNewOutbox() {
	ctx, cancel := context.WithCancel(context.Background())
	box, err := sms.NewOutbox([]sms.Route{&modem{}}, sms.Options{
		RetryMin: 1, // a nanosecond; seconds where it matters
		Log:      slog.New(slog.DiscardHandler),
		OnVerdict: func(e sms.Entry) {
			fmt.Printf("%s on %s after %d tries\n", e.Verdict, e.Route, e.Attempts)
			cancel()
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := box.Queue(sms.Message{Text: "the mains has failed"}); err != nil {
		fmt.Println(err)
		return
	}
	box.Run(ctx)
	// Output:
	// sent: the mains has failed
	// delivered on modem after 2 tries
}
