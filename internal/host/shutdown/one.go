package shutdown

import (
	"errors"
	"fmt"

	"ecnutd/internal/host"
)

// OneDaemon makes this process the only daemon for a control socket and for a
// flag, until release; "" is none of them. Two that decide over one host would
// shut it down twice, and one would take the other's flag for rubbish. The
// error wraps host.ErrLocked where there is another daemon. A lock that cannot
// be made, as beside a flag that only root can write, is left out: missing says
// why, and nothing else is wrong then.
func OneDaemon(control, flag string) (release func(), missing, err error) {
	var held []func()
	release = func() {
		for _, give := range held {
			give()
		}
	}
	for _, path := range []string{control, flag} {
		if path == "" {
			continue
		}
		give, err := host.Lock(path + ".lock")
		switch {
		case errors.Is(err, host.ErrLocked):
			release()
			return nil, nil, fmt.Errorf("another daemon watches over this host: %w; stop it first, or give this one another control and power_down_flag", err)
		case err != nil:
			missing = errors.Join(missing, err)
		default:
			held = append(held, give)
		}
	}
	return release, missing, nil
}
