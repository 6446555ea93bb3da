package discovery

import (
	"testing"

	"ecnutd/hid/usb"
)

func TestParsePlace(t *testing.T) {
	for s, want := range map[string]usb.Location{
		"001/005": {Bus: 1, Address: 5},
		"1/5":     {Bus: 1, Address: 5},
		"12/127":  {Bus: 12, Address: 127}, // the highest address of USB
		"":        {}, "5": {}, "1:5": {}, "0/1": {}, "1/0": {}, "1/128": {}, "-1/5": {}, "1/5/7": {}, "99999999999/1": {}, "../..": {},
	} {
		got, err := ParsePlace(s)
		if got != want || (err == nil) != (want != usb.Location{}) {
			t.Errorf("%q: %v, %v; want %v", s, got, err, want)
		}
	}
}
