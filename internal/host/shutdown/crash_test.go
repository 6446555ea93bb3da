package shutdown

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A change is something that happened to a name in a folder.
type change struct {
	name string
	mask uint32
}

// traced records what a write does to the names of a folder, as the kernel tells it.
func traced(t *testing.T, dir string, write func()) (changes []change) {
	t.Helper()
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if _, err := unix.InotifyAddWatch(fd, dir, unix.IN_CREATE|unix.IN_MODIFY|unix.IN_DELETE|unix.IN_MOVED_FROM|unix.IN_MOVED_TO); err != nil {
		t.Fatal(err)
	}
	write()
	buf := make([]byte, 1<<16)
	n, err := unix.Read(fd, buf)
	if err != nil {
		t.Fatal(err)
	}
	for b := buf[:n]; len(b) > 0; { // wd, mask, cookie, length of the name, name
		size := binary.NativeEndian.Uint32(b[12:])
		name := string(bytes.TrimRight(b[16:16+size], "\x00"))
		changes = append(changes, change{name, binary.NativeEndian.Uint32(b[4:])})
		b = b[16+size:]
	}
	return changes
}

// A survivor is a place that survives a power cut at any instant, by what it holds.
type survivor struct {
	name  string
	write func(dir string, n int) error     // the nth content
	read  func(dir string) (n int, ok bool) // which content stands there; ok is false for none
	junk  func(dir string) (what string)    // what else is made of the files there; "" for nothing
}

const crashBoot = "0f1e2d3c-0000-4000-8000-000000000001"

func survivors() []survivor {
	numbers := []string{"the first reason", "the second reason, which is longer: " + strings.Repeat("r", 3*512)}
	of := func(reason string) (int, bool) { i := slices.Index(numbers, reason); return i, i >= 0 }
	return []survivor{
		{"the flag", func(dir string, n int) error {
			return Place{Flag: filepath.Join(dir, "killpower")}.Write(Flag{Boot: crashBoot, Reason: numbers[n]})
		}, func(dir string) (int, bool) {
			found := ReadFlag(filepath.Join(dir, "killpower"), crashBoot)
			if found.State == FlagAbsent {
				return 0, false
			}
			return of(found.Flag.Reason)
		}, func(dir string) string {
			if found := ReadFlag(filepath.Join(dir, "killpower"), crashBoot); found.State == FlagForeign {
				return found.Why
			}
			return ""
		}},
		{"the record", func(dir string, n int) error {
			return Record{Boot: crashBoot, Reason: numbers[n], Pending: true}.Keep(dir)
		}, func(dir string) (int, bool) {
			r, err := LastRecord(dir)
			if err != nil || r == nil {
				return 0, false
			}
			return of(r.Reason)
		}, func(dir string) string {
			if _, err := LastRecord(dir); err != nil {
				return err.Error()
			}
			return ""
		}},
	}
}

// TestCrashOfFlagAndRecord: a power cut at any instant of a write leaves what stood
// there before or what is written, whole. The kernel tells what the write does:
// the name itself is touched by the rename alone, and what is written beside it may
// be there by any of its sectors.
func TestCrashOfFlagAndRecord(t *testing.T) {
	for _, s := range survivors() {
		for _, before := range []int{-1, 0} {
			dir := t.TempDir()
			if before >= 0 {
				if err := s.write(dir, before); err != nil {
					t.Fatal(err)
				}
			}
			old := folderOf(t, dir)
			changes := traced(t, dir, func() {
				if err := s.write(dir, 1); err != nil {
					t.Fatal(err)
				}
			})
			fresh := folderOf(t, dir)
			beside := ""
			renamed := 0
			for _, c := range changes {
				_, final := fresh[c.name]
				switch {
				case final && c.mask&unix.IN_MOVED_TO != 0:
					renamed++
				case final:
					t.Errorf("%s: %s is touched in its place (%#x): a power cut leaves half of it", s.name, c.name, c.mask)
				case c.mask&unix.IN_CREATE != 0:
					beside = c.name
				}
			}
			if renamed != 1 || beside == "" {
				t.Fatalf("%s: %d renames, and %q is written beside it: %v", s.name, renamed, beside, changes)
			}
			images := 0
			for _, content := range fresh {
				for _, half := range halves(content) {
					image := t.TempDir()
					lay(t, image, old)
					lay(t, image, map[string][]byte{beside: half})
					n, ok := s.read(image)
					if what := s.junk(image); what != "" || ok != (before >= 0) || ok && n != before {
						t.Errorf("%s, %d bytes beside: it says %d, %v %s", s.name, len(half), n, ok, what)
					}
					if err := s.write(image, 1); err != nil {
						t.Errorf("%s: the next write: %v", s.name, err)
					}
					if n, ok := s.read(image); !ok || n != 1 {
						t.Errorf("%s: after the next write it says %d, %v", s.name, n, ok)
					}
					images++
				}
			}
			if images < 8 {
				t.Errorf("%s: %d images", s.name, images)
			}
		}
	}
}

// halves are what a disk may hold of a file that was being written: any of its first
// sectors, the others zeros, or the file cut short.
func halves(content []byte) (list [][]byte) {
	const sector = 512
	for at := 0; at <= len(content); at += sector {
		list = append(list, content[:at])
	}
	sectors := (len(content) + sector - 1) / sector
	for subset := range 1 << min(sectors, 4) {
		half := make([]byte, len(content))
		for i := range min(sectors, 4) {
			if subset>>i&1 == 1 {
				copy(half[i*sector:min((i+1)*sector, len(half))], content[i*sector:])
			}
		}
		list = append(list, half)
	}
	return list
}

func folderOf(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := make(map[string][]byte)
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		raw, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name()] = raw
	}
	return files
}

func lay(t *testing.T, dir string, files map[string][]byte) {
	t.Helper()
	for name, raw := range files {
		if err := os.WriteFile(filepath.Join(dir, name), raw, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
