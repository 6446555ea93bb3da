// Package notice makes of a message of the engine what the outbox is given: under
// which title, how much it matters, and for which routes.
package notice

import (
	"time"

	"ecnutd/config"
	"ecnutd/internal/engine"
	"ecnutd/internal/texts"
	"ecnutd/sms"
	"ecnutd/ups"
)

// Of is the message for the outbox; it is not ok where no route tells of its event.
func Of(c *config.Config, host string, said engine.Message, at time.Time) (m sms.Message, ok bool) {
	for _, r := range c.Messages.Routes {
		if r.Takes(said.Event) {
			m.Routes = append(m.Routes, r.Name)
		}
	}
	m.Text, m.At, m.Urgent, m.Priority = said.Text, at, said.Urgent, priorities[said.Event]
	m.Title = texts.Title(c.Language, host, called(c, said.UPS), said.Event)
	return m, len(m.Routes) > 0
}

// ByHand is the message of a text that somebody has queued, for these routes; none
// are all.
func ByHand(c *config.Config, host, text string, routes []string, at time.Time) sms.Message {
	return sms.Message{Text: text, Routes: routes, At: at, Urgent: true, Title: texts.Title(c.Language, host, "", "")}
}

// called is what a UPS is called in a title: as its description says, or by name.
func called(c *config.Config, name string) string {
	for _, u := range c.UPS {
		if u.Name == name && u.Description != "" {
			return u.Description
		}
	}
	return name
}

// priorities are how much events matter where a service has a scale for it; those
// that are not here are usual. What ends well matters least.
var priorities = map[ups.Event]sms.Priority{
	ups.EventOnBattery: sms.High, ups.EventCommBad: sms.High, ups.EventNoComm: sms.High, ups.EventLoginBad: sms.High,
	ups.EventOver: sms.High, ups.EventOff: sms.High, ups.EventAlarm: sms.High, ups.EventReplace: sms.High,
	ups.EventLowBattery: sms.Urgent, ups.EventFSD: sms.Urgent, ups.EventShutdown: sms.Urgent,
	ups.EventNotLowBattery: sms.Low, ups.EventNotReplace: sms.Low, ups.EventNotCal: sms.Low, ups.EventNotOff: sms.Low,
	ups.EventNotBypass: sms.Low, ups.EventNotOver: sms.Low, ups.EventTrim: sms.Low, ups.EventNotTrim: sms.Low,
	ups.EventBoost: sms.Low, ups.EventNotBoost: sms.Low, ups.EventNotAlarm: sms.Low, ups.EventLoginOK: sms.Low, ups.EventCal: sms.Low,
}
