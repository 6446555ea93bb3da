package main

import "github.com/spf13/cobra"

func udevCheckCommand(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Is the rule there, and has it done its work?",
		Long: `Looks whether udev uses this rule, whether its group exists, and whether the nodes
of the UPSs that are attached belong to it. Exits 1 when something is amiss.`,
		Args: exactArgs(),
	}
	asJSON := jsonFlag(cmd)
	root := rootFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		list, err := newDoctor(g).Rule(*root)
		if err != nil {
			return err
		}
		return printFindings(cmd, list, *asJSON)
	}
	return cmd
}
