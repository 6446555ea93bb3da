package power

import "fmt"

// check refuses a number outside the limits.
func (s Setting) check(v float64) error {
	if s.Min == 0 && s.Max == 0 || float64(s.Min) <= v && v <= float64(s.Max) {
		return nil
	}
	return fmt.Errorf("%s takes %d to %d", s.Variable, s.Min, s.Max)
}
