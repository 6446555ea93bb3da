package guard

import (
	"context"
	"time"

	"ecnutd/config"
	"ecnutd/hid/power"
	"ecnutd/hid/power/family"
	"ecnutd/internal/discovery"
	"ecnutd/internal/host"
)

// The pace of the guard: the battery is about to end.
const (
	poll       = 2 * time.Second
	reopenWait = 2 * time.Second
)

// Read reads the UPSs of these blocks until ctx ends, and sends what they say.
// It returns their names.
func Read(ctx context.Context, blocks []config.UPS, locators map[string]discovery.Locator, families []*family.Family, readings chan<- Reading) (names []string) {
	for _, u := range blocks {
		names = append(names, u.Name)
		go func() {
			for ctx.Err() == nil {
				_ = session(ctx, u.Name, locators[u.Name].Open, families, readings) // it is opened again
				_ = host.Pause(ctx, reopenWait)
			}
		}()
	}
	return names
}

// session reads a UPS until it is lost.
func session(ctx context.Context, name string, open discovery.Open, families []*family.Family, readings chan<- Reading) error {
	dev, _, err := open(ctx)
	if err != nil {
		return err
	}
	defer dev.Close()
	reader, err := power.NewReader(dev, power.Options{Poll: poll, PollOnBattery: poll}, families...)
	if err != nil {
		return err
	}
	return reader.Run(ctx, func(d *power.Decoder) {
		select {
		case readings <- Reading{name, d.Snapshot(), time.Now()}:
		case <-ctx.Done():
		}
	}, nil)
}
