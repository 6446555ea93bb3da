package target

import "testing"

func TestOrderTrace(t *testing.T) {
	got := orderTrace("load.off: done and read back", 0, "anna")
	if want := `an order for the UPS, past the daemon: load.off: done and read back (uid=0 sudo_user="anna")`; got != want {
		t.Errorf("got %s", got)
	}
}
