// Package mailbox makes answers of the control socket of what an outbox says.
package mailbox

import (
	"ecnutd/internal/control"
	"ecnutd/sms"
)

// Messages are entries of an outbox in the form that travels.
func Messages(entries []sms.Entry) (list []control.Message) {
	for _, e := range entries {
		list = append(list, control.Message{
			Seq: e.Seq, ID: e.ID, Part: e.Part, Route: e.Route, Text: e.Text, At: e.At, Queued: e.Queued, Urgent: e.Urgent,
			Attempts: e.Attempts, LastError: e.LastError, NextTry: e.NextTry, RefusedByMain: e.RefusedByMain,
			Verdict: string(e.Verdict), Via: e.Via, Ended: e.Ended, Unsaved: e.Unsaved,
		})
	}
	return list
}

// Routes are the states of routes in the form that travels.
func Routes(states []sms.RouteState) (list []control.Route) {
	for _, r := range states {
		list = append(list, control.Route(r))
	}
	return list
}
