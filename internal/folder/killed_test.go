package folder

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// writerEnv has the test's program write a file for ever, in this folder.
const writerEnv = "FOLDER_TEST_WRITER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(writerEnv); dir != "" {
		for i := byte(0); ; i++ {
			_ = Note(filepath.Join(dir, "x"), bytes.Repeat([]byte{'a' + i%26}, 100_000), 0o644)
		}
	}
	for env, play := range map[string]func(string) error{listenEnv: playListen, dialEnv: playDial} {
		if path := os.Getenv(env); path != "" {
			if err := play(path); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			os.Exit(0)
		}
	}
	os.Exit(m.Run())
}

// TestKilled: whoever is killed while it writes leaves the file of before or the new
// one, whole; kill -9 leaves nothing half done.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	self, err := os.Executable()
	must(t, err)
	for range 20 {
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), writerEnv+"="+dir)
		must(t, cmd.Start())
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
			if _, err := os.Stat(filepath.Join(dir, "x")); err == nil {
				break
			}
			if time.Now().After(deadline) {
				t.Fatal("nothing is written")
			}
		}
		must(t, cmd.Process.Kill())
		_ = cmd.Wait() // it was killed
		text, err := Read(filepath.Join(dir, "x"), 1<<20)
		must(t, err)
		if len(text) != 100_000 || !bytes.Equal(text, bytes.Repeat(text[:1], len(text))) {
			t.Fatalf("%d bytes, from %q to %q", len(text), text[:1], text[len(text)-1:])
		}
		must(t, os.Remove(filepath.Join(dir, "x")))
	}
}
