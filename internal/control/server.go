package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"ecnutd/internal/history"
	"ecnutd/ups"
)

// A Backend answers the requests: the daemon. Its errors wrap a sentinel of
// this package where one fits; their text is for a person. An empty name means
// the only UPS there is.
type Backend interface {
	Status(ctx context.Context) (Status, error)
	Variables(ctx context.Context) (map[string]Reading, error) // by UPS

	Ground(ctx context.Context, name string) (ups.Ground, error)
	Fields(ctx context.Context, name string) ([]Field, error)
	Commands(ctx context.Context, name string) ([]Command, error)
	Settings(ctx context.Context, name string) ([]Setting, error)

	History(ctx context.Context) (history.History, error)
	Outage(ctx context.Context, n uint64) (history.Outage, error)
	Stream(ctx context.Context) (<-chan Line, error) // until ctx ends, or the reader is too slow
	Now(ctx context.Context) (Snapshot, error)

	Command(ctx context.Context, who Peer, o Order) (Ordered, error)
	Set(ctx context.Context, who Peer, o Order) (Ordered, error)
	ForceShutdown(ctx context.Context, who Peer, r FSD) (Begun, error)
	Maintain(ctx context.Context, who Peer, m Maintenance) (Maintained, error)
	Send(ctx context.Context, who Peer, t Text) (Queued, error)
	Drop(ctx context.Context, who Peer, id uint64) (Dropped, error)
}

// How long a backend may take to answer.
const (
	lookTime = 10 * time.Second
	actTime  = OrderTime + 15*time.Second
)

// maxRequest and maxHeaders bound what a request carries, in bytes.
const (
	maxRequest = 64 << 10
	maxHeaders = 4 << 10
)

// Handler answers the requests of the table by a backend. The connections must
// be those that Serve accepts, or their peers are unknown and may not act.
func Handler(b Backend) http.Handler {
	mux := http.NewServeMux()
	getStatus.on(mux, func(ctx context.Context, _ asked[none]) (Status, error) { return b.Status(ctx) })
	getVariables.on(mux, func(ctx context.Context, _ asked[none]) (map[string]Reading, error) { return b.Variables(ctx) })
	getGround.on(mux, func(ctx context.Context, a asked[none]) (ups.Ground, error) { return b.Ground(ctx, a.ups()) })
	getFields.on(mux, func(ctx context.Context, a asked[none]) ([]Field, error) { return b.Fields(ctx, a.ups()) })
	getCommands.on(mux, func(ctx context.Context, a asked[none]) ([]Command, error) { return b.Commands(ctx, a.ups()) })
	getSettings.on(mux, func(ctx context.Context, a asked[none]) ([]Setting, error) { return b.Settings(ctx, a.ups()) })
	getHistory.on(mux, func(ctx context.Context, _ asked[none]) (history.History, error) { return b.History(ctx) })
	getOutage.on(mux, func(ctx context.Context, a asked[none]) (history.Outage, error) {
		n, err := strconv.ParseUint(a.r.PathValue("n"), 10, 64)
		if err != nil {
			return history.Outage{}, Refuse(ErrNoSuch, "an outage has a number, not "+strconv.Quote(a.r.PathValue("n")))
		}
		return b.Outage(ctx, n)
	})
	mux.HandleFunc(getStream.method+" "+getStream.path, func(w http.ResponseWriter, r *http.Request) { stream(w, r, b) })
	postCommand.on(mux, func(ctx context.Context, a asked[Order]) (Ordered, error) { return b.Command(ctx, a.who, a.body) })
	postSet.on(mux, func(ctx context.Context, a asked[Order]) (Ordered, error) { return b.Set(ctx, a.who, a.body) })
	postFSD.on(mux, func(ctx context.Context, a asked[FSD]) (Begun, error) { return b.ForceShutdown(ctx, a.who, a.body) })
	postMaintenance.on(mux, func(ctx context.Context, a asked[Maintenance]) (Maintained, error) {
		return b.Maintain(ctx, a.who, a.body)
	})
	postMessage.on(mux, func(ctx context.Context, a asked[Text]) (Queued, error) { return b.Send(ctx, a.who, a.body) })
	deleteMessage.on(mux, func(ctx context.Context, a asked[none]) (Dropped, error) {
		id, err := strconv.ParseUint(a.r.PathValue("id"), 10, 64)
		if err != nil {
			return Dropped{}, Refuse(ErrNoSuch, "no message "+a.r.PathValue("id")+" waits")
		}
		return b.Drop(ctx, a.who, id)
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, Refuse(ErrNoSuch, fmt.Sprintf("this daemon has no request %s %s", r.Method, r.URL.Path)))
	})
	return mux
}

// An asked is a request that came.
type asked[Q any] struct {
	r    *http.Request
	who  Peer
	body Q
}

// ups is the UPS that is meant.
func (a asked[Q]) ups() string { return a.r.URL.Query().Get("ups") }

// on has a request of the table answered.
func (c call[Q, A]) on(mux *http.ServeMux, serve func(context.Context, asked[Q]) (A, error)) {
	mux.HandleFunc(c.method+" "+c.path, func(w http.ResponseWriter, r *http.Request) {
		a := asked[Q]{r: r}
		a.who, _ = r.Context().Value(peerKey{}).(Peer)
		limit := lookTime
		if c.acts {
			limit = actTime
			if !a.who.mayAct(os.Geteuid()) {
				refuse(w, Refuse(ErrNotAllowed, "only root may do this; try it with sudo"))
				return
			}
		}
		if err := a.read(w); err != nil {
			refuse(w, err)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), limit)
		defer cancel()
		answer, err := serve(ctx, a)
		if err != nil {
			refuse(w, err)
			return
		}
		write(w, http.StatusOK, answer)
	})
}

// read decodes what a request carries. Nothing is its zero value.
func (a *asked[Q]) read(w http.ResponseWriter) error {
	raw, err := io.ReadAll(http.MaxBytesReader(w, a.r.Body, maxRequest))
	if err == nil && len(bytes.TrimSpace(raw)) > 0 {
		err = json.Unmarshal(raw, &a.body)
	}
	if err != nil {
		return Refuse(ErrBadRequest, "the request is not understood: "+err.Error())
	}
	return nil
}

func refuse(w http.ResponseWriter, err error) {
	status, refusal := refusalOf(err)
	write(w, status, refusal)
}

func write(w http.ResponseWriter, status int, v any) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		status = http.StatusInternalServerError
		b.Reset()
		_ = enc.Encode(Refusal{Text: "the answer cannot be written: " + err.Error()})
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set(VersionHeader, strconv.Itoa(Version))
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the other end may be gone
}

// endTime is for answers that are under way when the daemon ends.
const endTime = time.Second

// Serve answers on a listener until ctx ends. An error is that of the listener.
func Serve(ctx context.Context, l net.Listener, b Backend) error {
	server := &http.Server{
		Handler: Handler(b), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 2 * time.Minute, IdleTimeout: 10 * time.Second,
		MaxHeaderBytes: maxHeaders,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			ctx = rememberConn(ctx, c)
			who := Peer{}
			if accepted, ok := c.(*conn); ok {
				who = accepted.who
			}
			return context.WithValue(ctx, peerKey{}, who)
		},
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
		defer cancel()
		if server.Shutdown(last) != nil {
			server.Close()
		}
	})
	err := server.Serve(limit(l))
	if !stop() {
		<-ended
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("the control socket has failed: %w", err)
}
