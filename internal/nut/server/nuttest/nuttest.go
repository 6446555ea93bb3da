// Package nuttest runs Debian's NUT beside ecnutd, for tests: upsd with a driver
// of ours, and the clients. The programs are those that scripts/nut unpacked
// into bin/nut, never installed ones. Where there are none, the test is skipped.
//
// Nothing of it reaches a UPS: the one driver is a goroutine of the test, and
// what upsmon is to do at the end is what the test says.
package nuttest

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// A NUT is an installation.
type NUT struct {
	// UpsdConf are lines for upsd.conf besides those of Upsd.
	UpsdConf string

	root   string
	env    []string
	loader []string // what starts its programs, where that is not the kernel
}

// Newest finds the newest NUT that Debian serves, as scripts/nut-newest unpacks
// it, or skips the test.
func Newest(t testing.TB) *NUT {
	t.Helper()
	_, module, err := findUp("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(module, "bin/nut-newest")
	if _, err := os.Stat(filepath.Join(root, "ready")); err != nil {
		t.Skip("no newest NUT to compare with: scripts/nut-newest unpacks it into bin/nut-newest, without installing it")
	}
	libs, _ := filepath.Glob(filepath.Join(root, "usr/lib/*-linux-gnu")) // the pattern is right
	loaders, _ := filepath.Glob(filepath.Join(root, "usr/lib*/ld-linux*"))
	if len(libs) == 0 || len(loaders) == 0 {
		t.Fatalf("%s has no C library: remove it and run scripts/nut-newest", root)
	}
	return &NUT{root: root, env: os.Environ(), loader: []string{loaders[0], "--library-path", libs[0]}}
}

// Find finds Debian's NUT, or skips the test.
func Find(t testing.TB) *NUT {
	t.Helper()
	_, module, err := findUp("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(module, "bin/nut")
	if _, err := os.Stat(filepath.Join(root, "lib/nut/upsd")); err != nil {
		t.Skip("no NUT of Debian to compare with: scripts/nut unpacks it into bin/nut, without installing it")
	}
	var dirs []string
	for _, pattern := range []string{"lib/*-linux-gnu*", "usr/lib/*-linux-gnu*"} {
		found, _ := filepath.Glob(filepath.Join(root, pattern)) // the pattern is right
		dirs = append(dirs, found...)
	}
	return &NUT{root: root, env: append(os.Environ(), "LD_LIBRARY_PATH="+strings.Join(dirs, ":"))}
}

// findUp finds the folder above this one that has a file.
func findUp(name string) (path, dir string, err error) {
	dir, err = os.Getwd()
	for err == nil {
		path = filepath.Join(dir, name)
		if _, err := os.Stat(path); err == nil {
			return path, dir, nil
		}
		if dir == filepath.Dir(dir) {
			err = fmt.Errorf("no %s in any folder above", name)
		}
		dir = filepath.Dir(dir)
	}
	return "", "", err
}

// File is a file of the installation, /usr/share/nut/cmdvartab for one.
func (n *NUT) File(path string) string { return filepath.Join(n.root, path) }

// Node is the folder of the packages that scripts/nut has from npm, or the test
// is skipped: there is no node, or no npm to fetch them.
func Node(t testing.TB) (node, modules string) {
	t.Helper()
	_, module, err := findUp("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	node, err = exec.LookPath("node")
	if err != nil {
		t.Skip("no node")
	}
	modules = filepath.Join(module, "bin/node/node_modules")
	if _, err := os.Stat(modules); err != nil {
		t.Skip("no clients in JavaScript: scripts/nut fetches them where npm is there")
	}
	return node, modules
}

// Command is a program of NUT with its folders: "upsc", "upsd", "upsmon".
func (n *NUT) Command(ctx context.Context, dir, name string, args ...string) *exec.Cmd {
	args = append(n.loader[:len(n.loader):len(n.loader)], append([]string{n.program(name)}, args...)...)
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = append(n.env[:len(n.env):len(n.env)], "NUT_CONFPATH="+dir, "NUT_STATEPATH="+dir, "NUT_ALTPIDPATH="+dir, "NUT_QUIET_INIT_SSL=true")
	cmd.Dir = dir
	cmd.WaitDelay = time.Second
	return cmd
}

// program is the path of a program. Those of Debian 12 in sbin are scripts that
// ask for a MODE.
func (n *NUT) program(name string) string {
	for _, dir := range []string{"lib/nut", "usr/lib/nut", "usr/sbin", "usr/bin", "usr/lib/cgi-bin/nut"} {
		path := filepath.Join(n.root, dir, name)
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	if path := filepath.Join(n.root, "sbin", name); name == "upssched" { // which asks for none
		return path
	}
	return filepath.Join(n.root, "bin", name)
}

// Run runs a client to its end and returns what it printed on both outputs.
func (n *NUT) Run(t testing.TB, name string, args ...string) (out, talk string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := n.Command(ctx, t.TempDir(), name, args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	return stdout.String(), stderr.String(), err
}

// Start runs a program until the test ends, and returns what it says.
func (n *NUT) Start(t testing.TB, dir, name string, args ...string) *Output {
	t.Helper()
	out := &Output{}
	cmd := n.Command(t.Context(), dir, name, args...)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // the test ends it
		close(ended)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		<-ended
	})
	return out
}

// Output is what a program has said so far.
type Output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write notes what the program says.
func (o *Output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// A Driver is what upsd knows of a UPS: lines of its driver protocol (SETINFO,
// SETFLAGS, ADDENUM, ADDRANGE, ADDCMD). Without lines there is no driver.
type Driver struct {
	Name, Description string
	Lines             []string
	Stale             bool
}

// Recorded is a driver that says what the real usbhid-ups has said: a file of
// lines of the driver protocol, as internal/vmtest records them. more are lines
// besides.
func Recorded(t testing.TB, name, description, path string, more ...string) Driver {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d := Driver{Name: name, Description: description}
	for line := range strings.Lines(string(raw)) {
		if line = strings.TrimSpace(line); line != "" && line != "DATAOK" && line != "DUMPDONE" {
			d.Lines = append(d.Lines, line)
		}
	}
	d.Lines = append(d.Lines, more...)
	return d
}

// Upsd runs upsd with these UPSs and the text of upsd.users, until the test
// ends, and returns its address.
func (n *NUT) Upsd(t testing.TB, users string, drivers ...Driver) string {
	t.Helper()
	dir := t.TempDir()
	var conf strings.Builder
	for _, d := range drivers {
		fmt.Fprintf(&conf, "[%s]\ndriver = fake\nport = auto\n", d.Name)
		if d.Description != "" {
			fmt.Fprintf(&conf, "desc = %q\n", d.Description)
		}
		if d.Lines != nil {
			d.serve(t, filepath.Join(dir, "fake-"+d.Name))
		}
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	host, port, _ := net.SplitHostPort(address)
	for name, text := range map[string]string{
		"ups.conf": conf.String(), "upsd.users": users, "upsd.conf": fmt.Sprintf("LISTEN %s %s\nMAXCONN 200\n%s", host, port, n.UpsdConf),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	out := n.Start(t, dir, "upsd", "-u", "root", "-F")
	for range 200 {
		if c, err := net.Dial("tcp4", address); err == nil {
			c.Close()
			if strings.Contains(out.String(), "foreground") {
				return address
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("upsd does not answer:\n%s", out)
	return ""
}

// serve is the driver: it answers upsd on a socket, and takes every order.
func (d Driver) serve(t testing.TB, path string) {
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	end := "DATAOK\n"
	if d.Stale {
		end = "DATASTALE\n"
	}
	dump := strings.Join(d.Lines, "\n") + "\n" + end + "DUMPDONE\n"
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go answer(c, dump)
		}
	}()
}

func answer(c net.Conn, dump string) {
	defer c.Close()
	buf := make([]byte, 4096)
	for {
		k, err := c.Read(buf)
		if err != nil {
			return
		}
		for line := range strings.Lines(string(buf[:k])) {
			words := strings.Fields(line)
			switch {
			case len(words) == 0:
				continue
			case words[0] == "DUMPALL":
				_, err = c.Write([]byte(dump))
			case words[0] == "PING":
				_, err = c.Write([]byte("PONG\n"))
			case len(words) > 2 && words[len(words)-2] == "TRACKING":
				_, err = c.Write([]byte("TRACKING " + words[len(words)-1] + " 0\n"))
			}
			if err != nil {
				return
			}
		}
	}
}
