package daemon

import (
	"ecnutd/internal/engine"
	"ecnutd/internal/host/shutdown"
	"ecnutd/ups"
)

// carry carries out an action. Messages were queued with the state.
func (d *Daemon) carry(action engine.Action) {
	log := d.outside.Log
	switch a := action.(type) {
	case engine.Log:
		if loud(a.Event) {
			log.Warn(a.Text)
		} else {
			log.Info(a.Text)
		}
	case engine.Wall:
		d.programs.wall(a.Text)
	case engine.Program:
		d.programs.start(a)
	case engine.Timer:
		log.Info(a.String())
	case engine.Shutdown:
		log.Error("shutdown: " + a.Reason)
		d.mail.hurry(d.config.FinalDelay)
	case engine.GoesOn:
		log.Error("shutdown: " + a.Reason)
	case engine.UndoShutdown:
		d.down.undo(d.group, "the host has survived its shutdown")
	case engine.RemoveFlag:
		d.down.dropFlag(a.Path)
	case engine.WriteFlag:
		d.down.flag(a, d.plan())
	case engine.PowerOff:
		d.down.off(d.group, a, d.plan())
	}
}

// plan says what the late stage of the shutdown is to do.
func (d *Daemon) plan() *shutdown.Plan { return shutdown.NewPlan(d.config, d.units.seen()) }

// loud reports whether an event is a warning in the journal.
func loud(e ups.Event) bool {
	switch e {
	case ups.EventOnBattery, ups.EventLowBattery, ups.EventCommBad, ups.EventNoComm, ups.EventReplace, ups.EventOver, ups.EventAlarm, ups.EventOff, ups.EventShutdown, ups.EventFSD:
		return true
	}
	return false
}
