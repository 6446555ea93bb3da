package ups

// An Event is something that happened to a UPS, by the name that upsmon gives
// it (NUT's NOTIFYTYPE).
type Event string

// The events of upsmon that a monitor raises now; the others of the list come
// with what causes them.
const (
	EventOnline     Event = "ONLINE"   // mains is back
	EventOnBattery  Event = "ONBATT"   // mains is lost
	EventLowBattery Event = "LOWBATT"  // the battery is low, by the policy of the monitor
	EventCommBad    Event = "COMMBAD"  // the link to the UPS is lost
	EventCommOK     Event = "COMMOK"   // the link is back
	EventShutdown   Event = "SHUTDOWN" // the host is going down
)
