package install

import (
	"context"
	"errors"
	"time"

	"ecnutd/internal/folder"
	"ecnutd/internal/host"
)

// How long the start of the service waits for the end of NUT, and how often it
// looks. systemd gives a start 90 s.
const (
	nutWait = 60 * time.Second
	nutLook = time.Second
)

// errStillNUT is for the tries after the first, which has told the rest.
var errStillNUT = errors.New("NUT is still at work")

// AwaitNUT fails while look says that NUT is at work: at once the first time,
// so that whoever starts the service reads why, and after a minute when the
// file refused says that it has been refused before.
func AwaitNUT(ctx context.Context, refused string, look func() error) error {
	begun := time.Now()
	for {
		err := look()
		if err == nil {
			_ = folder.Remove(refused) // it may not be there
			return nil
		}
		if _, before := folder.Mode(refused); before != nil {
			return errors.Join(err, folder.Write(refused, nil, 0o644))
		}
		if time.Since(begun) >= nutWait || host.Pause(ctx, nutLook) != nil {
			return errStillNUT
		}
	}
}
