package folder

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Roles that the test's program plays as another user: see TestMain.
const (
	listenEnv = "FOLDER_TEST_LISTEN" // listens at this path, and shares it with sharedGroup
	dialEnv   = "FOLDER_TEST_DIAL"   // connects to this path
)

// sharedGroup is a group in which the one who listens is not: it may not give
// anything to it, as the sandbox does not let the daemon.
const sharedGroup = 54329

func playListen(path string) error {
	l, err := net.Listen("unix", path)
	if err != nil {
		return err
	}
	defer l.Close()
	d, err := Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.ShareSocket(filepath.Base(path), 0o660, sharedGroup); err != nil {
		return err
	}
	if _, err := os.Stdout.WriteString("ready\n"); err != nil {
		return err
	}
	time.Sleep(time.Minute)
	return nil
}

func playDial(path string) error {
	conn, err := net.DialTimeout("unix", path, 10*time.Second)
	if err == nil {
		conn.Close()
	}
	return err
}

// TestShareSocket: the members of a group connect to a socket that could not be given
// to it, and nobody else does, not even those of its owner's own group.
func TestShareSocket(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("it takes root to be others")
	}
	top, err := os.MkdirTemp("/dev/shm", "ecnutd-test-") // as /run, where the socket is
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { os.RemoveAll(top) })
	must(t, os.Chown(top, somebody, somebody))
	must(t, os.Chmod(top, 0o755))
	program := filepath.Join(top, "program")
	self, err := os.ReadFile("/proc/self/exe")
	must(t, err)
	must(t, os.WriteFile(program, self, 0o755))
	must(t, os.Chmod(program, 0o755))
	socket := filepath.Join(top, "socket")
	as := func(uid, gid uint32, role string, groups ...uint32) *exec.Cmd {
		cmd := exec.Command(program)
		cmd.Env, cmd.Dir = []string{role + "=" + socket}, "/"
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: gid, Groups: groups}}
		return cmd
	}
	listening := as(somebody, somebody, listenEnv)
	out, err := listening.StdoutPipe()
	must(t, err)
	var said strings.Builder
	listening.Stderr = &said
	must(t, listening.Start())
	t.Cleanup(func() {
		_ = listening.Process.Kill()
		_ = listening.Wait()
	})
	if n, err := out.Read(make([]byte, 8)); n == 0 {
		if strings.Contains(said.String(), "not supported") {
			t.Skip("no access control lists here")
		}
		t.Fatalf("it does not listen: %v %s", err, &said)
	}
	for name, c := range map[string]struct {
		cmd *exec.Cmd
		may bool
	}{
		"a member":                 {as(54330, 54330, dialEnv, sharedGroup), true},
		"a member by its own":      {as(54330, sharedGroup, dialEnv), true},
		"the owner":                {as(somebody, somebody, dialEnv), true},
		"somebody":                 {as(54330, 54330, dialEnv), false},
		"one of the owner's group": {as(54330, somebody, dialEnv), false},
	} {
		err := c.cmd.Run()
		if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		if (err == nil) != c.may {
			t.Errorf("%s: %v", name, err)
		}
	}
}
