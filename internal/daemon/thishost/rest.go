package thishost

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	"golang.org/x/sys/unix"
)

// Rest gives memory back that the start or a message needed and the next days
// do not: what was allocated, and the pages of the program that were used. The
// kernel keeps those in its cache and maps them again at a touch; as long as
// they are mapped they count as the daemon's, and three quarters of it were
// pages of its start. From the first time on, memory is collected by need.
func Rest() {
	var clean []mapping
	if maps, err := os.ReadFile("/proc/self/smaps"); err == nil { // or nothing is lost but the saving
		clean = cleanMappings(maps)
	}
	debug.FreeOSMemory() // it uses pages of the program itself
	CollectByNeed()
	for _, m := range clean {
		// An error means that they stay mapped.
		_, _, _ = unix.Syscall(unix.SYS_MADVISE, m.start, m.end-m.start, unix.MADV_DONTNEED)
	}
}

// A mapping is a range of addresses.
type mapping struct{ start, end uintptr }

// cleanMappings finds in the text of /proc/PID/smaps the mappings of files that
// cannot be written to and have no page that differs from the file: dropping
// their pages changes nothing.
func cleanMappings(smaps []byte) []mapping {
	var clean []mapping
	var m mapping
	file := false
	for lines := bufio.NewScanner(bytes.NewReader(smaps)); lines.Scan(); {
		line := lines.Text()
		var perms, offset, device string
		var inode uint64
		var next mapping
		switch n, _ := fmt.Sscanf(line, "%x-%x %s %s %s %d", &next.start, &next.end, &perms, &offset, &device, &inode); {
		case n == 6:
			m, file = next, inode != 0 && (perms == "r-xp" || perms == "r--p")
		case file && strings.Join(strings.Fields(line), " ") == "Anonymous: 0 kB":
			clean = append(clean, m)
		}
	}
	return clean
}
