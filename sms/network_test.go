package sms

import (
	"encoding/hex"
	"os/exec"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"
)

// datagram puts messages together by hand, on a little-endian host.
func datagram(t *testing.T, messages ...string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(strings.Join(messages, ""), " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Messages as rtnetlink(7) lays them out: length, type (16 = RTM_NEWLINK,
// 17 = RTM_DELLINK, 20 = RTM_NEWADDR), then the body.
const (
	eth0Up    = "20000000 1000 0000 00000000 00000000 0000 0100 02000000 43100100 ffffffff" // IFF_RUNNING = 0x40
	eth0Down  = "20000000 1000 0000 00000000 00000000 0000 0100 02000000 03100000 ffffffff"
	eth0Gone  = "20000000 1100 0000 00000000 00000000 0000 0100 02000000 02100000 ffffffff"
	loUp      = "20000000 1000 0000 00000000 00000000 0000 0403 01000000 49000100 ffffffff" // IFF_LOOPBACK = 8
	address   = "18000000 1400 0000 00000000 00000000 02 18 80 00 02000000"
	linkLocal = "18000000 1400 0000 00000000 00000000 0a 40 80 fd 02000000" // scope 253
)

// TestCameUp: only what is new counts.
func TestCameUp(t *testing.T) {
	links := make(linkState)
	for i, c := range []struct {
		messages []string
		want     bool
	}{
		{[]string{loUp}, false},
		{[]string{eth0Down}, false},
		{[]string{eth0Up}, true},
		{[]string{eth0Up}, false}, // the kernel repeats itself
		{[]string{eth0Down}, false},
		{[]string{loUp, eth0Up}, true},
		{[]string{eth0Gone}, false},
		{[]string{eth0Up}, true},
		{[]string{linkLocal}, false},
		{[]string{linkLocal, address}, true},
		{[]string{address[:30]}, false},
		{[]string{"ffffffff" + address[8:]}, false},
		{[]string{"00000000" + address[8:]}, false},
		{nil, false},
	} {
		if got := links.cameUp(datagram(t, c.messages...)); got != c.want {
			t.Errorf("datagram %d: %t", i, got)
		}
	}
}

func FuzzCameUp(f *testing.F) {
	for _, m := range []string{eth0Up, eth0Gone, address} {
		b, _ := hex.DecodeString(strings.ReplaceAll(m, " ", ""))
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		links := make(linkState)
		links.cameUp(b)
		if len(links) > maxLinks {
			t.Fatalf("%d links", len(links))
		}
	})
}

// TestWatchNetwork gives a real interface an address, in a network of its own; it needs
// the right to.
func TestWatchNetwork(t *testing.T) {
	runtime.LockOSThread() // and never unlocked: the thread ends with its network
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		t.Skipf("no right to a network of one's own: %v", err)
	}
	up := WatchNetwork(t.Context())
	// The kernel may have no other kind of interface: an address for the host
	// and for others on the loopback counts as well.
	if out, err := exec.Command("ip", "address", "add", "192.0.2.1/32", "dev", "lo").CombinedOutput(); err != nil {
		t.Skipf("no address can be given here: %v %s", err, out)
	}
	select {
	case <-up:
	case <-time.After(10 * time.Second):
		t.Error("an address came, and nothing was told")
	}
}

// TestHeartbeatRhythm is in virtual time: the address cannot be reached, and
// each signal that is due fails, but for those while not all was well. The
// failure is told once.
func TestHeartbeatRhythm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var failures, asked atomic.Int32
		var well atomic.Bool
		h, err := NewHeartbeat(Heartbeat{
			URL: NewSecret("https://127.0.0.1/"), Every: time.Minute, CAFile: "/nonexistent",
			Well: func() bool {
				if well.Load() {
					asked.Add(1)
				}
				return well.Load()
			},
			Failed: func(error) { failures.Add(1) },
		})
		if err != nil {
			t.Fatal(err)
		}
		go h.Run(t.Context())
		time.Sleep(12 * time.Second)
		well.Store(true)
		time.Sleep(3*time.Minute + unwellPause) // 20 s, 1 m 20 s, 2 m 20 s, 3 m 20 s
		synctest.Wait()
		if n := asked.Load(); n != 4 {
			t.Errorf("%d signals in three minutes, want 4", n)
		}
		if n := failures.Load(); n != 1 {
			t.Errorf("the failure was told %d times", n)
		}
		well.Store(false)
		time.Sleep(time.Hour)
		synctest.Wait()
		if n := asked.Load(); n != 4 {
			t.Errorf("%d signals while not all was well", n-4)
		}
	})
}
