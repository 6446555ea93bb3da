package family

import "fmt"

// Check refuses a number outside the limits.
func (s Setting) Check(v float64) error {
	if s.Min == 0 && s.Max == 0 || float64(s.Min) <= v && v <= float64(s.Max) {
		return nil
	}
	return fmt.Errorf("%s takes %d to %d", s.Variable, s.Min, s.Max)
}

// SettingType is how the values of a setting are described, in the words of
// upsrw.
type SettingType string

// The types.
const (
	RangeSetting  SettingType = "RANGE"  // whole numbers, Min to Max
	EnumSetting   SettingType = "ENUM"   // one of Choices
	StringSetting SettingType = "STRING" // a text: the date and the time of the UPS
)
