package main

import (
	"github.com/spf13/cobra"

	"ecnutd/internal/demo"
	"ecnutd/ups"
)

func demoCommand(*globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "demo",
		GroupID: groupSetup,
		Short:   "A whole outage in a quarter of a minute, without a UPS",
		Long: `Plays a whole outage on a simulated Protection Station 800, in fast time: mains
lost, events, timers, the messages and where they went, the shutdown in its
order, the output cut, and mains back. Everything but the UPS and the gateway is
the daemon's own code. It needs no UPS, no configuration, no privileges and no
network, and shuts nothing down.`,
		Args: exactArgs(),
	}
	language := cmd.Flags().String("language", "", "en or fr; by default that of the environment")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		l, err := demoLanguage(*language)
		if err != nil {
			return err
		}
		return demo.Play(cmd.Context(), cmd.OutOrStdout(), l, buildVersion())
	}
	return cmd
}

func demoLanguage(flag string) (ups.Language, error) {
	switch l := ups.Language(flag); l {
	case ups.English, ups.French:
		return l, nil
	case "":
		return person(), nil
	}
	return "", usagef("--language is en or fr, not %q", flag)
}
