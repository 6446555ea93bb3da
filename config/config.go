package config

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"ecnutd/config/strict"
	"ecnutd/ups"
)

// A Config is the whole file, its defaults filled in. The tag of a field is
// its key in the file (see strict.Key for the options after it).
type Config struct {
	Language ups.Language `key:"language"`

	Poll          time.Duration `key:"poll"`
	PollOnBattery time.Duration `key:"poll_on_battery"`

	MinSupplies          int             `key:"min_supplies"`
	DeadTime             time.Duration   `key:"dead_time"`
	HostSync             time.Duration   `key:"host_sync"`
	FinalDelay           time.Duration   `key:"final_delay"`
	NoCommRepeat         time.Duration   `key:"no_comm_repeat"`
	ReplaceBatteryRepeat time.Duration   `key:"replace_battery_repeat"`
	LinkLost             LinkLost        `key:"link_lost"`
	SecondariesTold      SecondariesTold `key:"secondaries_told"`
	LostSupplyCounts     bool            `key:"lost_supply_counts"`
	ShutdownTime         time.Duration   `key:"shutdown_time"`
	ShutdownCommand      Command         `key:"shutdown_command"`
	EmergencyPowerOff    bool            `key:"emergency_poweroff"` // of a shutdown that hangs while the battery ends
	PowerDownFlag        string          `key:"power_down_flag,path,none"`
	KillPower            KillPower       `key:"kill_power"`

	State   string `key:"state,path"`
	Control string `key:"control,path,none"`

	Network Network `key:"network"`

	LowBattery Limits   `key:"low_battery"`
	Events     Events   `key:"events"`
	Timers     []Timer  `key:"timers"`
	Messages   Messages `key:"messages"`

	// UPS comes last: its blocks begin as copies of the general ones.
	UPS []UPS `key:"ups"`

	file  string
	spots map[string]strict.Spot // where in the file the keys stand
}

// A UPS is one block of ups.
type UPS struct {
	Name        string
	Device      string        `key:"device"` // "auto" or a path
	Match       Match         `key:"match"`
	Generic     bool          `key:"generic"`  // a UPS of any maker that describes itself as one
	Remote      string        `key:"remote"`   // nut://USER@HOST/UPS: another host has the cable; "" for none
	Password    Secret        `key:"password"` // for the other host
	TLS         TLS           `key:"tls"`      // of the connection to the other host
	CAFile      string        `key:"ca_file,path,none"`
	Certificate string        `key:"certificate,path,none"` // for the other host, if it asks for one
	Key         string        `key:"key,path,none"`
	Names       []string      `key:"names"` // other names by which clients of NUT may ask for it
	Description string        `key:"description"`
	Power       int           `key:"power"`
	OnDelay     time.Duration `key:"on_delay"`
	OffDelay    time.Duration `key:"off_delay"`
	SelfTest    SelfTest      `key:"self_test"`
	LowBattery  *Limits       `key:"low_battery"` // nil: the general block
	Events      Events        `key:"events"`      // those that differ from the general block, complete
}

// SelfTest is when the UPS is to test its battery.
type SelfTest struct {
	Every time.Duration `key:"every,none"` // 0: never
	At    string        `key:"at"`         // hour of the day, "10:00", before which none begins
}

// Hour is At as the time since midnight.
func (s SelfTest) Hour() (time.Duration, error) {
	at, err := time.Parse("15:04", s.At)
	if err != nil {
		return 0, fmt.Errorf("%q is no hour of the day: write 10:00", strict.Shorten(s.At))
	}
	return time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute, nil
}

// Auto is the device of a UPS that is to be found.
const Auto = "auto"

// Match tells which of several UPSs is meant. Empty fields match all.
type Match struct {
	Vendor  string `key:"vendor"`  // four hex digits
	Product string `key:"product"` // four hex digits
	Phys    string `key:"phys"`    // physical path, "usb-0000:00:1d.2-1"
	Model   string `key:"model"`   // part of the model name
}

// Limits are the administrator's own on a battery; zero and unknown is none.
type Limits struct {
	Charge           ups.Number    `key:"charge,none"`
	Runtime          time.Duration `key:"runtime,none"`
	OnBattery        time.Duration `key:"on_battery,none"`
	ShutdownImminent Trust         `key:"shutdown_imminent"`
	Floors           Floors        `key:"floors"`
}

// Floors are limits that hold where there is none of one's own of the same kind.
type Floors struct {
	Charge  Floor         `key:"charge"`  // the UPS's own battery.charge.low
	Runtime Floor         `key:"runtime"` // less than shutdown_time and final_delay
	Grace   time.Duration `key:"grace"`   // how long after the transfer numbers are doubted
}

// A Floor says whether a floor holds.
type Floor bool

// The words of a floor.
const (
	FloorAuto Floor = true
	FloorNone Floor = false
)

// SecondariesTold is what the return of mains does to a shutdown that a secondary
// has been told of.
type SecondariesTold string

// The words of secondaries_told.
const (
	ToldGoOn   SecondariesTold = "go_on"  // it goes on through the cut, which alone starts them again
	ToldCancel SecondariesTold = "cancel" // it is called off, and the message names those who went
)

// LimitsOf are the limits that hold for a UPS.
func (c *Config) LimitsOf(u UPS) Limits {
	if u.LowBattery != nil {
		return *u.LowBattery
	}
	return c.LowBattery
}

// LinkLost is what follows when the link to a UPS on battery is lost.
type LinkLost string

// The words of link_lost.
const (
	Estimate LinkLost = "estimate" // a part of the runtime that was left is waited for
	Strict   LinkLost = "strict"   // dead_time is waited for, as upsmon does
)

// Trust is how far a flag of the UPS is believed: after Grace, or never where it
// is Ignored. The zero Trust believes it at once.
type Trust struct {
	Grace   time.Duration
	Ignored bool
}

// OnBatteryTimer is what the limit on_battery is called among the timers; no
// timer of the file has that name.
const OnBatteryTimer = "on_battery"

// Events says for each event what is to be done.
type Events map[ups.Event]Reaction

// A Reaction is the block of an event or of a timer.
type Reaction struct {
	Tell
	Start    Starts  `key:"start"`
	Cancel   Cancels `key:"cancel"`
	Shutdown bool    `key:"shutdown"`
	FSD      bool    `key:"fsd"`
}

// Tell says whom to tell.
type Tell struct {
	Log     bool    `key:"log"`
	Wall    bool    `key:"wall"`
	Message Message `key:"message"`
	Exec    Execs   `key:"exec"`
}

// A Message is the text of a message: none, the default one, one for all
// languages or one for each.
type Message struct {
	On    bool
	Text  string                  // "": the default text of the language
	Texts map[ups.Language]string // where languages differ
}

// In is the text in a language; "" where the default text is meant.
func (m Message) In(l ups.Language) string {
	if text := m.Texts[l]; text != "" {
		return text
	}
	return m.Text
}

// An Exec is a program to run.
type Exec struct {
	Command  []string      `key:"command"` // each a template
	Shell    string        `key:"shell"`   // or a line for /bin/sh, which is no template
	Timeout  time.Duration `key:"timeout"`
	WithText bool          // the text of the event is its one argument, as for NOTIFYCMD
}

// Execs are programs, one after the other.
type Execs []Exec

// A Start starts a timer.
type Start struct {
	Timer   string        `key:"timer"`
	After   time.Duration `key:"after"` // 0: as the timer says
	Restart bool          `key:"restart"`
}

// Starts are timers to start.
type Starts []Start

// A Cancel ends a timer; Else is told when it was not running.
type Cancel struct {
	Timer string `key:"timer"`
	Else  Tell   `key:"else"`
}

// Cancels are timers to end.
type Cancels []Cancel

// A Timer is one block of timers.
type Timer struct {
	Name  string
	After time.Duration `key:"after"`
	Reaction
}

// A Command is the command that shuts the host down.
type Command struct {
	Argv  []string // run as it is
	Shell string   // or a line for /bin/sh
}

// Text is the command as a person would type it.
func (c Command) Text() string {
	if c.Shell != "" {
		return c.Shell
	}
	return strings.Join(c.Argv, " ")
}

// Powerless is the program of a command that shuts nothing down, whatever its
// arguments; "" where it may shut down.
func (c Command) Powerless() string {
	lines := []string{strings.Join(c.Argv[:min(1, len(c.Argv))], " ")}
	if c.Shell != "" {
		lines = strings.FieldsFunc(c.Shell, func(r rune) bool { return strings.ContainsRune(";&|\n", r) })
	}
	last := ""
	for _, line := range lines {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if last = path.Base(words[0]); !slices.Contains(powerless, last) {
			return ""
		}
	}
	return last
}

// powerless programs shut nothing down.
var powerless = []string{"true", "false", ":", "sync", "echo", "printf", "logger", "wall", "sleep", "date", "touch", "exit", "test", "cat", "mail", "mailx"}

// KillPower is how the UPS is told to cut its output after the shutdown.
type KillPower struct {
	Command        UPSCommand    `key:"command"`
	WaitThenReboot time.Duration `key:"wait_then_reboot"` // 0: no reboot
}

// A UPSCommand is an instant command that ends with the output off.
type UPSCommand string

// Messages say how messages leave the host.
type Messages struct {
	Routes    []Route       `key:"routes"`
	Expire    time.Duration `key:"expire"`
	Rate      Rate          `key:"rate"`
	Late      time.Duration `key:"late"`
	Summary   bool          `key:"summary"`
	Heartbeat Heartbeat     `key:"heartbeat"`
}

// A Rate lets Burst messages pass at once and one more in every Every.
type Rate struct {
	Burst int           `key:"burst"`
	Every time.Duration `key:"every"`
}

// Heartbeat is a URL that is fetched while all is well.
type Heartbeat struct {
	URL    Secret        `key:"url"`
	Every  time.Duration `key:"every"`
	CAFile string        `key:"ca_file,path,none"`
}

// A Route is one way for messages to leave. Exactly one of FreeMobile, HTTP,
// Mail and Command is given.
type Route struct {
	Name          string
	FreeMobile    *FreeMobile   `key:"free_mobile"`
	HTTP          *HTTP         `key:"http"`
	Mail          *Mail         `key:"mail"`
	Command       []string      `key:"command,hidden"`
	Events        RouteEvents   `key:"events"` // nil: all
	MaxLength     int           `key:"max_length"`
	Timeout       time.Duration `key:"timeout"`
	FallbackFor   string        `key:"fallback_for"`
	AfterFailures int           `key:"after_failures"`
	After         time.Duration `key:"after"`
}

// FreeMobile is the SMS gateway of Free Mobile.
type FreeMobile struct {
	User     string `key:"user"`
	Password Secret `key:"password"`
	Endpoint string `key:"endpoint"`
	CAFile   string `key:"ca_file,path,none"`
}

// HTTP is any other gateway that takes a request.
type HTTP struct {
	Method  string            `key:"method"`
	URL     string            `key:"url,hidden"`
	Headers map[string]string `key:"headers,hidden"`
	Body    string            `key:"body,hidden"`
	Secret  Secret            `key:"secret"` // {{secret}} in URL, Headers and Body
	Success []int             `key:"success"`
	Refused []int             `key:"refused"`  // answers that mean never
	TooMany []int             `key:"too_many"` // and later
	Expect  string            `key:"expect"`   // regular expression for the answer's body
	CAFile  string            `key:"ca_file,path,none"`

	LineBreak string `key:"line_break"` // what one in a text becomes
}
