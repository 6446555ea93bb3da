// Package directives has what NUT's files may say and ecnutd has no use for, with
// the reason, and what upsmon says by itself. It is tables.
package directives

import "ecnutd/ups"

// What NUT's files may say and ecnutd has no use for, with the reason. Each
// table is one file.

// OneProcess is why nothing has to start something else, or to find it.
const OneProcess = "driver, server and monitor are one process"

const (
	noServer   = "the daemon is its own server"
	oldRules   = "upsd does not look at it any more; a firewall does that"
	ownLink    = "the link is watched, opened again and paused by fixed rules"
	ownReports = "which reports are asked for, and how often, follows from the device"
)

// NutConf are words of nut.conf that nothing follows from.
var NutConf = map[string]string{
	"ALLOW_NO_DEVICE": "the daemon runs without a UPS and waits for one",
	"NUT_DEBUG_LEVEL": "the journal has what is needed", "NUT_DEBUG_PID": OneProcess, "NUT_DEBUG_SYSLOG": "the journal has what is needed",
	"NUT_IGNORE_CHECKPROCNAME": OneProcess, "NUT_QUIET_INIT_UPSNOTIFY": OneProcess, "NUT_QUIET_INIT_BANNER": OneProcess,
	"UPSD_OPTIONS": noServer, "UPSMON_OPTIONS": OneProcess, "ALLOW_NOT_ALL_LISTENERS": noServer,
}

// UpsConf are options of ups.conf that nothing follows from.
var UpsConf = map[string]string{
	"maxretry": ownLink, "retrydelay": ownLink, "maxstartdelay": ownLink, "waitbeforereconnect": ownLink,
	"driverpath": OneProcess, "chroot": OneProcess, "user": "systemd sets the user", "group": "systemd sets the group",
	"synchronous": OneProcess, "nowait": OneProcess, "statepath": OneProcess, "debug_min": "the journal has what is needed",
	"pollinterval": ownReports, "pollfreq": ownReports, "pollonly": ownReports, "interruptonly": ownReports, "interruptsize": ownReports,
	"maxreport": ownReports, "explore": "dump --usages shows all fields", "subdriver": "the tables follow from the device",
	"port": "a UPS on USB is looked for", "usb_set_altinterface": "the kernel has claimed the device", "langid_fix": "the kernel has claimed the device",
	"usb_config_index": "the kernel has claimed the device", "usb_hid_rep_index": "the kernel has claimed the device", "usb_hid_desc_index": "the kernel has claimed the device",
	"usb_hid_ep_in": "the kernel has claimed the device", "usb_hid_ep_out": "the kernel has claimed the device", "libusb_debug": "libusb is not used",
	"allow_killpower": "killpower is a command of its own", "lbrb_log_delay_sec": "a low battery has to be seen twice, and counts on battery only",
	"onlinedischarge_onbattery": "OL and DISCHRG together mean mains", "onlinedischarge_battery": "OL and DISCHRG together mean mains",
	"onlinedischarge_log_throttle_sec": "there is no such message", "onlinedischarge_log_throttle_hovercharge": "there is no such message",
	"disable_fix_report_desc": "the descriptor is taken as it is",
}

// UpsdConf are words of upsd.conf that nothing follows from.
var UpsdConf = map[string]string{
	"MAXAGE":        "there is no driver that could fall silent by itself; dead_time is what watches the link",
	"TRACKINGDELAY": "an order can be asked about for an hour", "STATEPATH": OneProcess, "ALLOW_NO_DEVICE": "the daemon runs without a UPS and waits for one",
	"ALLOW_NOT_ALL_LISTENERS": "an address that cannot be had is tried again", "DISABLE_WEAK_SSL": "TLS begins with 1.2", "DEBUG_MIN": "the journal has what is needed", "ACL": oldRules, "ACCEPT": oldRules, "REJECT": oldRules,
}

// UpsdTLS are wishes of upsd.conf for encrypted connections.
var UpsdTLS = map[string]bool{"CERTFILE": true, "CERTPATH": true, "CERTIDENT": true, "CERTREQUEST": true}

// UpsmonConf are words of upsmon.conf that nothing follows from.
var UpsmonConf = map[string]string{
	"DEBUG_MIN": "the journal has what is needed", "POLLFAIL_LOG_THROTTLE_MAX": "a lost link is told once, and then every no_comm_repeat",
	"SHUTDOWNEXIT": "systemd ends the daemon", "ALARMCRITICAL": "a lost link is no reason for a shutdown, with an alarm or without",
	"OVERDURATION": "a lost link is no reason for a shutdown, overloaded or not",
	"OBLBDURATION": "a low battery has to be seen twice; low_battery.shutdown_imminent has a grace of its own",
}

// UpsmonTLS are wishes for encrypted connections.
var UpsmonTLS = map[string]bool{"CERTPATH": true, "CERTIDENT": true, "CERTHOST": true, "CERTVERIFY": true, "FORCESSL": true}

// NotOurEvents are events of upsmon that cannot happen here.
var NotOurEvents = map[string]string{
	"NOPARENT": "there is no parent process that could die", "ECO": "no UPS of the family says ECO", "NOTECO": "no UPS of the family says ECO",
	"OTHER": "every status that the family has is an event of its own", "NOTOTHER": "every status that the family has is an event of its own",
	"SUSPEND_STARTING": "sleep is no event of a UPS", "SUSPEND_FINISHED": "sleep is no event of a UPS",
	"SHUTDOWN_HOSTSYNC": "host_sync passes without an event", "SUSPEND_TIMEJUMP_UNEXPECTED": "the clock that is used does not jump",
}

// Texts are those of upsmon where no NOTIFYMSG says otherwise.
var Texts = map[ups.Event]string{
	ups.EventOnline: "UPS %s on line power", ups.EventOnBattery: "UPS %s on battery", ups.EventLowBattery: "UPS %s battery is low",
	ups.EventFSD: "UPS %s: forced shutdown in progress", ups.EventCommOK: "Communications with UPS %s established",
	ups.EventCommBad: "Communications with UPS %s lost", ups.EventShutdown: "Auto logout and shutdown proceeding",
	ups.EventReplace: "UPS %s battery needs to be replaced", ups.EventNoComm: "UPS %s is unavailable",
	ups.EventCal: "UPS %s: calibration in progress", ups.EventNotCal: "UPS %s: calibration finished",
	ups.EventOff: "UPS %s: administratively OFF or asleep", ups.EventNotOff: "UPS %s: no longer administratively OFF or asleep",
	ups.EventBypass: "UPS %s: on bypass (powered, not protecting)", ups.EventNotBypass: "UPS %s: no longer on bypass",
	ups.EventAlarm: "UPS %s: one or more active alarms: [%s]", ups.EventNotAlarm: "UPS %s is no longer in an alarm state (no active alarms)",
	ups.EventOver: "UPS %s: overloaded", ups.EventNotOver: "UPS %s: no longer overloaded",
	ups.EventTrim: "UPS %s: trimming incoming voltage", ups.EventNotTrim: "UPS %s: no longer trimming incoming voltage",
	ups.EventBoost: "UPS %s: boosting incoming voltage", ups.EventNotBoost: "UPS %s: no longer boosting incoming voltage",
}
