package password

import (
	"errors"
	"fmt"
)

// longest is what bcrypt takes, in bytes.
const longest = 72

// Usable refuses what could not be sent over the protocol of NUT, whose requests
// are printable ASCII, or not be hashed.
func Usable(password string) error {
	switch {
	case password == "":
		return errors.New("the password is empty")
	case len(password) > longest:
		return fmt.Errorf("the password has more than %d characters", longest)
	case !Sendable(password):
		return errors.New("the password has characters beyond ASCII, which the clients of NUT cannot send")
	}
	return nil
}
