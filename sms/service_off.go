//go:build !shoutrrr

package sms

import "fmt"

// NewService says that this program was built without services.
func NewService(s Service) (Route, error) {
	return nil, fmt.Errorf("%s: %w", s.Name, ErrNoServices)
}
