package discovery

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"ecnutd/config"
	"ecnutd/hid"
)

// Claims keep two readers from one device, and decide which block of the
// configuration gets which device.
//
// A block with a path gets that device, and no other block does. A device that
// is looked for goes to the first block that means it and has none: blocks
// with a match come before those without, which mean any UPS, and the order of
// the file decides among the others. That does not depend on who asks first.
type Claims struct {
	mu     sync.Mutex
	blocks []config.UPS      // in the order in which they choose
	held   map[string]string // node → name of the UPS
}

// NewClaims begins with nothing held, for the blocks of a configuration.
func NewClaims(blocks []config.UPS) *Claims {
	c := &Claims{held: make(map[string]string)}
	c.Plan(blocks)
	return c
}

// Plan takes over the blocks of a configuration, in the order of its file. What
// is held stays held.
func (c *Claims) Plan(blocks []config.UPS) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.blocks = slices.Clone(blocks)
	slices.SortStableFunc(c.blocks, func(a, b config.UPS) int { return Narrow(b.Match) - Narrow(a.Match) })
}

// Take claims a node for a UPS; false where another one holds it. What the UPS
// held before is given up.
func (c *Claims) Take(node, name string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.take(node, name)
}

func (c *Claims) take(node, name string) bool {
	if owner, taken := c.held[node]; taken && owner != name {
		return false
	}
	maps.DeleteFunc(c.held, func(_, owner string) bool { return owner == name })
	c.held[node] = name
	return true
}

// Drop gives up what a UPS has claimed.
func (c *Claims) Drop(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	maps.DeleteFunc(c.held, func(_, owner string) bool { return owner == name })
}

// choose claims for a block that looks for its UPS one of the devices found; ""
// where there is none for it.
func (c *Claims) choose(u config.UPS, found []hid.Info) (node string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	node = c.share(found)[u.Name]
	if node != "" && !c.take(node, u.Name) {
		return ""
	}
	return node
}

// share gives each block that looks for its UPS the device that it has, or
// will have.
func (c *Claims) share(found []hid.Info) map[string]string {
	taken := maps.Clone(c.held)
	got := make(map[string]string)
	for _, b := range c.blocks {
		if b.Remote == "" && b.Device != config.Auto {
			taken[realNode(b.Device)] = b.Name
		}
	}
	for _, info := range found {
		if name := c.held[info.Node]; name != "" {
			got[name] = info.Node
		}
	}
	for _, b := range c.blocks {
		if b.Remote != "" || b.Device != config.Auto || got[b.Name] != "" {
			continue
		}
		for _, info := range found {
			if _, gone := taken[info.Node]; !gone && MeansBlock(b, info) {
				got[b.Name], taken[info.Node] = info.Node, b.Name
				break
			}
		}
	}
	return got
}

// realNode is the node that a path leads to, through symbolic links.
func realNode(path string) string {
	if to, err := filepath.EvalSymlinks(path); err == nil {
		return to
	}
	return path
}

// Matches reports whether a device is one that a match of the configuration
// means. An empty field means any.
func Matches(m config.Match, info hid.Info) bool {
	hex := func(want string, id uint16) bool {
		return want == "" || strings.EqualFold(want, fmt.Sprintf("%04x", id))
	}
	return hex(m.Vendor, info.Vendor) && hex(m.Product, info.Product) &&
		strings.HasPrefix(info.Phys, m.Phys) && strings.Contains(strings.ToLower(info.Name), strings.ToLower(m.Model))
}

// Narrow counts what a match asks for.
func Narrow(m config.Match) (n int) {
	for _, s := range []string{m.Vendor, m.Product, m.Phys, m.Model} {
		if s != "" {
			n++
		}
	}
	return n
}
