package power

import "context"

// Read is what the commander does before it writes.
func (c *Commander) Read(ctx context.Context, id uint8) ([]byte, error) { return c.read(ctx, id) }
