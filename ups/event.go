package ups

// An Event is something that happened to a UPS, by the name that upsmon gives
// it (NUT's NOTIFYTYPE).
type Event string

// The events of upsmon that a UPS can cause, three ends that upsmon does not
// tell: of a low battery, of a battery to replace, of a shutdown; and a login
// that another host refuses, of which upsmon says nothing.
const (
	EventOnline     Event = "ONLINE"   // mains is back
	EventOnBattery  Event = "ONBATT"   // mains is lost
	EventLowBattery Event = "LOWBATT"  // the battery is low, by the policy of the monitor
	EventFSD        Event = "FSD"      // the UPS is part of a shutdown that has begun
	EventCommOK     Event = "COMMOK"   // the link is back
	EventCommBad    Event = "COMMBAD"  // the link to the UPS is lost
	EventNoComm     Event = "NOCOMM"   // and still is: repeated
	EventLoginBad   Event = "LOGINBAD" // the host that serves the UPS refuses the login: it will not wait
	EventShutdown   Event = "SHUTDOWN"
	EventReplace    Event = "REPLBATT" // the battery has to be replaced: repeated
	EventCal        Event = "CAL"
	EventOff        Event = "OFF"
	EventBypass     Event = "BYPASS"
	EventOver       Event = "OVER"
	EventTrim       Event = "TRIM"
	EventBoost      Event = "BOOST"
	EventAlarm      Event = "ALARM" // told again when the text changes

	EventLoginOK       Event = "LOGINOK" // and takes it again
	EventNotLowBattery Event = "NOTLOWBATT"
	EventNotReplace    Event = "NOTREPLBATT"
	EventNotShutdown   Event = "NOTSHUTDOWN" // a shutdown was called off before its command
	EventNotCal        Event = "NOTCAL"
	EventNotOff        Event = "NOTOFF"
	EventNotBypass     Event = "NOTBYPASS"
	EventNotOver       Event = "NOTOVER"
	EventNotTrim       Event = "NOTTRIM"
	EventNotBoost      Event = "NOTBOOST"
	EventNotAlarm      Event = "NOTALARM"
)

// Events are all events, in the order in which documents list them.
var Events = []Event{
	EventOnline, EventOnBattery, EventLowBattery, EventNotLowBattery, EventFSD, EventCommOK, EventCommBad,
	EventNoComm, EventLoginBad, EventLoginOK, EventShutdown, EventNotShutdown, EventReplace, EventNotReplace, EventCal, EventNotCal,
	EventOff, EventNotOff, EventBypass, EventNotBypass, EventOver, EventNotOver, EventTrim, EventNotTrim,
	EventBoost, EventNotBoost, EventAlarm, EventNotAlarm,
}

// Host tells whether the event is the host's and not that of one UPS.
func (e Event) Host() bool { return e == EventShutdown || e == EventNotShutdown }
