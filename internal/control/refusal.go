package control

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"ecnutd/ups"
)

// What a Backend says of a request that it cannot answer. The client gets an
// error that wraps the same one.
var (
	ErrWhichUPS    = errors.New("no UPS, or none of several, is named")
	ErrNoSuch      = errors.New("there is no such thing") // a message, a request
	ErrUnreachable = errors.New("the UPS is not reached")
	ErrBadRequest  = errors.New("the request is not understood")
	ErrNotAllowed  = errors.New("this is not allowed")
	ErrBusy        = errors.New("the daemon does not answer")
)

// sentinels by the words that travel, with the status of HTTP of each.
var sentinels = []struct {
	word   string
	status int
	err    error
}{
	{"which-ups", http.StatusNotFound, ErrWhichUPS},
	{"no-such", http.StatusNotFound, ErrNoSuch},
	{"unreachable", http.StatusServiceUnavailable, ErrUnreachable},
	{"bad-request", http.StatusBadRequest, ErrBadRequest},
	{"not-allowed", http.StatusForbidden, ErrNotAllowed},
	{"busy", http.StatusGatewayTimeout, ErrBusy},
}

// A Refusal is an error as it travels. It wraps the sentinel that it names.
type Refusal struct {
	Text string `json:"error"`
	Code string `json:"code,omitempty"` // "" for any other error
}

// Error is the sentence.
func (r *Refusal) Error() string { return r.Text }

// Unwrap returns the sentinel; nil where there is none.
func (r *Refusal) Unwrap() error {
	for _, s := range sentinels {
		if s.word == r.Code {
			return s.err
		}
	}
	return nil
}

// Refuse is an error with a sentence of its own that wraps a sentinel.
func Refuse(sentinel error, text string) error {
	for _, s := range sentinels {
		if s.err == sentinel {
			return &Refusal{text, s.word}
		}
	}
	return errors.New(text)
}

// WhichUPS is the error for a UPS that is not among those of these names, or
// for one of several that was not named.
func WhichUPS(name string, names []string) error {
	if name == "" {
		return Refuse(ErrWhichUPS, "there are several UPSs; choose one with --ups: "+strings.Join(names, ", "))
	}
	text := fmt.Sprintf("no UPS of the configuration is called %q", name)
	if near := ups.Nearest(name, names); len(near) > 0 {
		text += "; did you mean " + strings.Join(near, " or ") + "?"
	} else {
		text += "; there are " + strings.Join(names, ", ")
	}
	return Refuse(ErrWhichUPS, text)
}

// refusalOf puts an error into the form that travels, with its status of HTTP.
func refusalOf(err error) (int, *Refusal) {
	if errors.Is(err, context.Canceled) {
		return http.StatusServiceUnavailable, &Refusal{Text: "the daemon ends, and answers no more"}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = Refuse(ErrBusy, "the daemon has not answered in time: something holds it up, its log may say what")
	}
	for _, s := range sentinels {
		if errors.Is(err, s.err) {
			return s.status, &Refusal{err.Error(), s.word}
		}
	}
	return http.StatusInternalServerError, &Refusal{Text: err.Error()}
}
