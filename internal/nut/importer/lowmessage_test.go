package importer

import (
	"slices"
	"strings"
	"testing"
)

// TestMessageWhenLow: a message that hangs on LB alone is sent when the battery is
// low, which is second 1522 of this outage, just before the host goes down; what
// hangs on more than that is named.
func TestMessageWhenLow(t *testing.T) {
	lb := "upsc u ups.status | grep -q LB"
	for name, c := range map[string]struct {
		script string
		want   []string
		hand   bool
	}{
		"on the event":         {"case $1 in now) if " + lb + "; then " + request + "msg=empty; fi;; esac", []string{"empty"}, false},
		"when the timer ends":  {"case $1 in off) " + lb + " && " + request + "msg=empty;; esac", []string{"empty"}, false},
		"with the shutdown":    {"case $1 in now) if " + lb + "; then " + request + "msg=empty; upsmon -c fsd; fi;; esac", []string{"empty"}, false},
		"on battery too":       {"S=$(upsc u ups.status)\ncase $1 in now) case $S in *OB*LB*) " + request + "msg=empty;; esac;; esac", []string{"empty"}, false},
		"beside one that goes": {"case $1 in now) " + request + "msg=cut; if " + lb + "; then " + request + "msg=empty; fi;; esac", []string{"cut", "empty"}, false},
		"and a file":           {"case $1 in now) if " + lb + " && [ -e /x ]; then\n" + request + "msg=empty; fi;; esac", nil, true},
		"or a file":            {"case $1 in now) if " + lb + " || [ -e /x ]; then\n" + request + "msg=empty; fi;; esac", nil, true},
		"not low":              {"case $1 in now) if ! " + lb + "; then\n" + request + "msg=fine; fi;; esac", nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			_, texts, report, yaml := played(t, folder(c.script))
			hand := strings.Contains(report, ": unsupported: the message")
			if !slices.Equal(texts, c.want) || hand != c.hand {
				t.Errorf("sent %q, want %q; named: %v\n%s\n%s", texts, c.want, hand, report, yaml)
			}
		})
	}
	// At the return of mains there is no low battery to wait for.
	files := folder("case $1 in back) if " + lb + "; then\n" + request + "msg=empty; fi;; esac")
	files["upssched.conf"] += "AT ONLINE * EXECUTE back\n"
	if _, _, report := importOf(t, Options{}, files); !strings.Contains(report, `doit:2: unsupported: the message "empty" for back`) {
		t.Error(report)
	}
}

// TestMessageWhenLowOfOne: of two UPSs, the one that the script asks about.
func TestMessageWhenLowOfOne(t *testing.T) {
	c, _, report := importOf(t, Options{}, map[string]string{
		"ups.conf":    "[a]\ndriver = usbhid-ups\nproduct=A\n[b]\ndriver = usbhid-ups\nproduct=B\n",
		"upsmon.conf": "MONITOR a@localhost 1 u p primary\nMONITOR b@localhost 1 u p primary\nSHUTDOWNCMD /sbin/poweroff\nPOWERDOWNFLAG /x\nNOTIFYCMD /etc/nut/tell\nNOTIFYFLAG ONBATT EXEC\n",
		"tell":        "#!/bin/sh\ncase $UPSNAME in a@localhost) upsc a ups.status | grep -q LB && " + request + "msg=empty;; esac\n",
	})
	values := c.Values()
	if values["ups.a.events.LOWBATT.message"] != `"empty"` || strings.Contains(values["events.LOWBATT.message"]+values["ups.b.events.LOWBATT.message"], "empty") {
		t.Errorf("%v\n%s", values["events.LOWBATT.message"], report)
	}
}
