package sim

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ecnutd/hid"
)

// TestAnswersOfOddLength: the bytes are those of the model's report 06 at rest,
// 06 64 49 02 00 00, and an empty answer leaves in the buffer the id that Linux
// put there.
func TestAnswersOfOddLength(t *testing.T) {
	for _, tc := range []struct {
		fault Fault
		want  string
	}{
		{Fault{Kind: LongReply, Report: 6}, "06 64 49 02 00 00 00 00"},
		{Fault{Kind: LongReply, Report: 6, Bytes: 3}, "06 64 49 02 00 00 00 00 00"},
		{Fault{Kind: LongReply, Report: 7}, "06 64 49 02 00 00"},
		{Fault{Kind: ShortReply, Report: 6}, "06 64 49 02 00"},
		{Fault{Kind: EmptyReply, Report: 6}, ""},
	} {
		u, h := newUPS(t, "")
		u.Inject(tc.fault)
		if got := get(h, 6); got != tc.want {
			t.Errorf("%+v: got %q, want %q", tc.fault, got, tc.want)
		}
		buf := []byte{0xff, 0xff}
		if n, err := h.GetFeature(6, buf); err != nil || buf[0] != 6 {
			t.Errorf("%+v: %d bytes, %v, the buffer begins with %02x", tc.fault, n, err, buf[0])
		}
	}
}

// TestHang: one report takes the kernel's five seconds, the others nothing.
func TestHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, h := newUPS(t, "")
		u.Inject(Fault{Kind: Hang, Report: 1})
		for id, want := range map[uint8]time.Duration{1: 5 * time.Second, 6: 0} {
			begun := time.Now()
			_, err := h.GetFeature(id, make([]byte, 8))
			if took := time.Since(begun); took != want || errors.Is(err, ErrNoReply) != (want > 0) {
				t.Errorf("report %02x: %v after %s, want %s", id, err, took, want)
			}
		}
	})
}

// TestUnreadable: a report that cannot be read takes what is written to it.
// 20 s is 14 in hexadecimal.
func TestUnreadable(t *testing.T) {
	u, h := newUPS(t, "")
	u.Inject(Fault{Kind: Unreadable, Report: 9})
	if _, err := h.GetFeature(9, make([]byte, 8)); err == nil {
		t.Error("it was read")
	}
	if err := h.SetFeature([]byte{9, 20, 0, 0, 0}); err != nil {
		t.Error(err)
	}
	u.Clear(Unreadable)
	if got := get(h, 9); got != "09 14 00 00 00" {
		t.Errorf("reads %s", got)
	}
}

// TestGetInput: an input report that can be asked for is the state of now, not
// that of the last push. A unit may refuse it, and has none for other ids.
func TestGetInput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, h := newUPS(t, "")
		u.CutMains()
		buf := make([]byte, 8)
		in := h.(hid.InputGetter)
		if n, err := in.GetInput(1, buf); err != nil || fmt.Sprintf("% x", buf[:n]) != "01 30 00 00" {
			t.Errorf("got %s, %v", fmt.Sprintf("% x", buf[:n]), err)
		}
		if _, err := in.GetInput(8, buf); err == nil {
			t.Error("a feature report was given as an input report")
		}
		u.Inject(Fault{Kind: RefusesFeature, Report: 1})
		if _, err := in.GetInput(1, buf); err != nil {
			t.Errorf("with the feature report refused: %v", err)
		}
		if _, err := h.GetFeature(1, buf); err == nil {
			t.Error("the feature report was not refused")
		}
		u.Clear(RefusesFeature)
		u.Inject(Fault{Kind: RefusesInputs})
		if _, err := in.GetInput(1, buf); err == nil {
			t.Error("it was not refused")
		}
		if got := get(h, 1); got != "01 30 00 00" {
			t.Errorf("the feature report is %s", got)
		}
	})
}

// TestPushes: what is pushed at the loss of mains, at 1 s: report 01, which is
// 01 30 00 00.
func TestPushes(t *testing.T) {
	for name, tc := range map[string]struct {
		fault Fault
		want  []string
	}{
		"none lost": {Fault{Kind: LongPush, Report: 2}, []string{"1s 01 30 00 00"}},
		"lost":      {Fault{Kind: LostPushes}, nil},
		"short":     {Fault{Kind: ShortPush, Report: 1}, []string{"1s 01 30 00"}},
		"long":      {Fault{Kind: LongPush, Report: 1, Bytes: 4}, []string{"1s 01 30 00 00 00 00 00 00"}},
		"foreign":   {Fault{Kind: ForeignPush, Report: 1, Reply: 7}, []string{"1s 07 30 00 00"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			u, h := newUPS(t, "")
			u.Inject(tc.fault)
			u.CutMains()
			if diff := cmp.Diff(tc.want, inputs(h, 2*time.Second)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
			if got := get(h, 1); got != "01 30 00 00" {
				t.Errorf("%s: asked for, it is %s", name, got)
			}
		})
	}
}

// TestReplyTimes: the option is the fault SlowReply from the beginning.
func TestReplyTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, h := newUPS(t, "", WithReplyTimes())
		begun := time.Now()
		get(h, 1)
		if took := time.Since(begun); took != 45*time.Millisecond {
			t.Errorf("took %s", took)
		}
	})
}

// TestDeclaredDescriptor: Linux reads what the configuration descriptor tells of.
func TestDeclaredDescriptor(t *testing.T) {
	u, h := newUPS(t, "", WithShortDescriptor(801))
	raw, err := h.Descriptor()
	whole, declared := u.ReportDescriptor()
	if err != nil || len(raw) != 801 || declared != 801 || len(whole) != 879 {
		t.Errorf("%d of %d bytes, declared %d, %v", len(raw), len(whole), declared, err)
	}
	for _, n := range []int{0, -1, 880} {
		if _, err := New("", WithShortDescriptor(n)); err == nil {
			t.Errorf("%d bytes were taken", n)
		}
	}
}
