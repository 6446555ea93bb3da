package importer

import (
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"ecnutd/config"
	"ecnutd/internal/address"
	"ecnutd/internal/nut/importer/directives"
	"ecnutd/internal/nut/importer/report"
	"ecnutd/internal/nut/importer/script"
	"ecnutd/internal/nut/importer/wording"
	"ecnutd/ups"
)

// A flag is what NOTIFYFLAG says of an event.
type flag struct {
	log, wall, exec, ignore bool
	d                       directive
}

// usual is what upsmon does with events that no NOTIFYFLAG names.
var usual = flag{log: true, wall: true}

// upsmonDurations: durations of upsmon.conf, in seconds, and our keys.
var upsmonDurations = map[string]string{
	"POLLFREQ": "poll", "POLLFREQALERT": "poll_on_battery", "HOSTSYNC": "host_sync", "DEADTIME": "dead_time",
	"RBWARNTIME": "replace_battery_repeat", "NOCOMMWARNTIME": "no_comm_repeat", "FINALDELAY": "final_delay",
}

func (m *importer) upsmonConf() {
	const file = "upsmon.conf"
	m.flags, m.texts = map[ups.Event]flag{}, map[ups.Event]directive{}
	for _, l := range m.lines[file] {
		word, args := strings.ToUpper(l.Words[0]), l.Words[1:]
		d := directive{file: file, line: l.N}
		if len(args) > 0 {
			d.value = args[0]
		}
		switch {
		case word == "MONITOR":
			m.monitor(d, args)
		case upsmonDurations[word] != "":
			m.upsmonDuration(d, word, upsmonDurations[word])
		case word == "MINSUPPLIES":
			n, err := strconv.Atoi(d.value)
			if err != nil || n < 0 || n > 1000 {
				m.note(file, l.N, Unsupported, "", "MINSUPPLIES %s: not a number; the default stays", report.Shorten(d.value))
				continue
			}
			m.set(d, "min_supplies", n, "MINSUPPLIES "+d.value)
		case word == "SHUTDOWNCMD":
			m.shutdownCommand(d, args)
		case word == "NOTIFYCMD":
			d.value = strings.TrimSpace(strings.Join(args, " "))
			m.notify.d = d
		case word == "POWERDOWNFLAG":
			m.settings["power_down_flag"] = setting{config.Minimal("").PowerDownFlag, d.from()}
			m.note(file, l.N, Translated, "power_down_flag: "+config.Minimal("").PowerDownFlag, "POWERDOWNFLAG %s, at the place of our own: a flag that outlives a boot on a disk has the UPS cut at the next ordinary shutdown, and /run is empty after every boot; a script of yours that looks for the old file has to look for the new one", report.Shorten(d.value))
		case word == "NOTIFYFLAG":
			m.notifyFlag(d, args)
		case word == "NOTIFYMSG":
			m.notifyMsg(d, args)
		case word == "OFFDURATION":
			m.note(file, l.N, Unsupported, "", "OFFDURATION: OFF is an event and no reason for a shutdown: a host that runs is fed; write events.OFF with a timer if it should be")
		case word == "RUN_AS_USER":
			m.runAsUser(d)
		case directives.UpsmonTLS[word]:
			m.wishForTLS(d, word)
		case directives.UpsmonConf[word] != "":
			m.note(file, l.N, NotNeeded, "", "%s: %s", word, directives.UpsmonConf[word])
		default:
			m.log.Unknown(file, l.N, l.Words[0])
		}
	}
	if _, ok := m.settings["power_down_flag"]; !ok && m.client() {
		m.settings["power_down_flag"] = setting{"none", "the UPS hangs on another host, which cuts it"}
	} else if !ok {
		m.settings["power_down_flag"] = setting{"none", "upsmon.conf has no POWERDOWNFLAG"}
		m.note(file, 0, Trap, "power_down_flag: none", "there is no POWERDOWNFLAG: the UPS runs on until its battery is empty, and a host that is down when mains returns before that stays down; take the line away to have the output cut and restored")
	}
	if _, ok := m.settings["shutdown_command"]; !ok {
		m.note(file, 0, Trap, "shutdown_command: /usr/sbin/poweroff", "there is no SHUTDOWNCMD: NUT could not shut the host down; the default is taken")
	}
}

func (m *importer) upsmonDuration(d directive, word, key string) {
	n, err := strconv.Atoi(d.value)
	if err != nil || n < 0 || n > 365*24*3600 || n == 0 && slices.Contains([]string{"poll", "poll_on_battery", "dead_time"}, key) {
		m.note(d.file, d.line, Unsupported, "", "%s %s: not a number of seconds that makes sense; the default stays", word, report.Shorten(d.value))
		return
	}
	m.set(d, key, time.Duration(n)*time.Second, word+" "+d.value)
}

// monitor takes MONITOR SYSTEM POWER USER PASSWORD ROLE. The password goes
// nowhere.
func (m *importer) monitor(d directive, args []string) {
	if len(args) < 2 {
		m.note(d.file, d.line, Unsupported, "", "MONITOR: too short; upsmon refuses it")
		return
	}
	system := args[0]
	name, host, _ := strings.Cut(system, "@")
	port := address.NUTPort
	if h, p, err := net.SplitHostPort(host); err == nil {
		host, port = h, p
	}
	role := ""
	if len(args) > 4 {
		role = strings.ToLower(args[4])
	}
	text := "MONITOR " + report.Shorten(system) + " " + report.Shorten(args[1]) + " (user, password) " + report.Shorten(role)
	power, err := strconv.Atoi(args[1])
	if err != nil || power < 0 || power > 1000 {
		m.note(d.file, d.line, Unsupported, "", "%s: the power value is not a number; 1 is taken", text)
		power = 1
	}
	d.value = system
	if !isLocal(host) {
		r := &remotePlan{host: net.JoinHostPort(strings.Trim(host, "[]"), port), ups: name}
		if len(args) > 3 {
			r.user, r.password = args[2], args[3]
		}
		m.monitored = append(m.monitored, monitored{d, system, system, power, r})
		if role == "master" || role == "primary" {
			m.note(d.file, d.line, Trap, "", "%s: the role is that of the host with the cable, which is another one; ecnutd follows that one", text)
		}
		return
	}
	m.monitored = append(m.monitored, monitored{d, system, name, power, nil})
	m.note(d.file, d.line, Translated, "ups."+wording.Clean(name)+".power: "+strconv.Itoa(power), "%s", text)
	if role == "slave" || role == "secondary" {
		m.note(d.file, d.line, Trap, "", "%s: the role is that of a host that waits for another one to manage the UPS, which hangs on this one; ecnutd manages it", text)
	}
}

// shutdownCommand takes the command as upsmon does: by the shell, if it has
// signs that need one.
func (m *importer) shutdownCommand(d directive, args []string) {
	if len(args) > 1 {
		m.note(d.file, d.line, Trap, "", "SHUTDOWNCMD is not in quotes: upsmon takes %q alone and drops the rest; the import takes all of it", report.Shorten(args[0]))
	}
	line := strings.TrimSpace(strings.Join(args, " "))
	words := strings.Fields(line)
	switch {
	case line == "":
		m.note(d.file, d.line, Unsupported, "", "SHUTDOWNCMD: empty; the default is taken")
		return
	case strings.ContainsAny(line, config.ShellSigns) || !strings.HasPrefix(line, "/"):
		m.set(d, "shutdown_command", config.Command{Shell: line}, "SHUTDOWNCMD "+report.Shorten(line))
	default:
		m.set(d, "shutdown_command", config.Command{Argv: words}, "SHUTDOWNCMD "+report.Shorten(line))
	}
	m.endsInShutdown(d, line)
}

// endsInShutdown looks whether SHUTDOWNCMD shuts anything down. A script that is
// here is followed.
func (m *importer) endsInShutdown(d directive, line string) {
	const instead = "with it the host is never shut down, in NUT or here, and runs until the battery is empty. If that is what you want, min_supplies: 0 says so; else take the line away"
	command := m.settings["shutdown_command"].value.(config.Command)
	if word := command.Powerless(); word != "" {
		m.note(d.file, d.line, Trap, "shutdown_command", "SHUTDOWNCMD %s: %s shuts nothing down; %s", report.Shorten(line), word, instead)
		return
	}
	s, err := script.Read([]byte(line+"\n"), d.file)
	if err != nil {
		return
	}
	ran := s.Run(script.Call{Open: m.readFile, Budget: m.work})
	if !ran.Lost && !slices.ContainsFunc(ran.Effects, func(e script.Effect) bool {
		tells := slices.Contains([]string{"logger", "wall", "mail", "mailx"}, e.What)
		return e.Kind == script.PowerOff || e.Kind == script.Hidden || e.Kind == script.Other && !tells
	}) {
		m.note(d.file, d.line, Trap, "shutdown_command", "SHUTDOWNCMD %s: nothing in it shuts the host down; %s", report.Shorten(line), instead)
	}
}

// runAsUser notes what changes for programs that had another user.
func (m *importer) runAsUser(d directive) {
	if d.value != "root" && d.value != "0" {
		m.note(d.file, d.line, NotNeeded, "", "RUN_AS_USER: systemd sets the user of the daemon")
		return
	}
	m.note(d.file, d.line, Unsupported, "", "RUN_AS_USER root: the programs that upsmon and upssched called ran as root; from now on they run as the user ecnutd, who may do nothing but read the UPS. What needs root in them (shutdown, qm, mount, files of root's) fails; the shutdown of this host itself does not need them")
}

// wishForTLS notes a wish for the protection of connections to other hosts.
func (m *importer) wishForTLS(d directive, word string) {
	if (word == "FORCESSL" || word == "CERTVERIFY") && d.value != "1" {
		m.note(d.file, d.line, NotNeeded, "", "%s %s: nothing is asked for", word, report.Shorten(d.value))
		return
	}
	m.tls = append(m.tls, directive{d.file, d.line, word})
}

// wishesForTLS carries the wishes out, once it is known whether there are other hosts.
func (m *importer) wishesForTLS() {
	for _, d := range m.tls {
		switch {
		case !slices.ContainsFunc(m.monitored, func(w monitored) bool { return w.remote != nil }):
			m.note(d.file, d.line, NotNeeded, "", "%s: the UPS hangs on this host, and the daemon reads it without a connection", d.value)
		case d.value == "FORCESSL", d.value == "CERTVERIFY":
			m.note(d.file, d.line, Trap, "tls: require", "%s 1: the connection to the other host is encrypted, and its certificate checked for the name in remote. NUT's database of certificates is not read: give ca_file, a file in PEM with the certificate that signs it, or ecnutd check refuses the connection", d.value)
		default:
			m.note(d.file, d.line, Unsupported, "", "%s: of the connection to the other host; ca_file says who signs its certificate, certificate and key what this host shows, files in PEM all of them", d.value)
		}
	}
}

// event finds an event by NUT's name; where there is none, it notes why.
func (m *importer) event(d directive, what, name string) (ups.Event, bool) {
	upper := strings.ToUpper(name)
	if slices.Contains(ups.Events, ups.Event(upper)) {
		return ups.Event(upper), true
	}
	if why := directives.NotOurEvents[upper]; why != "" {
		m.note(d.file, d.line, NotNeeded, "", "%s %s: %s", what, upper, why)
	} else {
		m.note(d.file, d.line, Unsupported, "", "%s %s: NUT has no such event%s", what, report.Shorten(name), orNearest(upper))
	}
	return "", false
}

func (m *importer) notifyFlag(d directive, args []string) {
	if len(args) < 2 {
		m.note(d.file, d.line, Unsupported, "", "NOTIFYFLAG: too short; upsmon refuses it")
		return
	}
	event, ok := m.event(d, "NOTIFYFLAG", args[0])
	if !ok {
		return
	}
	f := flag{d: d}
	for _, word := range strings.FieldsFunc(strings.ToUpper(strings.Join(args[1:], "+")), func(c rune) bool { return c == '+' }) {
		switch word {
		case "SYSLOG":
			f.log = true
		case "WALL":
			f.wall = true
		case "EXEC":
			f.exec = true
		case "IGNORE":
			f.ignore = true
		default:
			m.note(d.file, d.line, Unsupported, "", "NOTIFYFLAG %s: there is no flag %s", event, report.Shorten(word))
		}
	}
	if f.ignore {
		f = flag{d: d, ignore: true}
	}
	if old, ok := m.flags[event]; ok {
		m.note(old.d.file, old.d.line, Trap, "", "NOTIFYFLAG %s: without effect, line %d says it anew", event, d.line)
	}
	m.flags[event] = f
	m.note(d.file, d.line, Translated, "events."+string(event), "NOTIFYFLAG %s %s", event, report.Shorten(strings.Join(args[1:], " ")))
}

func (m *importer) notifyMsg(d directive, args []string) {
	if len(args) < 2 {
		m.note(d.file, d.line, Unsupported, "", "NOTIFYMSG: too short; upsmon refuses it")
		return
	}
	if event, ok := m.event(d, "NOTIFYMSG", args[0]); ok {
		d.value = strings.Join(args[1:], " ")
		m.texts[event] = d
	}
}

// orNearest asks whether an event of nearly the same name was meant.
func orNearest(name string) string {
	var names []string
	for _, e := range ups.Events {
		names = append(names, string(e))
	}
	if near := ups.Nearest(name, names); len(near) > 0 {
		return "; did you mean " + strings.Join(near, " or ") + "?"
	}
	return ""
}
