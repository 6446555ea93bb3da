package uplink

import (
	"encoding/binary"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// linkState is which interfaces run, by index. The kernel repeats itself: only
// a change counts.
type linkState map[int32]bool

// maxLinks bounds linkState: containers make and remove interfaces for ever.
const maxLinks = 256

// cameUp notes what messages say, and reports whether one of them says that an
// interface began to run, or got an address.
//
// Layout of a body (rtnetlink(7)): for RTM_NEWLINK ifinfomsg {family u8, pad
// u8, type u16, index s32, flags u32, change u32}, for RTM_NEWADDR ifaddrmsg
// {family, prefixlen, flags, scope u8, index u32}.
func (links linkState) cameUp(messages []netlink.Message) bool {
	up := false
	for _, m := range messages {
		kind, body := uint16(m.Header.Type), m.Data
		switch {
		case kind == unix.RTM_NEWADDR && len(body) >= unix.SizeofIfAddrmsg:
			// An address of the host itself or of one link leads nowhere.
			up = up || body[3] < unix.RT_SCOPE_LINK
		case kind == unix.RTM_NEWLINK && len(body) >= unix.SizeofIfInfomsg:
			index := int32(binary.NativeEndian.Uint32(body[4:]))
			flags := binary.NativeEndian.Uint32(body[8:])
			if flags&unix.IFF_LOOPBACK == 0 {
				up = links.note(index, flags&unix.IFF_RUNNING != 0) || up
			}
		case kind == unix.RTM_DELLINK && len(body) >= unix.SizeofIfInfomsg:
			delete(links, int32(binary.NativeEndian.Uint32(body[4:])))
		}
	}
	return up
}

// note remembers whether an interface runs, and reports whether that is new. The
// first that is heard of one counts as new: it may have just come up.
func (links linkState) note(index int32, running bool) bool {
	was := links[index]
	if len(links) >= maxLinks {
		clear(links)
	}
	links[index] = running
	return running && !was
}
