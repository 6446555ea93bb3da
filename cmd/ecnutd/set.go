package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"ecnutd/internal/control"
	"ecnutd/internal/discovery"
	"ecnutd/ups"
)

func setCommand(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "set VARIABLE VALUE",
		GroupID: groupDevice,
		Short:   "Change a setting of the UPS, as upsrw -s",
		Long: `Sets a variable of the UPS to a value as ` + "`ecnutd dump`" + ` prints it, and reads it
back. Anything that is not exactly a value it takes is refused before anything is
written; ` + "`ecnutd dump --writable`" + ` shows what can be set, and to what. Exit status 0
means that the UPS showed the new value.

ups.delay.start and ups.delay.shutdown are kept by the daemon until it ends; for
good, and for the cut at the end of a shutdown, they are on_delay and off_delay of
the configuration.`,
		Example: `  ecnutd set battery.charge.low 30
  ecnutd set ups.beeper.status disabled`,
		Args:              exactArgs("VARIABLE", "VALUE"),
		ValidArgsFunction: completeSettings,
	}
	asJSON := jsonFlag(cmd)
	src := addSource(cmd, g)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o := control.Order{Name: args[0], Value: args[1]}
		t, err := reach(cmd, g, src, false)
		if err != nil {
			return err
		}
		defer t.Close()
		if key := delayKeys[o.Name]; key != "" && !t.KeepsDelays() {
			return fmt.Errorf("%s: not sent: it lives in the daemon and not on the UPS, and no daemon has this UPS; set %s in %s", o.Name, key, g.config)
		}
		done, err := t.Set(cmd.Context(), o)
		if err != nil {
			return err
		}
		if key := delayKeys[o.Name]; key != "" && done.Done {
			note(cmd, "this holds until the daemon ends; for good, and for killpower, set %s in the configuration", key)
		}
		return printOrdered(cmd, done, *asJSON)
	}
	return cmd
}

// delayKeys are the keys of the configuration for what is no setting of the
// device.
var delayKeys = map[string]string{"ups.delay.start": "on_delay", "ups.delay.shutdown": "off_delay"}

// completeSettings offers the names of settings, and the values where they are
// listed.
func completeSettings(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var words []string
	switch len(args) {
	case 0:
		for _, name := range discovery.Settable() {
			words = append(words, name+"\t"+ups.Describe(name))
		}
	case 1:
		for _, s := range discovery.Settings() {
			if s.Variable == args[0] {
				for _, group := range s.Choices {
					words = append(words, group...)
				}
			}
		}
	}
	return words, cobra.ShellCompDirectiveNoFileComp
}
