package thishost

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestCollectByNeed runs in a process of its own, which the settings are of. A heap that
// does not grow is not collected, what is thrown away is, and a heap that has grown to
// ten times its size is not collected more often than it was thrown away by its size.
func TestCollectByNeed(t *testing.T) {
	if os.Getenv("ECNUTD_TEST_COLLECT") == "" {
		again := exec.Command(os.Args[0], "-test.run", "^TestCollectByNeed$", "-test.v")
		again.Env = append(os.Environ(), "ECNUTD_TEST_COLLECT=1")
		if out, err := again.CombinedOutput(); err != nil || !strings.Contains(string(out), "collections:") {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	runtime.GC()
	CollectByNeed()
	count := func() uint32 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.NumGC
	}
	inUse := func() uint64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := inUse()
	var sink []byte
	throwAway := func(bytes int) (collections uint32) {
		n := count()
		for range bytes / 1024 {
			sink = make([]byte, 1024)
			if len(sink)%4096 == 0 {
				runtime.Gosched() // to the finalizer
			}
		}
		time.Sleep(10 * time.Millisecond)
		return count() - n
	}
	little := throwAway(100 << 10)
	much := throwAway(50 << 20)
	grown := inUse()
	var kept [][]byte
	for range 20 << 10 {
		kept = append(kept, make([]byte, 1024))
	}
	n := throwAway(60 << 20)
	fmt.Printf("collections: %d, %d, %d; in use %d, %d KB\n", little, much, n, before>>10, grown>>10)
	if little > 0 {
		t.Errorf("%d collections for 100 KB", little)
	}
	// 512 KB and more at a time, of 50 MB.
	if much < 3 || much > 120 {
		t.Errorf("%d collections for 50 MB", much)
	}
	if grown > before+25<<20 { // a busy machine collects late
		t.Errorf("in use are %d KB, and were %d", grown>>10, before>>10)
	}
	// 20 MB are kept, so that 60 MB are thrown away in some three times.
	if n > 12 {
		t.Errorf("%d collections for 60 MB beside 20 MB", n)
	}
	runtime.KeepAlive(kept)
	runtime.KeepAlive(sink)
}
