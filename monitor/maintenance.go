package monitor

import (
	"strings"
	"time"
)

// LongestMaintenance is how long one may be asked for.
const LongestMaintenance = 24 * time.Hour

// A Maintenance is a time for which somebody works on the UPS: nobody is told, and
// silence shuts nothing down. What a reading says acts as ever.
type Maintenance struct {
	Until   Instant `json:"until,omitempty"` // 0: there is none
	Why     string  `json:"why,omitempty"`
	Through bool    `json:"through,omitempty"` // it goes on in an outage
}

// maintain begins a maintenance, or ends one where For is 0. One that has not asked
// to go on through outages does not begin in one.
func (t *turn) maintain(in Maintain) {
	if in.For <= 0 {
		t.endMaintenance(MaintenanceStopped)
		return
	}
	if t.state.Phase != Watching || !in.Through && t.state.anyOutage() {
		return
	}
	m := Maintenance{Until: t.now.Add(min(in.For, LongestMaintenance)), Why: in.Why, Through: in.Through}
	t.state.Maintenance = m
	if !in.Again {
		t.do(MaintenanceTold{Reason{Code: MaintenanceBegan, Text: m.Why, Wait: m.Until.Sub(t.now), Stays: m.Through}})
	}
}

// endMaintenance ends a maintenance, where there is one. A link that is lost on
// battery has its dead time from now on.
func (t *turn) endMaintenance(code Code) {
	m := t.state.Maintenance
	if m.Until == 0 {
		return
	}
	t.state.Maintenance = Maintenance{}
	var lost []string
	for i := range t.state.Supplies {
		u := &t.state.Supplies[i]
		if u.Link == Lost {
			lost = append(lost, u.Name)
		}
		if u.LostDue > 0 && u.Low.Cause != LowSilent {
			u.LostDue = max(u.LostDue, t.now.Add(u.dead(t.rules)))
		}
	}
	t.do(MaintenanceTold{Reason{Code: code, Text: m.Why, Feeds: strings.Join(lost, ", ")}})
}

// anyOutage reports whether any supply is in an outage.
func (s *State) anyOutage() bool {
	for i := range s.Supplies {
		if s.Supplies[i].outage() {
			return true
		}
	}
	return false
}

// maintained reports whether a maintenance holds messages and the consequences of
// silence back.
func (s *State) maintained() bool { return s.Maintenance.Until > 0 }

// aloud is who hears of something: in a maintenance nobody by message.
func (t *turn) aloud(who Tell) Tell {
	if t.state.maintained() {
		who.Message = ""
	}
	return who
}

// outageInMaintenance ends a maintenance that was not to go on through outages.
func (t *turn) outageInMaintenance() {
	if !t.state.Maintenance.Through {
		t.endMaintenance(MaintenanceOutage)
	}
}

// criticalAt is when a supply that is lost on battery becomes critical: in a
// maintenance not before a dead time after its end.
func (s *State) criticalAt(u *SupplyState, r *Rules) Instant {
	if !s.maintained() {
		return u.LostDue
	}
	return max(u.LostDue, s.Maintenance.Until.Add(u.dead(r)))
}
