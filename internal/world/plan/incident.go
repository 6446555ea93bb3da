package plan

import (
	"fmt"
	"time"

	"ecnutd/internal/sim"
)

// An Incident is something that happens to the world.
type Incident struct {
	At   time.Duration // since the start of the world
	What What
	Unit int           // of the plan; -1: all
	For  time.Duration // until it is over
	N    int           // a number that What says
}

// What is the kind of an incident.
type What uint8

// The kinds.
const (
	MainsFails         What = iota // for For
	Unplugged                      // the cable of a UPS is out for For; with N it comes back at another node
	Silent                         // a UPS answers nothing for For
	Stalls                         // report N of a UPS is refused for For
	Hangs                          // report N is not answered for For
	AnswersShort                   // report N lacks its last byte for For
	AnswersLong                    // report N is longer than declared for For
	AnswersEmpty                   // report N has no bytes for For
	AnswersForeign                 // report N is answered with another one for For
	AnswersSlowly                  // every answer takes N ms for For
	LosesPushes                    // a UPS pushes nothing for For
	PushesShort                    // what it pushes of report N lacks its last byte for For
	PushesLong                     // what it pushes of report N is longer for For
	PushesForeign                  // what it pushes of report N carries another id for For
	RefusesInputs                  // it cannot be asked for input reports for For
	Flickers                       // a UPS says for For that it is about to shut down
	BatteryDies                    // the battery of a UPS has lost N percent of what it shows
	GatewayDown                    // nothing is taken for For
	GatewayLies                    // what is taken is not confirmed, for For
	GatewayBusy                    // it asks for a pause for For
	GatewayHangs                   // it does not answer for For
	Killed                         // the process ends at its Nth effect from then on
	Restarted                      // the daemon is stopped and started again
	Upgraded                       // the same, from the state that the release before would have left
	Reloaded                       // the configuration is changed in way N
	Forced                         // somebody orders a shutdown
	ClockSet                       // the time of day jumps by N seconds
	Suspended                      // the host sleeps for For
	Paused                         // nothing on the host runs for For
	ProgramHangs                   // programs of rules do not end, for For
	CommandFails                   // the next shutdown command fails
	CommandDoesNothing             // the next one ends and does nothing
	CommandHangs                   // the next one takes For before it does anything
	DiskFull                       // for For
	DiskReadOnly                   // for For
	DiskStalls                     // for For
	DiskDamaged                    // a sector of the state is junk
	HostComes                      // another host logs in as a secondary
	HostGoes                       // one of them goes for a while, for For
	lastWhat
)

// words are the incidents in the words of a scenario: u stands for the UPS, f for
// how long, n for the number.
var words = [...]string{
	MainsFails: "mains fails for {f}", Unplugged: "@unplug {u} for {f}", Silent: "@silence {u} for {f}",
	Stalls: "report {n} of {u} is refused for {f}", Hangs: "report {n} of {u} hangs for {f}",
	AnswersShort: "report {n} of {u} lacks a byte for {f}", AnswersLong: "report {n} of {u} is too long for {f}",
	AnswersEmpty: "report {n} of {u} is empty for {f}", AnswersForeign: "report {n} of {u} is answered with another one for {f}",
	AnswersSlowly: "{u} takes {n} ms for each answer for {f}", LosesPushes: "{u} pushes nothing for {f}",
	PushesShort: "pushes of report {n} of {u} lack a byte for {f}", PushesLong: "pushes of report {n} of {u} are too long for {f}",
	PushesForeign: "pushes of report {n} of {u} carry another id for {f}", RefusesInputs: "{u} gives no input report that it is asked for, for {f}",
	Flickers: "{u} says for {f} that it is about to shut down", BatteryDies: "the battery of {u} has lost {n} % and does not show it",
	GatewayDown: "the gateway is down for {f}", GatewayLies: "the gateway takes and does not confirm for {f}",
	GatewayBusy: "the gateway asks for a pause for {f}", GatewayHangs: "the gateway does not answer for {f}",
	Killed: "the daemon is killed at its effect {n} from here", Restarted: "@restart", Upgraded: "@restart, from the state of the release before",
	Reloaded: "the configuration is reloaded with change {n}", Forced: "@fsd", ClockSet: "the time of day jumps by {n} s",
	Suspended: "the host sleeps for {f}", Paused: "the host stands still for {f}", ProgramHangs: "programs hang for {f}",
	CommandFails: "the next shutdown command fails", CommandDoesNothing: "the next shutdown command does nothing",
	CommandHangs: "the next shutdown command takes {f}", DiskFull: "the disk is full for {f}", DiskReadOnly: "the disk is read-only for {f}",
	DiskStalls: "the disk stalls for {f}", DiskDamaged: "a sector of the state is junk ({n})",
	HostComes: "another host logs in", HostGoes: "a host that is logged in goes for {f}",
}

// String is the incident in the words of a scenario.
func (i Incident) String() string {
	unit := "all"
	if i.Unit >= 0 {
		unit = fmt.Sprintf("unit %d", i.Unit)
	}
	out := ""
	for rest := words[i.What]; rest != ""; {
		if len(rest) >= 3 && rest[0] == '{' && rest[2] == '}' {
			switch rest[1] {
			case 'u':
				out += unit
			case 'f':
				out += i.For.Round(100 * time.Millisecond).String()
			case 'n':
				out += fmt.Sprint(i.N)
			}
			rest = rest[3:]
			continue
		}
		out, rest = out+rest[:1], rest[1:]
	}
	return out
}

// Blinds reports whether an incident may keep a UPS from being read: from saying
// where its power comes from, or what its battery has.
func (i Incident) Blinds() bool {
	switch i.What {
	case Unplugged, Silent:
		return true
	case AnswersShort: // the flags stand in front
		return i.N == ReportBattery
	case Stalls, Hangs, AnswersEmpty, AnswersForeign:
		return i.N == ReportStatus || i.N == ReportBattery
	}
	return false
}

// The reports of a Protection Station that decide: its flags, and its charge and
// runtime.
const (
	ReportStatus  = 0x01
	ReportBattery = 0x06
	ReportLoad    = 0x07
)

// FaultOf is the fault of a simulated UPS that an incident is; ok is false for
// other incidents.
func FaultOf(i Incident) (f sim.Fault, ok bool) {
	report, other := uint8(i.N), uint8(ReportLoad)
	switch i.What {
	case Silent:
		return sim.Fault{Kind: sim.Silence}, true
	case Stalls:
		return sim.Fault{Kind: sim.Stall, Report: report}, true
	case Hangs:
		return sim.Fault{Kind: sim.Hang, Report: report}, true
	case AnswersShort:
		return sim.Fault{Kind: sim.ShortReply, Report: report}, true
	case AnswersLong:
		return sim.Fault{Kind: sim.LongReply, Report: report, Bytes: 2}, true
	case AnswersEmpty:
		return sim.Fault{Kind: sim.EmptyReply, Report: report}, true
	case AnswersForeign:
		return sim.Fault{Kind: sim.ForeignReply, Report: report, Reply: other}, true
	case AnswersSlowly:
		return sim.Fault{Kind: sim.SlowReply, Delay: time.Duration(i.N) * time.Millisecond}, true
	case LosesPushes:
		return sim.Fault{Kind: sim.LostPushes}, true
	case PushesShort:
		return sim.Fault{Kind: sim.ShortPush, Report: report}, true
	case PushesLong:
		return sim.Fault{Kind: sim.LongPush, Report: report, Bytes: 2}, true
	case PushesForeign:
		return sim.Fault{Kind: sim.ForeignPush, Report: report, Reply: other}, true
	case RefusesInputs:
		return sim.Fault{Kind: sim.RefusesInputs}, true
	case Flickers:
		return sim.Fault{Kind: sim.ImminentEarly}, true
	}
	return sim.Fault{}, false
}
