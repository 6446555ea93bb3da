package archive

import "ecnutd/ups"

// A meaner makes means of changes that come in their order: each value holds until
// the next one.
type meaner struct {
	span, from int64
	last       sample
	begun      bool
	done       []*mean
}

// A mean is what is known of a span.
type mean struct {
	at        int64
	seconds   int64
	onBattery int64
	sums      [len(columns)]float64
	weights   [len(columns)]int64
	lowest    *float64
}

func (m *mean) mean(i int) *float64 {
	if m.weights[i] == 0 {
		return nil
	}
	v := m.sums[i] / float64(m.weights[i])
	return &v
}

// add takes the next change.
func (m *meaner) add(s sample) {
	if m.begun {
		m.hold(s.at)
	}
	m.last, m.begun = s, true
}

// hold has the last value go on until an instant.
func (m *meaner) hold(until int64) {
	if !m.begun || m.last.status == "" {
		return
	}
	for at := max(m.last.at, m.from); at < until; {
		begin := at / m.span * m.span
		end := min(begin+m.span, until)
		m.weigh(begin, end-at)
		at = end
	}
}

// weigh adds seconds of the last value to the mean that begins at an instant.
func (m *meaner) weigh(begin, seconds int64) {
	if n := len(m.done); n == 0 || m.done[n-1].at != begin {
		m.done = append(m.done, &mean{at: begin})
	}
	one := m.done[len(m.done)-1]
	one.seconds += seconds
	if ups.ParseStatus(m.last.status).Has(ups.OnBattery) {
		one.onBattery += seconds
	}
	for i, v := range m.last.values {
		if v != nil {
			one.sums[i] += *v * float64(seconds)
			one.weights[i] += seconds
		}
	}
	if v := m.last.values[0]; v != nil && (one.lowest == nil || *v < *one.lowest) {
		one.lowest = v
	}
}
