package server

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
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

var record = flag.Bool("record", false, "record the transcripts in testdata anew from the newest upsd")

// A transcript is conversations with upsd. Its file holds the answers that upsd
// gave: the first line says which upsd it was and when; a request begins with
// "> ", a line of -- is a new connection. A line "< " holds our answer where it
// differs on purpose; docs/network.md names these. scripts/nut-transcript
// records them.
type transcript struct {
	file  string
	users string // upsd.users
	// upsd has these drivers; ours has fakeUPS, whose first has their names.
	drivers func(testing.TB) []nuttest.Driver
}

var transcripts = []transcript{
	{"testdata/transcript.txt", fakeUsers, drivers},
	// What these send: a Synology as a secondary, and its page about the UPS; a
	// QNAP; HON95's exporter; WinNUT, which ends lines in a way of its own.
	{"testdata/clients.txt", clientUsers, func(t testing.TB) []nuttest.Driver {
		ups := nuttest.Recorded(t, "ups", `Bureau "A"`, stationFile, quotedLine)
		qnap := ups
		qnap.Name = "qnapups"
		return []nuttest.Driver{ups, qnap}
	}},
}

// clientUsers are the users that cannot be changed on a NAS.
const clientUsers = `
[monuser]
	password = secret
	upsmon secondary
[admin]
	password = 123456
	upsmon secondary
`

// usersOf are the users of upsd.users.
func usersOf(t testing.TB, text string) []User {
	t.Helper()
	if text == fakeUsers {
		return users(t)
	}
	var list []User
	for name, word := range map[string]string{"monuser": "secret", "admin": "123456"} {
		u, err := NewUser(name, word, Secondary, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, u)
	}
	return list
}

// TestTranscript: our answers are those that upsd gave, byte for byte, about the
// same UPS. Descriptions are another matter: upsd has them from a file that it
// does not find where it was only unpacked.
func TestTranscript(t *testing.T) {
	if *record {
		t.Skip("recording")
	}
	for _, script := range transcripts {
		s := settings(t)
		s.Users = usersOf(t, script.users)
		_, address := start(t, newFake(), s)
		_, conversations := readTranscript(t, script.file)
		for _, c := range conversations {
			conn := dial(t, address)
			for _, one := range c {
				// Behind the dash stands our own name.
				want := theirAddress.ReplaceAllString(one.theirs, "upsd 2.8.5 - ecnutd 0.1 (RFC 9271)")
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
}

var theirAddress = regexp.MustCompile(`upsd 2\.8\.5 - https?://[^ "\n]*`)

// TestTranscriptIsTrue: and upsd gives them still, where it is the one that was
// recorded.
func TestTranscriptIsTrue(t *testing.T) {
	nut := nuttest.Newest(t)
	said, _, _ := nut.Run(t, "upsd", "-V")
	version := regexp.MustCompile(`upsd [0-9.]+`).FindString(said)
	for _, script := range transcripts {
		head, conversations := readTranscript(t, script.file)
		if !*record && (version == "" || !strings.Contains(head, version+",")) {
			t.Skipf("the transcript is another upsd's (%s), and this is %s", head, version)
		}
		drivers := script.drivers(t)
		address := nut.Upsd(t, script.users, drivers...)
		waitForData(t, address, drivers...)
		var out strings.Builder
		fmt.Fprintf(&out, "# %s, %s\n", version, time.Now().UTC().Format(time.DateOnly))
		for i, c := range conversations {
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
			if err := os.WriteFile(script.file, []byte(out.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// waitForData waits until upsd has read what its drivers say.
func waitForData(t testing.TB, address string, drivers ...nuttest.Driver) {
	t.Helper()
	for _, d := range drivers {
		if d.Lines == nil {
			continue
		}
		eventually(t, "upsd has the data of its drivers", func() bool {
			c := dial(t, address)
			defer c.Close()
			got := ask(t, c, "GET VAR "+d.Name+" ups.status")
			return strings.HasPrefix(got, "VAR") || d.Stale && strings.HasPrefix(got, "ERR DATA-STALE")
		})
	}
}

// blank hides ids, which are made up each time.
func blank(s string) string {
	return regexp.MustCompile(`[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}`).ReplaceAllString(s, "ID")
}

type exchange struct{ request, theirs, ours string }

func readTranscript(t *testing.T, file string) (head string, all [][]exchange) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	all = append(all, nil)
	for line := range strings.Lines(string(raw)) {
		last := &all[len(all)-1]
		switch {
		case head == "" && strings.HasPrefix(line, "# "):
			head = line
		case line == "--\n":
			all = append(all, nil)
		case strings.HasPrefix(line, "> "):
			*last = append(*last, exchange{request: strings.TrimSuffix(line[2:], "\n")})
		case strings.HasPrefix(line, "< "):
			(*last)[len(*last)-1].ours += line[2:]
		default:
			if len(*last) == 0 {
				t.Fatalf("%s: %q answers no request", file, line)
			}
			(*last)[len(*last)-1].theirs += line
		}
	}
	return head, all
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
