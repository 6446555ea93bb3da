package mqtt

import (
	"slices"
	"strings"
	"time"

	"ecnutd/internal/control"
	"ecnutd/monitor/forecast"
)

// A component is an entity of Home Assistant's device discovery. Keys and classes are
// those that its documents have for sensor.mqtt and binary_sensor.mqtt (looked up in
// November 2026).
type component struct {
	Platform string `json:"p"`
	Name     string `json:"name"`
	UniqueID string `json:"unique_id"`
	Class    string `json:"device_class,omitempty"`
	State    string `json:"state_class,omitempty"`
	Unit     string `json:"unit_of_measurement,omitempty"`
	Category string `json:"entity_category,omitempty"`
	Template string `json:"value_template"`
}

// An entity is a row of the table: what is shown of a UPS that has it.
type entity struct {
	key, name string
	platform  string
	class     string
	unit      string
	category  string
	has       string // the variable that a UPS must have; "": every one does
}

const (
	sensor = "sensor"
	binary = "binary_sensor"
)

// entities are all that there are. A binary one is ON or OFF.
var entities = []entity{
	{key: "mains", name: "Mains", platform: binary, class: "power"},
	{key: "link", name: "Link to the UPS", platform: binary, class: "connectivity", category: "diagnostic"},
	{key: "problem", name: "Problem", platform: binary, class: "problem"},
	{key: "battery_low", name: "Battery low", platform: binary, class: "battery"},
	{key: "charge", name: "Battery charge", platform: sensor, class: "battery", unit: "%", has: "battery.charge"},
	{key: "runtime", name: "Runtime", platform: sensor, class: "duration", unit: "s", has: "battery.runtime"},
	{key: "load", name: "Load", platform: sensor, unit: "%", has: "ups.load"},
	{key: "input_voltage", name: "Mains voltage", platform: sensor, class: "voltage", unit: "V", has: "input.voltage"},
	{key: "output_voltage", name: "Output voltage", platform: sensor, class: "voltage", unit: "V", has: "output.voltage"},
	{key: "battery_voltage", name: "Battery voltage", platform: sensor, class: "voltage", unit: "V", has: "battery.voltage", category: "diagnostic"},
	{key: "shutdown_at", name: "Shutdown at", platform: sensor, class: "timestamp"},
	{key: "status", name: "Status", platform: sensor, has: "ups.status"},
}

// discovery is the payload that makes one device with all its entities.
type discovery struct {
	Device       device               `json:"dev"`
	Origin       origin               `json:"o"`
	Components   map[string]component `json:"cmps"`
	StateTopic   string               `json:"state_topic"`
	Availability []availability       `json:"availability"`
	QoS          int                  `json:"qos"`
}

type device struct {
	IDs          []string `json:"ids"`
	Name         string   `json:"name"`
	Manufacturer string   `json:"mf,omitempty"`
	Model        string   `json:"mdl,omitempty"`
}

type origin struct {
	Name    string `json:"name"`
	Version string `json:"sw,omitempty"`
}

type availability struct {
	Topic string `json:"topic"`
}

// discover describes a UPS. Its identity is the host and the name, never the serial
// number, which many units share.
func (m *Client) discover(s *control.Snapshot, u control.Supply) discovery {
	vars := s.Variables[u.Name].Variables
	id := m.id(u.Name)
	d := discovery{
		Device:     device{IDs: []string{id}, Name: u.Name, Manufacturer: vars["ups.mfr"], Model: u.Model},
		Origin:     origin{"ecnutd-view", s.Status.Version},
		Components: make(map[string]component), StateTopic: m.topic(u.Name, "state"),
		Availability: []availability{{m.availability()}}, QoS: 1,
	}
	if u.Description != "" {
		d.Device.Name = u.Description
	}
	for _, e := range entities {
		if _, has := vars[e.has]; e.has != "" && !has {
			continue
		}
		c := component{
			Platform: e.platform, Name: e.name, UniqueID: id + "_" + e.key, Class: e.class, Unit: e.unit, Category: e.category,
			Template: "{{ value_json." + e.key + " }}",
		}
		if e.unit != "" {
			c.State = "measurement"
		}
		d.Components[e.key] = c
	}
	return d
}

// state is what the entities show. What is not known is null, which Home Assistant
// shows as unknown.
func state(s *control.Snapshot, u control.Supply) map[string]any {
	heard := u.Link == control.LinkUp
	words := strings.Fields(u.Status)
	said := func(word string) bool { return slices.Contains(words, word) }
	onOff := func(known, on bool) any {
		switch {
		case !known:
			return nil
		case on:
			return "ON"
		}
		return "OFF"
	}
	vars := s.Variables[u.Name].Variables
	number := func(variable string) any {
		if v := vars[variable]; heard && v != "" {
			return v
		}
		return nil
	}
	values := map[string]any{
		"mains":           onOff(heard && (u.Line == "mains" || u.Line == "battery"), u.Line == "mains"),
		"link":            onOff(true, heard),
		"problem":         onOff(true, !heard || u.Alarm != "" || said("RB") || said("OVER") || said("ALARM") || u.Error != "" || len(s.Status.Faults) > 0),
		"battery_low":     onOff(heard && u.Status != "", said("LB")),
		"charge":          number("battery.charge"),
		"runtime":         number("battery.runtime"),
		"load":            number("ups.load"),
		"input_voltage":   number("input.voltage"),
		"output_voltage":  number("output.voltage"),
		"battery_voltage": number("battery.voltage"),
		"shutdown_at":     nil,
		"status":          nil,
	}
	if heard {
		values["status"] = u.Status
	}
	if c := s.Status.Coming; len(c) > 0 && c[0].Kind == forecast.Shutdown && !c[0].At.IsZero() {
		values["shutdown_at"] = c[0].At.UTC().Format(time.RFC3339)
	}
	return values
}
