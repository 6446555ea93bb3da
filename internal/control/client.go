package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"ecnutd/internal/folder"
	"ecnutd/internal/history"
	"ecnutd/internal/host"
	"ecnutd/ups"
)

// A Client asks the daemon that listens on a socket. Its errors wrap the
// sentinels of this package: ErrNoDaemon where nobody listens.
type Client struct {
	socket string
	http   http.Client
}

// ErrNoDaemon says that nobody answers on the control socket.
var ErrNoDaemon = errors.New("no daemon is running")

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 4 << 20

// NewClient makes a client. It connects when something is asked.
func NewClient(socket string) *Client {
	return &Client{socket: socket, http: http.Client{
		Timeout: time.Minute,
		Transport: &http.Transport{
			DisableKeepAlives: true,
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				// Root is not led to the socket of somebody else's daemon.
				if err := folder.Follows(socket); errors.Is(err, folder.ErrPlanted) {
					return nil, err
				}
				return (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "unix", socket)
			},
		},
	}}
}

// Status asks how things are.
func (c *Client) Status(ctx context.Context) (Status, error) {
	return getStatus.ask(ctx, c, "", none{})
}

// Variables asks what the daemon has read of each UPS.
func (c *Client) Variables(ctx context.Context) (map[string]Reading, error) {
	return getVariables.ask(ctx, c, "", none{})
}

// Ground asks what a UPS gives decisions to stand on.
func (c *Client) Ground(ctx context.Context, name string) (ups.Ground, error) {
	return getGround.ask(ctx, c, name, none{})
}

// Fields asks for the HID fields of a UPS. Those that the daemon does not ask
// for have no value.
func (c *Client) Fields(ctx context.Context, name string) ([]Field, error) {
	return getFields.ask(ctx, c, name, none{})
}

// Commands asks which instant commands a UPS has.
func (c *Client) Commands(ctx context.Context, name string) ([]Command, error) {
	return getCommands.ask(ctx, c, name, none{})
}

// Settings asks what can be set on a UPS.
func (c *Client) Settings(ctx context.Context, name string) ([]Setting, error) {
	return getSettings.ask(ctx, c, name, none{})
}

// History asks what the host remembers of its outages.
func (c *Client) History(ctx context.Context) (history.History, error) {
	return getHistory.ask(ctx, c, "", none{})
}

// Outage asks for one of them with its story.
func (c *Client) Outage(ctx context.Context, n uint64) (history.Outage, error) {
	return getOutage.with(strconv.FormatUint(n, 10)).ask(ctx, c, "", none{})
}

// Command gives a UPS an instant command.
func (c *Client) Command(ctx context.Context, o Order) (Ordered, error) {
	return postCommand.ask(ctx, c, "", o)
}

// Set changes a setting of a UPS.
func (c *Client) Set(ctx context.Context, o Order) (Ordered, error) {
	return postSet.ask(ctx, c, "", o)
}

// Maintain begins a maintenance, or ends one.
func (c *Client) Maintain(ctx context.Context, m Maintenance) (Maintained, error) {
	return postMaintenance.ask(ctx, c, "", m)
}

// ForceShutdown begins a forced shutdown.
func (c *Client) ForceShutdown(ctx context.Context, reason string) (Begun, error) {
	return postFSD.ask(ctx, c, "", FSD{reason})
}

// Send has a text sent.
func (c *Client) Send(ctx context.Context, t Text) (Queued, error) {
	return postMessage.ask(ctx, c, "", t)
}

// Drop gives up a message that waits.
func (c *Client) Drop(ctx context.Context, id string) error {
	_, err := deleteMessage.with(url.PathEscape(id)).ask(ctx, c, "", none{})
	return err
}

// ask makes a request of the table.
func (c call[Q, A]) ask(ctx context.Context, client *Client, name string, body Q) (answer A, err error) {
	path := c.path
	if name != "" {
		path += "?ups=" + url.QueryEscape(name)
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return answer, err
	}
	got, err := client.do(ctx, c.method, path, raw)
	if err != nil {
		return answer, err
	}
	if err := json.Unmarshal(got, &answer); err != nil {
		return answer, fmt.Errorf("the daemon's answer is not understood: %w", err)
	}
	// Much of it comes from devices, gateways and other hosts.
	host.CleanStrings(&answer)
	return answer, nil
}

// do makes one request and returns what is answered.
func (c *Client) do(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	resp, err := c.request(ctx, &c.http, method, path, body)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("asking the daemon: %w", err)
	}
	return answer, nil
}

// request makes one request. The answer is one that is no error; the caller closes it.
func (c *Client) request(ctx context.Context, client *http.Client, method, path string, body []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://ecnutd"+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("the daemon's socket %s may not be opened: be in group %s (sudo adduser $USER %s, then log in again), or use sudo: %w", c.socket, StatusGroup, StatusGroup, ErrNotAllowed)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, unix.ECONNREFUSED):
		return nil, fmt.Errorf("%w (nothing answers on %s)", ErrNoDaemon, c.socket)
	case err != nil:
		return nil, fmt.Errorf("asking the daemon: %w", err)
	}
	// A daemon that names no version is one of before there were any.
	if v, _ := strconv.Atoi(resp.Header.Get(VersionHeader)); v > Version {
		resp.Body.Close()
		return nil, fmt.Errorf("the daemon is newer than this program (it speaks version %d of the control socket, and this one %d): use the program that it was started from", v, Version)
	}
	if resp.StatusCode == http.StatusOK {
		return resp, nil
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("asking the daemon: %w", err)
	}
	var refusal Refusal
	if json.Unmarshal(answer, &refusal) == nil && refusal.Text != "" {
		host.CleanStrings(&refusal)
		return nil, &refusal
	}
	return nil, fmt.Errorf("the daemon answers %s", resp.Status)
}
