package durable

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	bolt "go.etcd.io/bbolt"
)

// The tests of damage keep what the daemon keeps, in its shape: a state, the
// messages that wait, and some that got nowhere long ago and never change. After
// commit n the state says n, and the last messages up to n wait.
const (
	waiting = 40 // how many messages wait
	refused = 12 // and how many got nowhere
)

func state(n int) string { return fmt.Sprintf("state %d %s", n, strings.Repeat("s", 2500)) }

func message(n int) string { return fmt.Sprintf("message %d %s", n, strings.Repeat("m", n%300)) }

func number(n int) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

// commit makes the change from commit n-1 to n.
func commit(d *DB, n int) error {
	return d.Update(func(tx *bolt.Tx) error {
		monitor, err := tx.CreateBucketIfNotExists([]byte("monitor"))
		if err != nil {
			return err
		}
		sms, err := tx.CreateBucketIfNotExists([]byte("sms"))
		if err != nil {
			return err
		}
		queue, err := sms.CreateBucketIfNotExists([]byte("queue"))
		if err != nil {
			return err
		}
		lost, err := sms.CreateBucketIfNotExists([]byte("refused"))
		if err != nil {
			return err
		}
		for i := 0; n == 1 && i < refused; i++ {
			err = errors.Join(err, lost.Put(number(i), Seal([]byte(message(i+250)))))
		}
		return errors.Join(err,
			monitor.Put([]byte("state"), Seal([]byte(state(n)))),
			sms.SetSequence(uint64(n)),
			queue.Put(number(n), Seal([]byte(message(n)))),
			queue.Delete(number(n-waiting)))
	})
}

// A story is what a database says.
type story struct {
	state    int // 0: none
	sequence int
	messages []int
	refused  int
}

// want is the story after commit n.
func want(n int) story {
	s := story{state: n, sequence: n, refused: refused}
	for i := max(1, n-waiting+1); i <= n; i++ {
		s.messages = append(s.messages, i)
	}
	return s
}

func (s story) equal(o story) bool {
	return s.state == o.state && s.sequence == o.sequence && s.refused == o.refused && slices.Equal(s.messages, o.messages)
}

// tell reads a database as its owners do: what is not as it was sealed is nothing.
func tell(d *DB) (s story, err error) {
	err = d.View(func(tx *bolt.Tx) error {
		if b := tx.Bucket([]byte("monitor")); b != nil {
			if v, err := Unseal(b.Get([]byte("state"))); err == nil {
				fmt.Sscanf(string(v), "state %d", &s.state)
				if string(v) != state(s.state) {
					return fmt.Errorf("a state that was never stored: %.40q", v)
				}
			}
		}
		sms := tx.Bucket([]byte("sms"))
		if sms == nil {
			return nil
		}
		s.sequence = int(sms.Sequence())
		if b := sms.Bucket([]byte("queue")); b != nil {
			err := b.ForEach(func(k, v []byte) error {
				text, err := Unseal(v)
				if err != nil || len(k) != 8 {
					return nil
				}
				n := 0
				fmt.Sscanf(string(text), "message %d", &n)
				if string(text) != message(n) {
					return fmt.Errorf("a message that was never stored: %.40q", text)
				}
				s.messages = append(s.messages, n)
				return nil
			})
			if err != nil {
				return err
			}
		}
		if b := sms.Bucket([]byte("refused")); b != nil {
			return b.ForEach(func(_, v []byte) error {
				if _, err := Unseal(v); err == nil {
					s.refused++
				}
				return nil
			})
		}
		return nil
	})
	return s, err
}

// history makes a file of some commits, and returns its bytes after each of the
// last three.
func history(t testing.TB, commits int) (images [3][]byte) {
	path := filepath.Join(t.TempDir(), "db")
	d, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for n := 1; n <= commits; n++ {
		if err := commit(d, n); err != nil {
			t.Fatal(err)
		}
		if at := n - commits + 2; at >= 0 {
			if images[at], err = os.ReadFile(path); err != nil {
				t.Fatal(err)
			}
		}
	}
	return images
}

// commits is how many the damaged files have seen.
const commits = 77

// A harm is one damage to the bytes of a file.
type harm struct {
	name string
	do   func(image []byte)
}

const sector = 512

// harms are every sector zeroed, made junk of, and with what stood there one and
// two commits ago or at first; and bits that flipped anywhere and in the heads of pages.
func harms(images [3][]byte, flips int) []harm {
	var all []harm
	size := len(images[2])
	rng := rand.New(rand.NewPCG(1, 2))
	for at := 0; at < size; at += sector {
		here := func(image []byte) []byte { return image[at : at+sector] }
		all = append(all,
			harm{fmt.Sprintf("sector %d zeroed", at/sector), func(image []byte) { clear(here(image)) }},
			harm{fmt.Sprintf("sector %d junk", at/sector), func(image []byte) {
				for i := range here(image) {
					here(image)[i] = byte(rng.Uint32())
				}
			}})
		for age := range 2 {
			old := images[1-age]
			if at+sector <= len(old) {
				all = append(all, harm{fmt.Sprintf("sector %d of %d commits ago", at/sector, age+1), func(image []byte) { copy(here(image), old[at:]) }})
			}
		}
	}
	// A page that was never written keeps all of what stood there.
	for at := 0; at+4096 <= size; at += 4096 {
		for age := range 2 {
			old := images[1-age]
			if at+4096 <= len(old) {
				all = append(all, harm{fmt.Sprintf("page %d of %d commits ago", at/4096, age+1), func(image []byte) { copy(image[at:at+4096], old[at:]) }})
			}
		}
	}
	for range flips {
		at, bit := rng.IntN(size), byte(1)<<rng.IntN(8)
		head := rng.IntN(size/4096)*4096 + rng.IntN(64)
		all = append(all,
			harm{fmt.Sprintf("bit %d of byte %d flipped", bit, at), func(image []byte) { image[at] ^= bit }},
			harm{fmt.Sprintf("bit %d of byte %d flipped", bit, head), func(image []byte) { image[head] ^= bit }})
	}
	return all
}

// judge holds what a file says against what it said before the damage. An outcome
// that is not fit is an error.
func judge(got story, r *Recovery, rootIsOld bool) (outcome string, err error) {
	switch {
	case r == nil && got.equal(want(commits)):
		return "nothing happened", nil
	case r == nil && rootIsOld && got.equal(want(commits-1)):
		return "an older root in its place: the commit before", nil
	case r == nil:
		return "", fmt.Errorf("nothing was told, and it says %+v", got)
	case got.equal(want(commits)) && len(r.Damaged) == 0 && !r.Older:
		return "told, nothing lost", nil
	case got.equal(want(commits-1)) && len(r.Damaged) == 0 && r.MaybeOlder:
		return "the last root lost: the commit before", nil
	case got.equal(want(commits-1)) && len(r.Damaged) == 0 && r.Older:
		return "the commit before, whole", nil
	case len(r.Damaged) == 0:
		return "", fmt.Errorf("%s; and it says %+v", r, got)
	}
	// What is not named is of one commit.
	all := want(commits)
	if r.Older {
		all = want(commits - 1)
	}
	if !r.Lost("monitor") && got.state != all.state {
		return "", fmt.Errorf("%s; and the state is %d", r, got.state)
	}
	if !r.Lost("sms/queue") && !slices.Equal(got.messages, all.messages) {
		return "", fmt.Errorf("%s; and the messages are %v", r, got.messages)
	}
	if !r.Lost("sms/refused") && got.refused != all.refused {
		return "", fmt.Errorf("%s; and %d are refused", r, got.refused)
	}
	return fmt.Sprintf("told: lost of %v", r.Damaged), nil
}

// rootIsOld reports whether a damage put an older root, valid as any, in the place
// of the newest. Nothing in the file says that there was another one.
func rootIsOld(before, after []byte) bool {
	was, _ := metas(bytes.NewReader(before))
	is, _ := metas(bytes.NewReader(after))
	return len(is) == 2 && is[0].tx < was[0].tx
}

// fastDir is a folder in memory where there is one: thousands of files are synced
// in it.
func fastDir(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "durable")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// TestDamageAtOpen damages a file in every way of harms before it is opened. It
// opens, says what was kept, takes the next commit, and is whole after it.
func TestDamageAtOpen(t *testing.T) {
	images := history(t, commits)
	outcomes := make(map[string]int)
	dir := fastDir(t)
	for i, h := range harms(images, 300) {
		path := filepath.Join(dir, fmt.Sprint(i), "db")
		os.Mkdir(filepath.Dir(path), 0o700)
		image := slices.Clone(images[2])
		h.do(image)
		if err := os.WriteFile(path, image, 0o600); err != nil {
			t.Fatal(err)
		}
		d, err := Open(t.Context(), path)
		if err != nil {
			t.Errorf("%s: %v", h.name, err)
			continue
		}
		r, _ := d.Recovery()
		got, err := tell(d)
		if err != nil {
			t.Errorf("%s: %v", h.name, err)
		}
		outcome, err := judge(got, r, rootIsOld(images[2], image))
		if err != nil {
			t.Errorf("%s: %v", h.name, err)
		}
		outcomes[outcome]++
		if r != nil {
			if aside, err := os.ReadFile(r.Aside); err != nil || !slices.Equal(aside, image) {
				t.Errorf("%s: the damaged file is not what was set aside (%v)", h.name, err)
			}
		}
		goesOn(t, h.name, d, path)
		os.RemoveAll(filepath.Dir(path))
	}
	for outcome, n := range outcomes {
		t.Logf("%5d %s", n, outcome)
	}
}

// TestDamageWhileOpen damages a file that is open, and has been written to.
func TestDamageWhileOpen(t *testing.T) {
	images := history(t, commits)
	outcomes := make(map[string]int)
	dir := fastDir(t)
	for i, h := range harms(images, 300) {
		path := filepath.Join(dir, fmt.Sprint(i), "db")
		os.Mkdir(filepath.Dir(path), 0o700)
		if err := os.WriteFile(path, images[1], 0o600); err != nil {
			t.Fatal(err)
		}
		d, err := Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		if err := commit(d, commits); err != nil {
			t.Fatal(err)
		}
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		image := slices.Clone(before)
		h.do(image)
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteAt(image, 0); err != nil {
			t.Fatal(err)
		}
		f.Close()
		got, err := tell(d)
		if err != nil {
			t.Errorf("%s: %v", h.name, err)
		}
		r, _ := d.Recovery()
		outcome, err := judge(got, r, false)
		if err != nil {
			t.Errorf("%s: %v", h.name, err)
		}
		outcomes[outcome]++
		goesOn(t, h.name, d, path)
		os.RemoveAll(filepath.Dir(path))
	}
	for outcome, n := range outcomes {
		t.Logf("%5d %s", n, outcome)
	}
}

// goesOn stores the next state, as the daemon does, and finds it after a restart.
func goesOn(t *testing.T, name string, d *DB, path string) {
	t.Helper()
	if err := commit(d, commits+1); err != nil {
		t.Errorf("%s: the next commit: %v", name, err)
	}
	d.Close()
	again, err := Open(t.Context(), path)
	if err != nil {
		t.Errorf("%s: the next start: %v", name, err)
		return
	}
	defer again.Close()
	r, _ := again.Recovery()
	if got, err := tell(again); err != nil || r != nil || got.state != commits+1 || !slices.Contains(got.messages, commits+1) {
		t.Errorf("%s: after the next start: %v, %v, %+v", name, err, r, got)
	}
}

// TestCrash: a power cut at any instant of a commit leaves the commit before or the
// new one, and nothing to tell. What a disk may hold then follows from what
// bbolt does: it writes pages that nothing refers to yet, waits for the disk, and
// then writes a root; so any of the sectors of the pages may be new, and the root
// only when all are.
func TestCrash(t *testing.T) {
	dir := fastDir(t)
	path := filepath.Join(dir, "db")
	d, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	rng := rand.New(rand.NewPCG(3, 4))
	var before []byte
	old, new := 0, 0
	for n := 1; n <= commits; n++ {
		if err := commit(d, n); err != nil {
			t.Fatal(err)
		}
		after, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if n > 1 && (n < 12 || n > commits-8) {
			for i, image := range crashes(rng, before, after) {
				got := survivor(t, filepath.Join(dir, fmt.Sprintf("%d.%d", n, i)), image)
				switch {
				case got.equal(want(n - 1)):
					old++
				case got.equal(want(n)):
					new++
				default:
					t.Errorf("commit %d, crash %d: %+v", n, i, got)
				}
			}
		}
		before = after
	}
	t.Logf("%d show the commit before, %d the new one", old, new)
	if old == 0 || new == 0 {
		t.Error("one of the two was never seen")
	}
}

// crashes are files that a power cut may leave between two commits.
func crashes(rng *rand.Rand, before, after []byte) (images [][]byte) {
	grown := append(slices.Clone(before), make([]byte, len(after)-len(before))...)
	var sectors []int
	for at := 2 * 4096; at < len(after); at += sector {
		if !bytes.Equal(grown[at:at+sector], after[at:at+sector]) {
			sectors = append(sectors, at)
		}
	}
	images = append(images, before, grown)
	for range 40 {
		image := slices.Clone(grown)
		for _, at := range sectors {
			if rng.IntN(2) == 0 {
				copy(image[at:at+sector], after[at:])
			}
		}
		images = append(images, image)
	}
	for subset := range 1 << 4 { // of the first two sectors of each root
		image := slices.Clone(after)
		for i, at := range []int{0, sector, 4096, 4096 + sector} {
			if subset>>i&1 == 0 {
				copy(image[at:at+sector], before[at:])
			}
		}
		images = append(images, image)
	}
	return images
}

// survivor opens what a crash left, and goes on with it.
func survivor(t *testing.T, path string, image []byte) story {
	t.Helper()
	defer os.Remove(path)
	if err := os.WriteFile(path, image, 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := Open(t.Context(), path)
	if err != nil {
		t.Error(err)
		return story{}
	}
	defer d.Close()
	got, err := tell(d)
	if r, _ := d.Recovery(); err != nil || r != nil {
		t.Errorf("%v, %v", err, r)
	}
	if err := commit(d, got.state+1); err != nil {
		t.Error(err)
	}
	if next, err := tell(d); err != nil || !next.equal(want(got.state+1)) {
		t.Errorf("after the next commit: %+v, %v", next, err)
	}
	return got
}

// TestInterruptedReplacement: a start that was killed while it replaced a damaged
// file leaves nothing that holds up the next.
func TestInterruptedReplacement(t *testing.T) {
	images := history(t, commits)
	path := filepath.Join(t.TempDir(), "db")
	clear(images[2][2*4096:])
	for name, image := range map[string][]byte{"": images[2], ".new": images[0][:5000], ".broken-20260101T000000Z": nil} {
		if err := os.WriteFile(path+name, image, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	r, _ := d.Recovery()
	if r == nil || !r.Lost("monitor") || !strings.Contains(r.String(), r.Aside) {
		t.Errorf("%v", r)
	}
	goesOn(t, "interrupted", d, path)
	if _, err := os.Stat(path + ".new"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what was left over: %v", err)
	}
}

// TestOfFirstRelease: a file without sums is read as it is, and gets them.
func TestOfFirstRelease(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= 3; n++ {
		err := db.Update(func(tx *bolt.Tx) error {
			b, err := tx.CreateBucketIfNotExists([]byte("b"))
			return errors.Join(err, b.Put([]byte("k"), []byte(fmt.Sprint(n))))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	db.Close()
	for _, want := range []string{"3", "4"} {
		d := open(t, path)
		if r, _ := d.Recovery(); r != nil || get(t, d) != want {
			t.Errorf("%v, %q", r, get(t, d))
		}
		if err := put(d, "4"); err != nil {
			t.Error(err)
		}
		d.Close()
	}
}

// FuzzInspect changes bytes of a file. Whatever comes of it is read without a
// crash; and what is found whole bbolt's own check finds whole as well.
func FuzzInspect(f *testing.F) {
	images := history(f, 9)
	f.Add(uint32(0), []byte{0}, uint32(0), []byte{0})
	for _, at := range []uint32{0, 4096, 8192, 12288, 16384, 20480, 24576} {
		f.Add(at+8, []byte{1, 0, 2, 0}, at+16, []byte{0xff, 0xff, 0xff, 0x7f})
	}
	path := filepath.Join(f.TempDir(), "db")
	f.Fuzz(func(t *testing.T, at uint32, with []byte, at2 uint32, with2 []byte) {
		image := slices.Clone(images[2])
		copy(image[int(at)%len(image):], with)
		copy(image[int(at2)%len(image):], with2)
		found := inspect(bytes.NewReader(image), int64(len(image)))
		if found.top == nil || found.fault != nil {
			return
		}
		if err := os.WriteFile(path, image, 0o600); err != nil {
			t.Fatal(err)
		}
		db, err := bolt.Open(path, 0o600, &bolt.Options{NoSync: true})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		db.View(func(tx *bolt.Tx) error {
			for err := range tx.Check() {
				// A free page that no list names is lost, and harms nobody.
				if !strings.Contains(err.Error(), "unreachable unfreed") {
					t.Error(err)
				}
			}
			return nil
		})
	})
}

// FuzzInspectAny reads a file of any bytes at all.
func FuzzInspectAny(f *testing.F) {
	images := history(f, 2)
	f.Add(images[2])
	f.Add(images[2][:8192])
	f.Fuzz(func(_ *testing.T, image []byte) {
		inspect(bytes.NewReader(image), int64(len(image)))
	})
}

// A badDisk cannot read one page of a file.
type badDisk struct {
	*bytes.Reader
	page int64
}

func (d badDisk) ReadAt(p []byte, off int64) (int, error) {
	if off < (d.page+1)*4096 && off+int64(len(p)) > d.page*4096 {
		return 0, syscall.EIO
	}
	return d.Reader.ReadAt(p, off)
}

// TestUnreadable: a page that the disk does not give is damage as any other.
func TestUnreadable(t *testing.T) {
	images := history(t, commits)
	pages := int64(len(images[2]) / 4096)
	noticed := 0
	for page := range pages {
		found := inspect(badDisk{bytes.NewReader(images[2]), page}, int64(len(images[2])))
		if found.fault == nil {
			continue // nothing is there that anybody needs
		}
		noticed++
		if len(found.damaged) == 0 && found.older != notOlder && found.tx < commits-1 {
			t.Errorf("page %d: %+v", page, found)
		}
		if slices.Contains(found.damaged, "") {
			t.Errorf("page %d: all is lost: %v", page, found.fault)
		}
	}
	if noticed < 4 { // both roots, the last tree and the list of free pages
		t.Errorf("%d of %d pages were noticed", noticed, pages)
	}
}
