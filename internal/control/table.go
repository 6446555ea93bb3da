package control

import (
	"net/http"
	"reflect"
	"strings"

	"ecnutd/internal/history"
	"ecnutd/ups"
)

// A call is a row of the table: a request that carries a Q and is answered by
// an A.
type call[Q, A any] struct {
	method, path string // as http.ServeMux has them
	acts         bool   // only root and the daemon's user may make it
}

// none is what a request carries that carries nothing, or an answer without
// anything to say.
type none struct{}

// The table. A request about one UPS names it by the parameter "ups", or in
// what it carries; where there is one UPS its name may be left out.
var (
	getStatus    = call[none, Status]{method: http.MethodGet, path: "/v1/status"}
	getVariables = call[none, map[string]Reading]{method: http.MethodGet, path: "/v1/variables"}
	getGround    = call[none, ups.Ground]{method: http.MethodGet, path: "/v1/ground"}
	getFields    = call[none, []Field]{method: http.MethodGet, path: "/v1/fields"}
	getCommands  = call[none, []Command]{method: http.MethodGet, path: "/v1/commands"}
	getSettings  = call[none, []Setting]{method: http.MethodGet, path: "/v1/writable"}
	getHistory   = call[none, history.History]{method: http.MethodGet, path: "/v1/history"}
	getOutage    = call[none, history.Outage]{method: http.MethodGet, path: "/v1/history/{n}"}
	getStream    = call[none, Line]{method: http.MethodGet, path: "/v1/stream"} // is answered by one after the other

	postCommand     = call[Order, Ordered]{method: http.MethodPost, path: "/v1/command", acts: true}
	postSet         = call[Order, Ordered]{method: http.MethodPost, path: "/v1/set", acts: true}
	postFSD         = call[FSD, Begun]{method: http.MethodPost, path: "/v1/fsd", acts: true}
	postMaintenance = call[Maintenance, Maintained]{method: http.MethodPost, path: "/v1/maintenance", acts: true}
	postMessage     = call[Text, Queued]{method: http.MethodPost, path: "/v1/messages", acts: true}
	deleteMessage   = call[none, Dropped]{method: http.MethodDelete, path: "/v1/messages/{id}", acts: true}
)

// A Row says of a request who may make it, what it carries and what is answered.
type Row struct {
	Method, Path    string
	Acts            bool         // only root and the daemon's user may make it
	Carries, Answer reflect.Type // Carries is nil where it carries nothing
}

// Table is the whole table, in its order.
func Table() []Row {
	return []Row{
		getStatus.row(), getVariables.row(), getGround.row(), getFields.row(), getCommands.row(), getSettings.row(),
		getHistory.row(), getOutage.row(), getStream.row(),
		postCommand.row(), postSet.row(), postFSD.row(), postMaintenance.row(), postMessage.row(), deleteMessage.row(),
	}
}

func (c call[Q, A]) row() Row {
	r := Row{Method: c.method, Path: c.path, Acts: c.acts, Answer: reflect.TypeFor[A]()}
	if carries := reflect.TypeFor[Q](); carries != reflect.TypeFor[none]() {
		r.Carries = carries
	}
	return r
}

// with is the path with a value in the place of its variable.
func (c call[Q, A]) with(value string) call[Q, A] {
	if i := strings.IndexByte(c.path, '{'); i >= 0 {
		c.path = c.path[:i] + value
	}
	return c
}

// Links of a Reading and a Supply.
const (
	LinkUp         = "up"
	LinkLost       = "lost"
	LinkNeverHeard = "not heard yet"
)

// A Reading is what the daemon has read of a UPS.
type Reading struct {
	Link      string        `json:"link"`      // LinkUp, or the variables are those of before
	Variables ups.Variables `json:"variables"` // empty where it was never heard
}
