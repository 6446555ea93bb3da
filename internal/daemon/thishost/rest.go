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
// pages of its start.
func Rest() {
	var clean []mapping
	if maps, err := os.ReadFile("/proc/self/smaps"); err == nil { // or nothing is lost but the saving
		clean = cleanMappings(maps)
	}
	debug.FreeOSMemory() // it uses pages of the program itself
	for _, m := range clean {
		// An error means that they stay mapped.
		_, _, _ = unix.Syscall(unix.SYS_MADVISE, m.start, m.end-m.start, unix.MADV_DONTNEED)
	}
}

// hugePages says whether the kernel hands out huge pages unasked, as Debian's
// does on machines with 512 MB and more.
const hugePages = "/sys/kernel/mm/transparent_hugepage/enabled"

// SmallPages does without huge pages: of each of 2 MB, for the heap and for the
// stack of every thread that C has begun, a daemon of this size uses a few
// kilobytes and counts all of it. The kernel heeds the wish for memory that is
// touched from then on, so the program starts once more, as the same process;
// the wish outlives that. An error means that it goes on as it is.
func SmallPages() error {
	mode, err := os.ReadFile(hugePages)
	if err != nil || !bytes.Contains(mode, []byte("[always]")) {
		return nil
	}
	if off, err := unix.PrctlRetInt(unix.PR_GET_THP_DISABLE, 0, 0, 0, 0); err != nil || off == 1 {
		return err
	}
	if err := unix.Prctl(unix.PR_SET_THP_DISABLE, 1, 0, 0, 0); err != nil {
		return err
	}
	path, err := os.Executable()
	if err != nil {
		return err
	}
	return unix.Exec(path, os.Args, os.Environ())
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
