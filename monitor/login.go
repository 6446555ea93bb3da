package monitor

import "ecnutd/ups"

// A Login says what came of a login to the host that serves a UPS: one that is
// refused does not keep the UPS from being followed, but that host will not
// wait for this one before it has the output cut.
type Login struct {
	Supply  int
	Refused bool
}

func (Login) input() {}

// login tells a refusal once, and its end.
func (t *turn) login(in Login) {
	u := &t.state.Supplies[in.Supply]
	if u.LoginBad == in.Refused {
		return
	}
	u.LoginBad = in.Refused
	if in.Refused {
		t.event(in.Supply, ups.EventLoginBad, Reason{Code: LoginRefused})
	} else {
		t.event(in.Supply, ups.EventLoginOK, Reason{Code: LoginTaken})
	}
}
