package wake

import (
	"encoding/hex"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// TestSend: the packet of AMD's paper on the Magic Packet: six times FF, and
// sixteen times the address.
func TestSend(t *testing.T) {
	l, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	to := []netip.AddrPort{netip.MustParseAddrPort(l.LocalAddr().String())}
	err = Send(t.Context(), []string{"00:11:22:33:44:55", "nonsense", "66-77-88-99-aa-BB"}, to)
	if err == nil || !strings.Contains(err.Error(), `"nonsense" is not`) {
		t.Error(err)
	}
	_ = l.SetReadDeadline(time.Now().Add(20 * time.Second))
	for _, address := range []string{"001122334455", "66778899aabb"} {
		buf := make([]byte, 200)
		n, _, err := l.ReadFrom(buf)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := hex.EncodeToString(buf[:n]), "ffffffffffff"+strings.Repeat(address, 16); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if err := Send(t.Context(), []string{"00:11:22:33:44:55"}, nil); err == nil {
		t.Error("sent to nobody")
	}
}

func TestLast(t *testing.T) {
	for prefix, want := range map[string]string{"192.0.2.7/24": "192.0.2.255", "10.1.2.3/8": "10.255.255.255", "198.51.100.65/27": "198.51.100.95", "192.0.2.1/31": "192.0.2.1", "192.0.2.1/32": "192.0.2.1"} {
		if got := last(netip.MustParsePrefix(prefix)); got.String() != want {
			t.Errorf("%s: got %s, want %s", prefix, got, want)
		}
	}
}
