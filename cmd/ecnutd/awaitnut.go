package main

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/spf13/cobra"

	"ecnutd/internal/host"
)

// How long the start of the service waits for the end of NUT, and how often it
// looks. systemd gives a start 90 s.
const (
	nutWait = 60 * time.Second
	nutLook = time.Second
)

func awaitNUTCommand(*globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:    "await-nut",
		Hidden: true, // for ecnutd.service
		Short:  "Refuse to start while NUT is at work",
		Long: `Fails while NUT is at work, for the start of the service: at once the first time,
so that whoever starts it reads why, and after a minute when systemd tries again.
When NUT ends it succeeds within a second, and the service guards the host.`,
		Args: wants(),
	}
	refused := cmd.Flags().String("refused", "/run/ecnutd/refused", "this `FILE` says that it has been refused before")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return awaitNUT(cmd.Context(), *refused, func() error { return refuseBesideNUT("/proc") })
	}
	return cmd
}

// errStillNUT is for the tries after the first, which has told the rest.
var errStillNUT = errors.New("NUT is still at work")

func awaitNUT(ctx context.Context, refused string, look func() error) error {
	begun := time.Now()
	for {
		err := look()
		if err == nil {
			_ = os.Remove(refused) // it may not be there
			return nil
		}
		if _, before := os.Stat(refused); before != nil {
			return errors.Join(err, os.WriteFile(refused, nil, 0o644))
		}
		if time.Since(begun) >= nutWait || host.Pause(ctx, nutLook) != nil {
			return errStillNUT
		}
	}
}
