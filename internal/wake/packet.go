package wake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"ecnutd/internal/address"
)

// Port is the port that packets go to. Nobody listens on it (discard): a card
// looks for the packet wherever it stands.
const Port = 9

// Packet is what wakes the card with an address of six bytes: six bytes of ones
// and the address sixteen times.
func Packet(card net.HardwareAddr) []byte {
	return append(bytes.Repeat([]byte{0xff}, 6), bytes.Repeat(card, 16)...)
}

// Broadcasts are the addresses that reach all hosts of the networks of this one:
// of each IPv4 network of an interface that is up and can broadcast the last.
func Broadcasts() ([]netip.AddrPort, error) {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	var all []netip.AddrPort
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagBroadcast == 0 {
			continue
		}
		addresses, err := i.Addrs()
		if err != nil {
			continue // it has gone meanwhile
		}
		for _, a := range addresses {
			if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Is4() {
				all = append(all, netip.AddrPortFrom(last(p), Port))
			}
		}
	}
	return all, nil
}

// last is the last address of an IPv4 network.
func last(p netip.Prefix) netip.Addr {
	a := p.Addr().As4()
	for bit := p.Bits(); bit < 32; bit++ {
		a[bit/8] |= 0x80 >> (bit % 8)
	}
	return netip.AddrFrom4(a)
}

// Send sends a packet for each card to each address. The error names what could
// not be sent; the rest was.
func Send(ctx context.Context, cards []string, to []netip.AddrPort) error {
	if len(to) == 0 {
		return errors.New("this host is on no network that has broadcasts")
	}
	conn, err := new(net.ListenConfig).ListenPacket(ctx, "udp4", ":0")
	if err != nil {
		return err
	}
	defer conn.Close()
	var errs []error
	for _, card := range cards {
		target, err := address.ParseCard(card)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for _, a := range to {
			if _, err := conn.WriteTo(Packet(target), net.UDPAddrFromAddrPort(a)); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", card, err))
			}
		}
	}
	return errors.Join(errs...)
}
