package daemon

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	bolt "go.etcd.io/bbolt"

	"ecnutd/internal/daemon/thishost"
	"ecnutd/internal/durable"
	"ecnutd/monitor"
	form "ecnutd/monitor/stored"
	"ecnutd/ups"
)

// storedBoot: testdata/stored/stored-1.json was written by the first release (commit
// 268c37d): by its store.save, in the boot storedBoot, with
// the state outage of monitor/testdata.
const storedBoot = "2f1c9b3e-7d1a-4c55-9b21-6a1f0c2d3e4f"

// putState puts a value where the daemon keeps its state, in a file that nobody has
// open.
func putState(t *testing.T, path string, raw []byte) {
	t.Helper()
	atFile(t, path, func(tx *bolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists(monitorBucket)
		if err != nil {
			return err
		}
		return b.Put(stateKey, raw)
	})
}

// atFile runs a transaction on a file that nobody has open.
func atFile(t *testing.T, path string, f func(*bolt.Tx) error) {
	t.Helper()
	db, err := durable.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(f), db.Close()); err != nil {
		t.Fatal(err)
	}
}

func readStored(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata/stored", name))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestStoredByFirstRelease: what the first release kept is taken up whole, and
// stored in today's form afterwards.
func TestStoredByFirstRelease(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	putState(t, path, readStored(t, "stored-1.json"))
	s := storeAt(path, storedBoot)
	got, ok, err := s.load()
	if err != nil || !ok {
		t.Fatal(err, ok)
	}
	lost := time.Date(2026, 3, 1, 2, 11, 0, 0, time.UTC)
	outages := map[string]outage{
		"left":  {Lost: lost, Lowest: ups.Known(94)},
		"right": {Lost: lost.Add(2 * time.Second), Lowest: ups.Known(88), Off: lost.Add(time.Minute), Reason: "on battery"},
	}
	tests := map[string]selfTest{"left": {Begun: lost.AddDate(0, -1, 0), Tried: lost.AddDate(0, 0, -1), Result: "Done and passed"}}
	if diff := cmp.Diff(outages, got.Outages); diff != "" {
		t.Errorf("outages (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(tests, got.Tests); diff != "" {
		t.Errorf("tests (-want +got):\n%s", diff)
	}
	if len(got.State.Supplies) != 2 || got.State.Supplies[0].OutageAt != monitor.Instant(10*time.Second) || len(got.State.Timers) != 4 {
		t.Errorf("the state is %+v", got.State)
	}
	if err := s.save(got, 1, nothingMore); err != nil {
		t.Fatal(err)
	}
	s.close()
	s = storeAt(path, storedBoot)
	defer s.close()
	again, ok, err := s.load()
	if err != nil || !ok || again.Version != storedVersion {
		t.Fatal(again.Version, err, ok)
	}
	if diff := cmp.Diff(got.State, again.State); diff != "" {
		t.Errorf("(-read +stored and read):\n%s", diff)
	}
}

// TestStoredByNewerRelease: a state of a later release is not read, is told, and
// is still there when this release has stored its own.
func TestStoredByNewerRelease(t *testing.T) {
	for name, raw := range map[string]string{
		"a newer form around it": `{"version":3,"boot":"` + storedBoot + `","state":{"version":2}}`,
		"a newer state in it":    `{"version":2,"boot":"` + storedBoot + `","state":{"version":3,"supplies":"in another way"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "state.db")
			putState(t, path, []byte(raw))
			s := storeAt(path, storedBoot)
			got, ok, err := s.load()
			if ok || err == nil || !strings.Contains(err.Error(), "newer release") || len(got.State.Supplies) > 0 {
				t.Fatalf("got %+v, %v, %v", got, ok, err)
			}
			if err := s.save(stored{State: form.State{State: monitor.State{Forced: "ours"}}}, 1, nothingMore); err != nil {
				t.Fatal(err)
			}
			s.close()
			s = storeAt(path, storedBoot)
			if got, ok, err := s.load(); err != nil || !ok || got.State.Forced != "ours" {
				t.Errorf("what this release stored is %+v, %v", got, err)
			}
			s.close()
			var kept string
			atFile(t, path, func(tx *bolt.Tx) error {
				kept = string(tx.Bucket(monitorBucket).Get(newerKey))
				return nil
			})
			if kept != raw {
				t.Errorf("kept is %q", kept)
			}
		})
	}
}

// TestStoredSum: stored-2.json is the second form as it was written before it had a
// sum, and stored-2-sum.json the same with one, which Python's zlib.crc32 has made.
// Both are read, and of the second no bit may turn.
func TestStoredSum(t *testing.T) {
	plain, raw := readStored(t, "stored-2.json"), readStored(t, "stored-2-sum.json")
	was, err := parseStored(plain)
	if err != nil || was.Boot != storedBoot || len(was.State.Supplies) == 0 {
		t.Fatalf("%+v, %v", was, err)
	}
	got, err := parseStored(raw)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(was, got); diff != "" {
		t.Errorf("(-without +with a sum):\n%s", diff)
	}
	if again := withSum(plain); string(again) != string(raw) {
		t.Errorf("it is written\n%s", again)
	}
	for i := range raw {
		for bit := range 8 {
			raw[i] ^= 1 << bit
			if _, err := parseStored(raw); err == nil {
				t.Fatalf("bit %d of byte %d has turned, and it is taken up: %q", bit, i, raw[:min(len(raw), 60)])
			}
			raw[i] ^= 1 << bit
		}
	}
	for _, cut := range []int{0, 1, 8, 16, len(raw) - 1} {
		if _, err := parseStored(raw[:cut]); err == nil {
			t.Errorf("%d bytes of it are taken up", cut)
		}
	}
}

// storeAt opens a store at a path, as in a boot.
func storeAt(path, boot string) *stateStore {
	log := slog.New(slog.DiscardHandler)
	return openStore(&Outside{Log: log, Boot: boot, Clock: thishost.Clock{}, Disk: thishost.Disk{Log: log}}, path)
}
