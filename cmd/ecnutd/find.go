package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"strings"
	"sync"

	"ecnutd/config"
	"ecnutd/hid"
	"ecnutd/hid/hidraw"
)

// A spot is where a watcher finds its UPS.
type spot struct {
	open    openFunc
	follow  followFunc      // instead of open, of a UPS that another host serves
	changed <-chan struct{} // a device came or went; nil where nothing tells

	// left tells of a device that was open here whether it has gone since; nil
	// where nothing tells.
	left  func(hid.Info) bool
	leave func() // the UPS has gone from here, or is not watched any more; nil for nothing to do
}

// A finder tells the watchers of a daemon where their UPSs are.
type finder struct {
	src    *source
	claims *claims
	hub    *hub
}

func newFinder(ctx context.Context, src *source) *finder {
	return &finder{src, &claims{held: make(map[string]string)}, newHub(ctx, src)}
}

// find is the spot of the UPS that a block of the configuration means.
func (f *finder) find(u config.UPS) spot {
	if u.Remote != "" && !f.src.given() {
		return farSpot(u)
	}
	return spot{open: opener(f.src, f.claims, u), changed: f.hub.listen(u.Name), left: hidraw.Left, leave: func() { f.claims.drop(u.Name) }}
}

// claims keep two watchers from one device.
type claims struct {
	mu   sync.Mutex
	held map[string]string // node → name of the UPS
}

// take claims a node for a UPS.
func (c *claims) take(node, name string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if owner, taken := c.held[node]; taken && owner != name {
		return false
	}
	maps.DeleteFunc(c.held, func(_, owner string) bool { return owner == name })
	c.held[node] = name
	return true
}

// drop gives up what a UPS has claimed.
func (c *claims) drop(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	maps.DeleteFunc(c.held, func(_, owner string) bool { return owner == name })
}

// opener opens the UPS that a block of the configuration means.
func opener(src *source, claims *claims, u config.UPS) openFunc {
	return func(ctx context.Context) (hid.Device, stringsFunc, error) {
		if src.model != "" || src.replay != "" || src.device != "" {
			return src.Open(ctx)
		}
		if u.Remote != "" {
			return nil, nil, noUPSf("%s hangs on another host, %s: it is read there, or by the daemon of this host", u.Name, u.Remote)
		}
		node := u.Device
		if node == config.Auto {
			found, err := hidraw.Enumerate(func(info hid.Info) bool { return isUPS(info) && matches(u.Match, info) })
			if err != nil {
				return nil, nil, err
			}
			node = ""
			for _, info := range found {
				if claims.take(info.Node, u.Name) {
					node = info.Node
					break
				}
			}
			if node == "" {
				return nil, nil, errNoneAttached
			}
		} else if !claims.take(node, u.Name) {
			return nil, nil, fmt.Errorf("%s is read already, for another UPS of the configuration", node)
		}
		dev, err := hidraw.OpenWait(ctx, node)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, nil, &failure{exitNoUPS, err}
		case err != nil:
			return nil, nil, err
		}
		return dev, stringsOverUSB(dev.Info()), nil
	}
}

// matches tells whether a device is the one that a block of the configuration
// means. An empty field matches all.
func matches(m config.Match, info hid.Info) bool {
	hex := func(want string, id uint16) bool {
		return want == "" || strings.EqualFold(want, fmt.Sprintf("%04x", id))
	}
	return hex(m.Vendor, info.Vendor) && hex(m.Product, info.Product) &&
		strings.HasPrefix(info.Phys, m.Phys) && strings.Contains(strings.ToLower(info.Name), strings.ToLower(m.Model))
}

// A hub passes "a device came or went" on to every watcher.
type hub struct {
	mu      sync.Mutex
	readers map[string]chan struct{} // by UPS
}

func newHub(ctx context.Context, src *source) *hub {
	h := &hub{readers: make(map[string]chan struct{})}
	if src.model != "" || src.replay != "" {
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
