package main

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
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"ecnutd/monitor"
	"ecnutd/sms"
	"ecnutd/ups"
)

// listenControl opens the socket through which the commands reach the daemon;
// nil where the configuration has none. A socket that a dead daemon left is
// replaced, one of a living daemon is not.
func listenControl(path string) (net.Listener, error) {
	if path == "" {
		return nil, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("the control socket: %w", err)
	}
	if conn, err := net.DialTimeout("unix", path, time.Second); err == nil {
		conn.Close()
		return nil, fmt.Errorf("another daemon is running: it answers on %s", path)
	}
	if st, err := os.Lstat(path); err == nil && st.Mode()&fs.ModeSocket == 0 {
		return nil, fmt.Errorf("the control socket: %s is there and is no socket", path)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the control socket: %w", err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("the control socket: %w", err)
	}
	if err := os.Chmod(path, 0o660); err != nil {
		l.Close()
		return nil, fmt.Errorf("the control socket: %w", err)
	}
	return l, nil
}

// peer is who is on the other end of a connection.
type peer struct {
	uid, pid int
	known    bool
}

type peerKey struct{}

// maxRequest bounds the body of a request.
const maxRequest = 64 << 10

// serveControl answers on the control socket until ctx ends.
func (d *daemon) serveControl(ctx context.Context, l net.Listener) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/status", func(w http.ResponseWriter, r *http.Request) {
		var s status
		if err := d.ask(r.Context(), func() { s = d.statusNow() }); err == nil {
			answer(w, s)
		}
	})
	mux.HandleFunc("GET /v1/variables", func(w http.ResponseWriter, r *http.Request) {
		var all map[string]ups.Variables
		err := d.ask(r.Context(), func() {
			all = make(map[string]ups.Variables)
			for name, l := range d.latest {
				all[name] = l.variables
			}
		})
		if err == nil {
			answer(w, all)
		}
	})
	mux.HandleFunc("POST /v1/fsd", acting(func(w http.ResponseWriter, r *http.Request, who peer, body struct{ Reason string }) {
		reason := body.Reason
		if reason == "" {
			reason = "no reason was given"
		}
		err := d.ask(r.Context(), func() {
			d.log.Warn("a forced shutdown was asked for", "uid", who.uid, "pid", who.pid, "text", reason)
			d.step(monitor.ForceShutdown{Reason: reason})
		})
		if err == nil {
			answer(w, struct {
				DryRun bool `json:"dry_run"`
			}{d.dryRun})
		}
	}))
	mux.HandleFunc("POST /v1/messages", acting(func(w http.ResponseWriter, r *http.Request, who peer, body sms.Message) {
		body.At, body.Urgent = time.Now(), true
		var id uint64
		var wrong error
		if err := d.ask(r.Context(), func() { id, wrong = d.outbox.Queue(body) }); err != nil {
			return
		}
		if wrong != nil {
			refuse(w, http.StatusBadRequest, wrong.Error())
			return
		}
		answer(w, map[string]uint64{"id": id})
	}))
	mux.HandleFunc("DELETE /v1/messages/{id}", acting(func(w http.ResponseWriter, r *http.Request, who peer, _ struct{}) {
		id, err := strconv.ParseUint(r.PathValue("id"), 10, 64)
		dropped := false
		if err == nil {
			err = d.ask(r.Context(), func() { dropped = d.outbox.Drop(id) })
		}
		if err != nil || !dropped {
			refuse(w, http.StatusNotFound, "no message "+r.PathValue("id")+" waits")
			return
		}
		d.log.Info("a message was dropped", "id", id, "uid", who.uid)
		answer(w, map[string]uint64{"dropped": id})
	}))
	d.commandHandlers(mux)
	server := &http.Server{
		Handler: mux, ReadTimeout: 10 * time.Second, WriteTimeout: 2 * time.Minute, IdleTimeout: 30 * time.Second,
		MaxHeaderBytes: maxRequest,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, peerKey{}, peerOf(c))
		},
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	stop := context.AfterFunc(ctx, func() { server.Close() })
	defer stop()
	if err := server.Serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) {
		d.log.Error("the control socket has failed", "reason", err)
	}
}

// peerOf asks the kernel who connected.
func peerOf(c net.Conn) (p peer) {
	u, ok := c.(*net.UnixConn)
	if !ok {
		return p
	}
	raw, err := u.SyscallConn()
	if err != nil {
		return p
	}
	_ = raw.Control(func(fd uintptr) {
		if cred, err := unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED); err == nil {
			p = peer{int(cred.Uid), int(cred.Pid), true}
		}
	})
	return p
}

// acting lets only root and the daemon's own user act; the group may look.
func acting[B any](serve func(http.ResponseWriter, *http.Request, peer, B)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		who, _ := r.Context().Value(peerKey{}).(peer)
		if !who.known || who.uid != 0 && who.uid != os.Geteuid() {
			refuse(w, http.StatusForbidden, "only root may do this; try it with sudo")
			return
		}
		var body B
		raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
		if err == nil && len(bytes.TrimSpace(raw)) > 0 {
			err = json.Unmarshal(raw, &body)
		}
		if err != nil {
			refuse(w, http.StatusBadRequest, "the request is not understood: "+err.Error())
			return
		}
		serve(w, r, who, body)
	}
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // the other end may be gone
}

func refuse(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": text})
}

// errNoDaemon says that nobody answers on the control socket.
var errNoDaemon = errors.New("no daemon is running")

// askDaemon sends a request to the daemon and decodes its answer.
func askDaemon(ctx context.Context, socket, method, path string, body, into any) error {
	client := &http.Client{
		Timeout: time.Minute,
		Transport: &http.Transport{
			DisableKeepAlives: true,
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "unix", socket)
			},
		},
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://ecnutd"+path, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("the daemon's socket %s may not be opened: be in group ecnutd, or use sudo", socket)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, unix.ECONNREFUSED):
		return fmt.Errorf("%w (nothing answers on %s)", errNoDaemon, socket)
	case err != nil:
		return fmt.Errorf("asking the daemon: %w", err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 4<<20))
	if err != nil {
		return fmt.Errorf("asking the daemon: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		var refusal struct{ Error string }
		if json.Unmarshal(answer, &refusal) == nil && refusal.Error != "" {
			return errors.New(refusal.Error)
		}
		return fmt.Errorf("the daemon answers %s", resp.Status)
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return fmt.Errorf("the daemon's answer is not understood: %w", err)
	}
	return nil
}
