package hid

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const outage = `R: 2 05 84
F: 2 01 25
F: 2 06 64
E: 12.5 2 01 30
G: 07 1 09
E: 20.0 2 06 5c
F: 2 01 31
`

func TestUntil(t *testing.T) {
	rec, err := ReadRecording(strings.NewReader(outage))
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[time.Duration]int{
		-1: 6, 0: 2, time.Second: 2, 12 * time.Second: 2, 12500 * time.Millisecond: 4, 19 * time.Second: 4, 20 * time.Second: 6, time.Hour: 6,
	} {
		if got := len(rec.Until(at)); got != want {
			t.Errorf("at %s: %d reports, want %d", at, got, want)
		}
	}
	// An input report at 0 s is not yet there at "0", which is before it.
	rec, err = ReadRecording(strings.NewReader("R: 2 05 84\nF: 2 01 25\nE: 0.0 2 01 30\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := len(rec.Until(0)); got != 1 {
		t.Errorf("at 0: %d reports, want 1", got)
	}
}

// TestReplayWoken: a wait is over when somebody calls, also before it began;
// the report that was waited for still comes.
func TestReplayWoken(t *testing.T) {
	rec, err := ReadRecording(strings.NewReader(outage))
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		dev, start, buf := NewReplay(rec), time.Now(), make([]byte, 8)
		go func() {
			time.Sleep(5 * time.Second)
			dev.Wake()
		}()
		for _, want := range []time.Duration{5 * time.Second, 12500 * time.Millisecond} {
			n, err := dev.ReadInput(buf, time.Minute)
			if woken := want == 5*time.Second; woken != errors.Is(err, ErrTimeout) || woken != (n == 0) || time.Since(start) != want {
				t.Errorf("after %s: %d bytes, %v", time.Since(start), n, err)
			}
		}
		dev.Wake()
		if _, err := dev.ReadInput(buf, time.Hour); !errors.Is(err, ErrTimeout) || time.Since(start) != 12500*time.Millisecond {
			t.Errorf("after %s: %v", time.Since(start), err)
		}
	})
}

func TestReplay(t *testing.T) {
	rec, err := ReadRecording(strings.NewReader(outage))
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		var dev Device = NewReplay(rec)
		buf := make([]byte, 8)
		get := func(id uint8) string {
			n, err := dev.GetFeature(id, buf)
			if err != nil {
				return "refused"
			}
			return fmt.Sprintf("% x", buf[:n])
		}
		if got := get(1) + "|" + get(6) + "|" + get(7); got != "01 25|06 64|refused" {
			t.Error("at the start:", got)
		}
		if _, err := dev.ReadInput(buf, 12*time.Second); !errors.Is(err, ErrTimeout) {
			t.Errorf("input before its time: %v", err)
		}
		n, err := dev.ReadInput(buf, time.Minute)
		if err != nil || fmt.Sprintf("% x", buf[:n]) != "01 30" {
			t.Errorf("first input % x, %v", buf[:n], err)
		}
		if got := get(1) + "|" + get(7); got != "01 30|09" {
			t.Error("at 12.5 s:", got)
		}
		if n, err = dev.ReadInput(buf, time.Minute); err != nil || buf[1] != 0x5c {
			t.Errorf("second input % x, %v", buf[:n], err)
		}
		if got := get(1) + "|" + get(6); got != "01 31|06 5c" {
			t.Error("at 20 s:", got)
		}
		if _, err := dev.ReadInput(buf, time.Hour); !errors.Is(err, ErrTimeout) {
			t.Errorf("after the last input: %v", err)
		}
		if err := dev.SetFeature([]byte{9, 0}); err == nil {
			t.Error("a recording was written to")
		}
		for range 2 {
			if err := dev.Close(); err != nil {
				t.Error(err)
			}
		}
		if _, err := dev.GetFeature(1, buf); !errors.Is(err, ErrGone) {
			t.Errorf("closed: %v", err)
		}
	})
}
