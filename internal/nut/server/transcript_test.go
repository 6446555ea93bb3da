package server

import (
	"bufio"
	"errors"
	"flag"
	"io"
	"net"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ecnutd/internal/nut/server/nuttest"
)

var record = flag.Bool("record", false, "record testdata/transcript.txt anew from Debian's upsd")

const transcriptFile = "testdata/transcript.txt"

// TestTranscript: our answers are those that Debian's upsd 2.8.0 gave, byte for
// byte. testdata/transcript.txt holds them; a request begins with "> ", a line
// of -- is a new connection. A line "< " holds our answer where it differs on
// purpose; docs/network.md names these.
// Descriptions are another matter: upsd has them from a file that it does not
// find where it was only unpacked.
func TestTranscript(t *testing.T) {
	if *record {
		t.Skip("recording")
	}
	_, address := start(t, newFake(), settings(t))
	for _, c := range readTranscript(t) {
		conn := dial(t, address)
		for _, one := range c {
			// The version is ours.
			want := theirVersion.ReplaceAllString(one.theirs, "ecnutd 0.1 - a server of the NUT protocol (RFC 9271)")
			want = strings.Replace(want, ` server.version "2.8.0"`, ` server.version "0.1"`, 1)
			if one.ours != "" {
				want = one.ours
			}
			got := ask(t, conn, one.request)
			if diff := cmp.Diff(blank(want), blank(got)); diff != "" {
				t.Errorf("%s\n%s", one.request, diff)
			}
		}
		conn.Close()
	}
}

var theirVersion = regexp.MustCompile(`Network UPS Tools upsd 2\.8\.0 - http://www\.networkupstools\.org/`)

// TestTranscriptIsTrue: and upsd gives them still.
func TestTranscriptIsTrue(t *testing.T) {
	nut := nuttest.Find(t)
	if version, _, _ := nut.Run(t, "upsd", "-V"); !strings.Contains(version, "upsd 2.8.0") {
		t.Skipf("the transcript is of upsd 2.8.0, and this is another one: %s", version)
	}
	address := nut.Upsd(t, fakeUsers, driver(fakeUPS[0]), nuttest.Driver{Name: "nodesc"}, driver(fakeUPS[2]))
	time.Sleep(200 * time.Millisecond) // until it has read what the drivers say
	var out strings.Builder
	for i, c := range readTranscript(t) {
		if i > 0 {
			out.WriteString("--\n")
		}
		conn := dial(t, address)
		for _, one := range c {
			got := ask(t, conn, one.request)
			out.WriteString("> " + one.request + "\n" + got)
			if one.ours != "" {
				out.WriteString("< " + strings.ReplaceAll(strings.TrimSuffix(one.ours, "\n"), "\n", "\n< ") + "\n")
			}
			if diff := cmp.Diff(blank(one.theirs), blank(got)); diff != "" && !*record {
				t.Errorf("%s\n%s", one.request, diff)
			}
		}
		conn.Close()
	}
	if *record {
		if err := os.WriteFile(transcriptFile, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// blank hides ids, which are made up each time.
func blank(s string) string {
	return regexp.MustCompile(`[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}`).ReplaceAllString(s, "ID")
}

type exchange struct{ request, theirs, ours string }

func readTranscript(t *testing.T) (all [][]exchange) {
	t.Helper()
	raw, err := os.ReadFile(transcriptFile)
	if err != nil {
		t.Fatal(err)
	}
	all = append(all, nil)
	for line := range strings.Lines(string(raw)) {
		last := &all[len(all)-1]
		switch {
		case line == "--\n":
			all = append(all, nil)
		case strings.HasPrefix(line, "> "):
			*last = append(*last, exchange{request: strings.TrimSuffix(line[2:], "\n")})
		case strings.HasPrefix(line, "< "):
			(*last)[len(*last)-1].ours += line[2:]
		default:
			(*last)[len(*last)-1].theirs += line
		}
	}
	return all
}

func dial(t testing.TB, address string) *client {
	t.Helper()
	c, err := net.Dial("tcp4", address)
	if err != nil {
		t.Fatal(err)
	}
	return &client{c, bufio.NewReader(c)}
}

type client struct {
	net.Conn
	r *bufio.Reader
}

// ask sends a request, in which escapes of Go stand for bytes, and returns the
// whole answer. Where none is expected, a number sign and a dash stand behind
// it, and PROTVER is asked to see that nothing came.
func ask(t testing.TB, c *client, request string) (answer string) {
	t.Helper()
	silent := strings.HasSuffix(request, "#-")
	raw, err := strconv.Unquote("`" + strings.TrimSuffix(request, "#-") + "`")
	if err == nil && strings.Contains(raw, `\`) {
		raw, err = strconv.Unquote(`"` + strings.ReplaceAll(raw, `"`, `\"`) + `"`)
	}
	if err != nil {
		t.Fatalf("%s: %v", request, err)
	}
	if _, err := io.WriteString(c, raw+"\n"); err != nil {
		return "(closed)\n"
	}
	if silent {
		return ""
	}
	_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
	for {
		line, err := c.r.ReadString('\n')
		answer += line
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
			return answer + "(closed)\n"
		case err != nil:
			t.Fatalf("%s: no answer: %v", request, err)
		case !strings.HasPrefix(answer, "BEGIN "), strings.HasPrefix(line, "END "):
			return answer
		}
	}
}
