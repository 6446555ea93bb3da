package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"ecnutd/internal/control"
	"ecnutd/internal/discovery"
	"ecnutd/internal/host/doctor"
)

func doctorCommand(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "doctor",
		GroupID: groupSetup,
		Short:   "Find out why it does not work",
		Long: `Looks at all that protection depends on, and says on one line each what it found:
"ok", "BAD" with a fix, or "look" where only a person can tell. It looks at the
device (driver, nodes, rights, power saving, other programs that read it), the
configuration and its secrets, the gateways, the service, the network, the shutdown and the
cut of the output. Nothing is changed, no message is sent, and the UPS is only
read. Run it as root: others see less.

Exit status 1 when something is BAD.`,
		Args: exactArgs(),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return printFindings(cmd, newDoctor(g).Examine(cmd.Context()), *asJSON)
	}
	return cmd
}

func newDoctor(g *globals) *doctor.Doctor {
	return &doctor.Doctor{Config: g.config, Version: buildVersion(), Families: discovery.Families, Ask: askForDoctor}
}

// askForDoctor asks the daemon what the doctor judges.
func askForDoctor(ctx context.Context, socket string) doctor.Daemon {
	s, err := control.NewClient(socket).Status(ctx)
	if err != nil {
		return doctor.Daemon{Err: err, Absent: errors.Is(err, control.ErrNoDaemon)}
	}
	d := doctor.Daemon{Version: s.Version, DryRun: s.DryRun, Faults: s.Faults, Refused: len(s.Refused), Waiting: len(s.Waiting)}
	for _, u := range s.UPS {
		d.Links = append(d.Links, doctor.Link{UPS: u.Name, State: u.Link, Error: u.Error})
	}
	return d
}
