package power_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ecnutd/eaton"
	"ecnutd/hid"
	"ecnutd/hid/power"
)

var errStalled = errors.New("the endpoint is stalled")

// steps are a result's writes in short: what, how it ended, what was seen.
func steps(res power.Result) []string {
	var got []string
	for _, w := range res.Writes {
		name := w.Path[strings.LastIndexByte(w.Path, '.')+1:]
		line := fmt.Sprintf("%s %d: %s", name, w.Value, w.Outcome)
		if w.Known {
			line += fmt.Sprintf(", shows %d", w.Shows)
		}
		if w.Undo {
			line = "undo " + line
		}
		got = append(got, line)
	}
	return got
}

// TestFaultsInTheMiddle: shutdown.return on a device that goes wrong half way.
// idle is -1 in both timers. What is on the wire is given in full, so that it
// is seen that nothing else was written.
func TestFaultsInTheMiddle(t *testing.T) {
	const (
		start30 = "0a1e000000"
		off20   = "0914000000"
		cancel  = "09ffffffff"
	)
	for _, tc := range []struct {
		name    string
		break_  func(f *fake)
		outcome power.Outcome
		cut     power.Cut
		steps   []string
		sent    []string
	}{
		{
			"second write refused", func(f *fake) {
				f.onSet = func(r []byte) (bool, error) {
					if r[0] == 9 {
						return true, errStalled
					}
					return false, nil
				}
			}, power.Refused, power.CutNone,
			[]string{"DelayBeforeStartup 30: done and read back, shows 30", "DelayBeforeShutdown 20: refused by the UPS, shows -1"},
			[]string{start30, off20},
		}, {
			"first write refused", func(f *fake) {
				f.onSet = func([]byte) (bool, error) { return true, errStalled }
			}, power.Refused, power.CutNone,
			[]string{"DelayBeforeStartup 30: refused by the UPS, shows -1"},
			[]string{start30},
		}, {
			"an error, and yet it was taken", func(f *fake) {
				f.onSet = func(r []byte) (bool, error) {
					f.reports[r[0]] = append([]byte(nil), r...)
					return true, errStalled
				}
			}, power.Done, power.CutArmed,
			[]string{"DelayBeforeStartup 30: done and read back, shows 30", "DelayBeforeShutdown 20: done and read back, shows 20"},
			[]string{start30, off20},
		}, {
			"taken without effect", func(f *fake) {
				f.onSet = func(r []byte) (bool, error) { return r[0] == 9, nil }
			}, power.Different, power.CutNone,
			[]string{"DelayBeforeStartup 30: done and read back, shows 30", "DelayBeforeShutdown 20: written, but the UPS shows otherwise, shows -1"},
			[]string{start30, off20},
		}, {
			"start delay taken without effect: the cut is not ordered", func(f *fake) {
				f.onSet = func(r []byte) (bool, error) { return r[0] == 0xa, nil }
			}, power.Different, power.CutNone,
			[]string{"DelayBeforeStartup 30: written, but the UPS shows otherwise, shows -1"},
			[]string{start30},
		}, {
			"another number: nobody ordered that cut", func(f *fake) {
				f.onSet = func(r []byte) (bool, error) {
					if r[0] == 9 && r[4] == 0 {
						f.reports[9] = unhexed("09 05 00 00 00")
						return true, nil
					}
					return false, nil
				}
			}, power.Different, power.CutNone,
			[]string{
				"DelayBeforeStartup 30: done and read back, shows 30", "DelayBeforeShutdown 20: written, but the UPS shows otherwise, shows 5",
				"undo DelayBeforeShutdown -1: done and read back, shows -1",
			},
			[]string{start30, off20, cancel},
		}, {
			"another number, and it cannot be stopped", func(f *fake) {
				f.onSet = func(r []byte) (bool, error) {
					if r[0] == 9 {
						f.reports[9] = unhexed("09 05 00 00 00")
						return true, nil
					}
					return false, nil
				}
			}, power.Different, power.CutPossible,
			[]string{
				"DelayBeforeStartup 30: done and read back, shows 30", "DelayBeforeShutdown 20: written, but the UPS shows otherwise, shows 5",
				"undo DelayBeforeShutdown -1: written, but the UPS shows otherwise, shows 5",
			},
			[]string{start30, off20, cancel},
		}, {
			// The device that fell silent in between is not written to.
			"another number, and silence", func(f *fake) {
				f.onSet = func(r []byte) (bool, error) {
					if r[0] != 9 {
						return false, nil
					}
					f.reports[9] = unhexed("09 05 00 00 00")
					f.later(100*time.Millisecond, func() {
						f.onGet = func(uint8) ([]byte, error) {
							time.Sleep(5 * time.Second)
							return nil, errors.New("timeout")
						}
					})
					return true, nil
				}
			}, power.Different, power.CutPossible,
			[]string{"DelayBeforeStartup 30: done and read back, shows 30", "DelayBeforeShutdown 20: written, but the UPS shows otherwise, shows 5"},
			[]string{start30, off20},
		}, {
			"zero: the cut is under way", func(f *fake) {
				f.onSet = func(r []byte) (bool, error) {
					if r[0] == 9 && r[4] == 0 {
						f.reports[9] = unhexed("09 00 00 00 00")
						return true, nil
					}
					return false, nil
				}
			}, power.Different, power.CutNone,
			[]string{
				"DelayBeforeStartup 30: done and read back, shows 30", "DelayBeforeShutdown 20: written, but the UPS shows otherwise, shows 0",
				"undo DelayBeforeShutdown -1: done and read back, shows -1",
			},
			[]string{start30, off20, cancel},
		}, {
			"reset in between: without its start delay it would stay off", func(f *fake) {
				f.onSet = func(r []byte) (bool, error) {
					if r[0] == 9 {
						f.reports[0xa] = unhexed("0a ff ff ff ff")
					}
					return false, nil
				}
			}, power.Different, power.CutNone,
			[]string{
				"DelayBeforeStartup 30: written, but the UPS shows otherwise, shows -1", "DelayBeforeShutdown 20: done and read back, shows 20",
				"undo DelayBeforeShutdown -1: done and read back, shows -1",
			},
			[]string{start30, off20, cancel},
		}, {
			"reset after the second write", func(f *fake) {
				f.onSet = func(r []byte) (bool, error) {
					if r[0] == 9 {
						f.reports[9], f.reports[0xa] = unhexed("09 ff ff ff ff"), unhexed("0a ff ff ff ff")
						return true, nil
					}
					return false, nil
				}
			}, power.Different, power.CutNone,
			[]string{"DelayBeforeStartup 30: done and read back, shows 30", "DelayBeforeShutdown 20: written, but the UPS shows otherwise, shows -1"},
			[]string{start30, off20},
		}, {
			"unplugged after the first write", func(f *fake) {
				f.onSet = func(r []byte) (bool, error) {
					f.gone = true
					return false, nil
				}
			}, power.Unconfirmed, power.CutNone,
			[]string{"DelayBeforeStartup 30: written, but could not be read back"},
			[]string{start30},
		}, {
			"unplugged in the pause", func(f *fake) {
				f.onSet = func(r []byte) (bool, error) {
					f.later(60*time.Millisecond, func() { f.gone = true })
					return false, nil
				}
			}, power.Incomplete, power.CutNone,
			[]string{"DelayBeforeStartup 30: done and read back, shows 30", "DelayBeforeShutdown 20: not sent"},
			[]string{start30},
		}, {
			"unplugged after the second write", func(f *fake) {
				f.onSet = func(r []byte) (bool, error) {
					f.gone = r[0] == 9
					return false, nil
				}
			}, power.Unconfirmed, power.CutPossible,
			[]string{"DelayBeforeStartup 30: done and read back, shows 30", "DelayBeforeShutdown 20: written, but could not be read back"},
			[]string{start30, off20},
		}, {
			// The device hangs on the second write. One question more, which
			// hangs too, and then it is left alone.
			"silent from the second write on", func(f *fake) {
				f.onSet = func(r []byte) (bool, error) {
					if r[0] == 0xa {
						return false, nil
					}
					time.Sleep(5 * time.Second)
					f.onGet = func(uint8) ([]byte, error) {
						time.Sleep(5 * time.Second)
						return nil, errors.New("timeout")
					}
					return true, errors.New("timeout")
				}
			}, power.Unconfirmed, power.CutPossible,
			[]string{"DelayBeforeStartup 30: done and read back, shows 30", "DelayBeforeShutdown 20: written, but could not be read back"},
			[]string{start30, off20},
		}, {
			"read-back refused for a while", func(f *fake) {
				refuse := 0
				f.onSet = func(r []byte) (bool, error) { refuse = 2; return false, nil }
				f.onGet = func(uint8) ([]byte, error) {
					if refuse > 0 {
						refuse--
						return nil, errStalled
					}
					return nil, nil
				}
			}, power.Done, power.CutArmed,
			[]string{"DelayBeforeStartup 30: done and read back, shows 30", "DelayBeforeShutdown 20: done and read back, shows 20"},
			[]string{start30, off20},
		}, {
			"slow to show it", func(f *fake) {
				f.onSet = func(r []byte) (bool, error) {
					f.later(600*time.Millisecond, func() { f.reports[r[0]] = append([]byte(nil), r...) })
					return true, nil
				}
			}, power.Done, power.CutArmed,
			[]string{"DelayBeforeStartup 30: done and read back, shows 30", "DelayBeforeShutdown 20: done and read back, shows 20"},
			[]string{start30, off20},
		}, {
			"read-back foreign", func(f *fake) {
				f.onSet = func(r []byte) (bool, error) {
					if r[0] == 9 {
						f.onGet = func(id uint8) ([]byte, error) { return unhexed("0a 14 00 00 00"), nil }
					}
					return false, nil
				}
			}, power.Unconfirmed, power.CutPossible,
			[]string{"DelayBeforeStartup 30: done and read back, shows 30", "DelayBeforeShutdown 20: written, but could not be read back"},
			[]string{start30, off20},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t, "protection-station-800")
				tc.break_(f)
				begin := time.Now()
				res := f.commander().Command(t.Context(), "shutdown.return", "", cutting)
				// A refusal costs one question, at once; silence one of 5 s
				// after the write, which took 5 s too.
				if took := time.Since(begin); took > 125*time.Millisecond && tc.outcome == power.Refused || took > 11*time.Second {
					t.Errorf("took %s", took)
				}
				if res.Outcome != tc.outcome || res.Cut != tc.cut || (res.Err == nil) != (tc.outcome == power.Done) {
					t.Errorf("%s (%s)", res, res.Cut)
				}
				if diff := cmp.Diff(tc.steps, steps(res)); diff != "" {
					t.Errorf("steps (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(tc.sent, f.sent); diff != "" {
					t.Errorf("on the wire (-want +got):\n%s", diff)
				}
				if says := res.String(); strings.Contains(says, "armed") != (tc.cut == power.CutArmed) {
					t.Errorf("says %q", says)
				}
			})
		})
	}
}

// TestOthersCutIsLeft: a count-down that runs already is not stopped because
// this command failed.
func TestOthersCutIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, "protection-station-800")
		f.reports[9] = unhexed("09 3c 00 00 00") // 60 s
		f.onSet = func(r []byte) (bool, error) { return true, nil }
		res := f.commander().Command(t.Context(), "load.off.delay", "300", cutting)
		if res.Outcome != power.Different || res.Cut != power.CutPossible || len(f.sent) != 1 {
			t.Errorf("%s; sent %q", res, f.sent)
		}
		res = f.commander().Command(t.Context(), "shutdown.return", "", cutting) // its first write fails
		if res.Outcome != power.Different || res.Cut != power.CutPossible || len(f.sent) != 2 {
			t.Errorf("%s; sent %q", res, f.sent)
		}
	})
}

// TestOwnCutIsStopped: a second shutdown.return during the count-down of the
// first, and a reset that loses the start delay: the cut that this command
// ordered anew would be for good.
func TestOwnCutIsStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, "protection-station-800")
		f.reports[9] = unhexed("09 0a 00 00 00")
		f.onSet = func(r []byte) (bool, error) {
			if r[0] == 9 {
				f.reports[0xa] = unhexed("0a ff ff ff ff")
			}
			return false, nil
		}
		res := f.commander().Command(t.Context(), "shutdown.return", "", cutting)
		want := []string{"0a1e000000", "0914000000", "09ffffffff"}
		if diff := cmp.Diff(want, f.sent); diff != "" || res.Outcome != power.Different || res.Cut != power.CutNone {
			t.Error(res, diff)
		}
	})
}

// TestAutomaticRestart: on a unit with AutomaticRestart it is written first,
// and gets its number back when the cut did not come about; not when nobody
// knows whether it will.
func TestAutomaticRestart(t *testing.T) {
	make_ := func() *fake {
		f := describe(
			field{"UPS.PowerSummary.PresentStatus.ACPresent", 1, 8, 0, 1},
			field{"UPS.PowerSummary.DelayBeforeShutdown", 2, 32, -1, 1<<31 - 1},
			field{"UPS.PowerSummary.DelayBeforeStartup", 3, 32, -1, 1<<31 - 1},
			field{"UPS.PowerConverter.Input.[1].AutomaticRestart", 4, 8, 0, 1})
		f.reports[1] = unhexed("01 01")
		f.reports[2], f.reports[3], f.reports[4] = unhexed("02 ff ff ff ff"), unhexed("03 ff ff ff ff"), unhexed("04 01")
		return f
	}
	for _, tc := range []struct {
		name  string
		onSet func(f *fake, r []byte) (bool, error)
		want  []string
		auto  string
	}{
		{"well", func(*fake, []byte) (bool, error) { return false, nil }, []string{"0400", "03ffffffff", "0214000000"}, "0400"},
		{"cut refused", func(_ *fake, r []byte) (bool, error) {
			if r[0] == 2 {
				return true, errStalled
			}
			return false, nil
		}, []string{"0400", "03ffffffff", "0214000000", "0401"}, "0401"},
		{"cut unknown", func(f *fake, r []byte) (bool, error) {
			if r[0] == 2 {
				f.onGet = func(id uint8) ([]byte, error) {
					if id == 2 {
						return nil, errStalled
					}
					return nil, nil
				}
			}
			return false, nil
		}, []string{"0400", "03ffffffff", "0214000000"}, "0400"},
		{"cut refused, and it was so before", func(f *fake, r []byte) (bool, error) {
			if r[0] == 2 {
				return true, errStalled
			}
			return false, nil
		}, []string{"0400", "03ffffffff", "0214000000"}, "0400"},
		{"start delay refused, and another cut is pending", func(_ *fake, r []byte) (bool, error) {
			if r[0] == 3 {
				return true, errStalled
			}
			return false, nil
		}, []string{"0400", "03ffffffff"}, "0400"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := make_()
				if strings.Contains(tc.name, "before") {
					f.reports[4] = unhexed("04 00")
				}
				if strings.Contains(tc.name, "another cut") {
					f.reports[2], f.reports[3] = unhexed("02 3c 00 00 00"), unhexed("03 64 00 00 00")
				}
				f.onSet = func(r []byte) (bool, error) { return tc.onSet(f, r) }
				res := f.commander().Command(t.Context(), "shutdown.stayoff", "", cutting)
				if diff := cmp.Diff(tc.want, f.sent); diff != "" {
					t.Errorf("%s; on the wire (-want +got):\n%s", res, diff)
				}
				if got := fmt.Sprintf("%x", f.reports[4]); got != tc.auto {
					t.Errorf("AutomaticRestart is %s, want %s", got, tc.auto)
				}
			})
		})
	}
}

// TestUnplugInThePause is the same on the simulator, with a cable that is
// pulled, and afterwards the UPS cuts nothing.
func TestUnplugInThePause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, c := commanded(t, "")
		time.AfterFunc(60*time.Millisecond, u.Unplug)
		begin := time.Now()
		res := c.Command(t.Context(), "shutdown.return", "", cutting)
		if res.Outcome != power.Incomplete || !errors.Is(res.Err, hid.ErrGone) || res.Cut != power.CutNone {
			t.Error(res)
		}
		if diff := cmp.Diff([]string{"0s 0a1e000000"}, sets(u, begin)); diff != "" {
			t.Error(diff)
		}
		time.Sleep(time.Minute)
		if !u.Output() {
			t.Error("the output went off")
		}
	})
}

// TestWitness: load.off on a unit whose timer stands still at once. Good (bit
// 5 of report 01) reports whether the output went off.
func TestWitness(t *testing.T) {
	for status, want := range map[string]power.Outcome{
		"01 05 00 00": power.Done,
		"01 25 00 00": power.Different, // still good: nothing happened
	} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t, "protection-station-800")
			f.onSet = func([]byte) (bool, error) {
				f.reports[1] = unhexed(status)
				return true, nil
			}
			if res := f.commander().Command(t.Context(), "load.off", "", cutting); res.Outcome != want {
				t.Errorf("status %s: %s", status, res)
			}
		})
	}
}

// TestNoWitness: with nobody to say whether it happened nothing is claimed.
func TestNoWitness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := describe(
			field{"UPS.PowerSummary.PresentStatus.ACPresent", 1, 8, 0, 1},
			field{"UPS.PowerSummary.DelayBeforeShutdown", 2, 32, -1, 100})
		f.reports[1], f.reports[2] = unhexed("01 01"), unhexed("02 ff ff ff ff")
		f.onSet = func([]byte) (bool, error) { return true, nil }
		res := f.commander().Command(t.Context(), "load.off", "", cutting)
		if res.Outcome != power.Unconfirmed {
			t.Error(res)
		}
	})
}

// TestBeepersDisagree: one beeper object that obeys is enough, and the other
// one is named (NUT issues 1286 and 801).
func TestBeepersDisagree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, "protection-station-800")
		f.onSet = func(r []byte) (bool, error) { return r[0] == 0x1f, nil }
		res := f.commander().Command(t.Context(), "beeper.disable", "", power.Permit{})
		want := []string{"AudibleAlarmControl 1: done and read back, shows 1", "AudibleAlarmControl 1: written, but the UPS shows otherwise, shows 2"}
		if diff := cmp.Diff(want, steps(res)); diff != "" || res.Outcome != power.Done {
			t.Error(res, diff)
		}
		f.onSet = func([]byte) (bool, error) { return true, nil }
		if res := f.commander().Command(t.Context(), "beeper.mute", "", power.Permit{}); res.Outcome != power.Different {
			t.Error(res)
		}
	})
}

// TestReplayRefuses: a recording cannot be commanded.
func TestReplayRefuses(t *testing.T) {
	dev := hid.NewReplay(recording(t, "protection-station-800"))
	d, err := power.Bind(dev, eaton.Family)
	if err != nil {
		t.Fatal(err)
	}
	res := power.NewCommander(dev, d, power.Delays{}).Command(t.Context(), "load.off", "", cutting)
	if res.Outcome != power.Refused || res.Cut != power.CutNone {
		t.Errorf("%s (%s)", res, res.Cut)
	}
}
