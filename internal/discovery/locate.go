package discovery

import (
	"context"
	"fmt"
	"sync"
	"time"

	"ecnutd/config"
	"ecnutd/hid"
	"ecnutd/hid/hidraw"
	"ecnutd/ups"
)

// A Locator says where one UPS is found, and what happens to it there. Open or
// Follow is set; the other fields may be nil.
type Locator struct {
	Open    Open
	Follow  Follow                     // of a UPS that another host serves
	Changed <-chan struct{}            // a device came or went: looking again is worth it
	Left    func(device hid.Info) bool // whether a device that was open here has gone since
	Leave   func()                     // gives the device up: it has gone, or is not read any more
}

// A Follow follows a UPS that another host serves until ctx ends or the
// connection is lost: then it returns the reason.
type Follow func(ctx context.Context, p Pace, o Observer) error

// An Observer is told what comes of following a UPS, from one goroutine.
type Observer struct {
	Heard   func(ups.Snapshot, ups.Variables) // what the other host says
	Trouble func(error)                       // what goes wrong while the connection stands
	Login   func(error)                       // what came of a login: nil, or why the other host refuses it
}

// A Pace is how often another host is asked.
type Pace struct {
	Poll          time.Duration // on mains
	PollOnBattery time.Duration
	Patience      time.Duration // how long an answer may take
	LoginAgain    time.Duration // after a login that is refused
}

// A Finder gives the blocks of a configuration their Locators. Its Claims keep
// two of them from one device.
type Finder struct {
	src    *Source
	remote func(config.UPS) Locator
	claims *Claims
	hub    *hub
}

// NewFinder makes a finder whose UPS is that of src for every block, where src
// is given. remote locates UPSs that other hosts serve. Until ctx ends the
// finder hears of devices that come and go.
func NewFinder(ctx context.Context, src *Source, remote func(config.UPS) Locator) *Finder {
	return &Finder{src, remote, NewClaims(nil), newHub(ctx, src)}
}

// Locators are those of the blocks of a configuration, by name. They are asked
// for again when the configuration changes; older ones of the same names stay
// good.
func (f *Finder) Locators(blocks []config.UPS) map[string]Locator {
	f.claims.Plan(blocks)
	all := make(map[string]Locator, len(blocks))
	for _, u := range blocks {
		if u.Remote != "" && !f.src.Given() {
			all[u.Name] = f.remote(u)
			continue
		}
		all[u.Name] = Locator{
			Open:    Opener(f.src, f.claims, u),
			Changed: f.hub.listen(u.Name), Left: hidraw.Left,
			Leave: func() { f.claims.Drop(u.Name) },
		}
	}
	return all
}

// Opener opens the UPS that a block of the configuration means, or that of src
// where src is given.
func Opener(src *Source, claims *Claims, u config.UPS) Open {
	return func(ctx context.Context) (hid.Device, Strings, error) {
		if src.Given() {
			return src.Open(ctx)
		}
		if u.Remote != "" {
			return nil, nil, hid.Mark(fmt.Errorf("%s hangs on another host, %s: it is read there, or by the daemon of this host", u.Name, u.Remote), hid.ErrAbsent)
		}
		node := realNode(u.Device)
		if u.Device == config.Auto {
			found, err := candidates()
			if err != nil {
				return nil, nil, err
			}
			if node = claims.choose(u, found); node == "" {
				return nil, nil, NoneAttached()
			}
		} else if !claims.Take(node, u.Name) {
			return nil, nil, hid.Mark(fmt.Errorf("%s is read already, for another UPS of the configuration", node), hid.ErrBusy)
		}
		return openNode(ctx, node, true)
	}
}

// A hub passes "a device came or went" on to every reader.
type hub struct {
	mu      sync.Mutex
	readers map[string]chan struct{} // by UPS
}

func newHub(ctx context.Context, src *Source) *hub {
	h := &hub{readers: make(map[string]chan struct{})}
	if src.Rehearsed() {
		return h
	}
	go func() {
		for range hidraw.Watch(ctx, 0) {
			h.mu.Lock()
			for _, c := range h.readers {
				select {
				case c <- struct{}{}:
				default:
				}
			}
			h.mu.Unlock()
		}
	}()
	return h
}

func (h *hub) listen(name string) <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.readers[name] == nil {
		h.readers[name] = make(chan struct{}, 1)
	}
	return h.readers[name]
}
