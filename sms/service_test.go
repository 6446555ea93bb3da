package sms

import (
	"errors"
	"testing"
)

// TestServiceWithout: a program without the library says so and says what to
// do.
func TestServiceWithout(t *testing.T) {
	_, err := NewService(Service{Name: "ntfy", URL: NewSecret("ntfy://:" + "tk_secret@ntfy.sh/topic")})
	if err == nil {
		t.Skip("built with services")
	}
	if !errors.Is(err, ErrNoServices) {
		t.Error(err)
	}
}
