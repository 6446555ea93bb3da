package pace

import (
	"slices"
	"testing"
	"time"
)

// TestNext: two at once, then one each second; one that is still to come serves all who
// ask meanwhile; and after a rest it is two at once again.
func TestNext(t *testing.T) {
	p := Pace{Every: time.Second, Burst: 2}
	begin := time.Now()
	var got []int // milliseconds
	for _, at := range []int{0, 10, 20, 30, 999, 1001, 2500, 6100, 6110, 6120} {
		got = append(got, int(p.Next(begin.Add(time.Duration(at)*time.Millisecond)).Sub(begin).Milliseconds()))
	}
	// 0 and 10 are taken from the two; the third is paid for at 1000, the fourth at
	// 2000, the fifth at 3000. Those five pay up to 5000; at 6100 there are two again.
	want := []int{0, 10, 1000, 1000, 1000, 2000, 3000, 6100, 6110, 7100}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// TestNoLongDebt: whoever asks a hundred times a second for a minute does not pay for it
// with an hour.
func TestNoLongDebt(t *testing.T) {
	p := Pace{Every: time.Second, Burst: 3}
	now, times := time.Now(), 0
	var last time.Time
	for range 6000 {
		if at := p.Next(now); at != last {
			last = at
			times++
		}
		now = now.Add(10 * time.Millisecond)
	}
	if last.Sub(now) > time.Second || times > 63 {
		t.Errorf("%d times, the next one in %s", times, last.Sub(now))
	}
}
