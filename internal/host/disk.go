package host

import (
	"fmt"
	"time"
)

// Within does what waits for a disk, and goes on without it when its time is over.
func Within(limit time.Duration, write func() error) error {
	done := make(chan error, 1)
	go func() { done <- write() }()
	select {
	case err := <-done:
		return err
	case <-time.After(limit):
		return fmt.Errorf("the disk has not answered for %s", limit)
	}
}
