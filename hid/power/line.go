package power

import (
	"context"

	"ecnutd/ups"
)

// Line asks a device afresh where its power comes from. The error says why that
// is not known: it did not answer, says neither mains nor battery, or reports
// an internal fault.
func (c *Commander) Line(ctx context.Context) (ups.Status, error) {
	c.sick = false
	if err := c.fit(ctx); err != nil {
		return 0, err
	}
	return c.dec.Snapshot().Status, nil
}
