package server

import (
	"net"
	"slices"
	"strconv"
	"testing"

	nut "github.com/robbiet480/go.nut"
)

// TestGoClient: the Go library that exporters are built on. The values are
// those of the recorded unit.
func TestGoClient(t *testing.T) {
	f := newFake()
	f.list = slices.Clone(f.list[:1]) // it gives up at the first UPS without data
	f.list[0].Description = "Bureau"
	_, address := start(t, f, settings(t))
	host, port, _ := net.SplitHostPort(address)
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	c, err := nut.Connect(host, number)
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := c.Authenticate("admin", "secret"); !ok || err != nil {
		t.Error(ok, err)
	}
	list, err := c.GetUPSList()
	if err != nil || len(list) != 1 || list[0].Name != "eaton" || list[0].Description != "Bureau" || list[0].NumberOfLogins != 0 {
		t.Fatalf("%+v, %v", list, err)
	}
	values := map[string]any{}
	for _, v := range list[0].Variables {
		values[v.Name] = v.Value
	}
	if len(values) != 56 || values["battery.charge"] != int64(100) || values["ups.status"] != "OL" || values["output.voltage"] != 230.0 {
		t.Errorf("%+v", values)
	}
	if commands, err := list[0].GetCommands(); err != nil || len(commands) != 17 || commands[0].Description != "Disable the UPS beeper" {
		t.Errorf("%+v, %v", commands, err)
	}
	if ok, err := list[0].SendCommand("beeper.disable"); !ok || err != nil {
		t.Error(ok, err)
	}
	if ok, err := list[0].SetVariable("battery.charge.low", "30"); !ok || err != nil {
		t.Error(ok, err)
	}
	if len(f.orders) != 2 {
		t.Errorf("orders %+v", f.orders)
	}
	if ok, err := c.Disconnect(); !ok || err != nil {
		t.Error(ok, err)
	}
}
