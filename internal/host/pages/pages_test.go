package pages

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestWithout: the kernel says that this process gets none, and has given it none: the
// heap was mapped after the wish.
func TestWithout(t *testing.T) {
	if off, err := unix.PrctlRetInt(unix.PR_GET_THP_DISABLE, 0, 0, 0, 0); off != 1 || err != nil {
		t.Errorf("huge pages are off: %d, %v", off, err)
	}
	much := make([]byte, 16<<20)
	for i := range much {
		much[i] = 1
	}
	rollup, err := os.ReadFile("/proc/self/smaps_rollup")
	if err != nil {
		t.Skip(err)
	}
	if !strings.Contains(strings.Join(strings.Fields(string(rollup)), " "), "AnonHugePages: 0 kB") {
		t.Errorf("some came all the same:\n%s%d", rollup, much[0])
	}
}
