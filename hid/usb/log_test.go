package usb

import (
	"bytes"
	"log"
	"testing"
)

// TestHush: the two lines are those of gousb 1.1.3 (libusb.go).
func TestHush(t *testing.T) {
	was, flags := log.Writer(), log.Flags()
	defer func() { log.SetOutput(was); log.SetFlags(flags) }()
	var out bytes.Buffer
	log.SetOutput(&out)
	log.SetFlags(0)

	first := hush()
	second := hush()
	log.Print("handle_events: error: libusb: i/o error [code -1]")
	log.Print("Device on bus 1 address 5 offered a descriptor for config 1 with two different entries with the same interface number (0)")
	log.Print("ours, during")
	first()
	log.Print("handle_events: error: libusb: i/o error [code -1]")
	second()
	log.Print("ours, after")
	if got := out.String(); got != "ours, during\nours, after\n" {
		t.Errorf("logged %q", got)
	}
	if log.Writer() != &out {
		t.Error("the output was not restored")
	}

	restore := hush()
	var other bytes.Buffer
	log.SetOutput(&other)
	restore()
	if log.Writer() != &other {
		t.Error("an output set meanwhile was undone")
	}
}
