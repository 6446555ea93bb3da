package main

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"ecnutd/config"
)

func smsCommand(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "sms",
		GroupID: groupDaemon,
		Short:   "Try the messages, and see which wait",
	}
	return parent(cmd, smsSendCommand(g), smsQueueCommand(g), smsDropCommand(g))
}

func smsSendCommand(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "send TEXT...",
		Short: "Send a text on every route, and say what came of each",
		Long: `Sends a text at once on every route of the configuration, or on the one named
with --route, and prints the verdict of each gateway. It goes around the queue
of the daemon.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("a text is wanted")
			}
			return nil
		},
	}
	only := cmd.Flags().String("route", "", "the route of this `NAME` alone")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, _, err := config.Load(g.config)
		if err != nil {
			return err
		}
		found, failed := 0, 0
		for _, r := range c.Messages.Routes {
			if *only != "" && r.Name != *only {
				continue
			}
			found++
			if err := deliver(cmd.Context(), r, strings.Join(args, " ")); err != nil {
				failed++
				fmt.Fprintf(cmd.ErrOrStderr(), "ecnutd: %s: %v\n", r.Name, err)
				continue
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: delivered\n", r.Name)
		}
		switch {
		case found == 0 && *only != "":
			return usagef("no route of %s is called %q", g.config, *only)
		case found == 0:
			return fmt.Errorf("%s has no messages.routes: there is no way to send", g.config)
		case failed > 0:
			return fmt.Errorf("%d of %d routes did not take the text", failed, found)
		}
		return nil
	}
	return cmd
}

func smsQueueCommand(g *globals) *cobra.Command {
	cmd := &cobra.Command{Use: "queue", Short: "List the messages that wait, and those that got nowhere", Args: wants()}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		var s status
		if err := askDaemon(cmd.Context(), controlSocket(g), "GET", "/v1/status", nil, &s); err != nil {
			return queueError(err)
		}
		all := append(s.Waiting, s.Refused...)
		if *asJSON {
			return emitLines(cmd.OutOrStdout(), all)
		}
		if len(all) == 0 {
			fmt.Fprintln(cmd.OutOrStdout(), "no message waits")
			return nil
		}
		rows := []string{"ID\tROUTE\tEVENT\tTRIES\tSTATE\tTEXT"}
		for _, e := range all {
			state := "waits"
			if e.Verdict != "" {
				state = string(e.Verdict)
			}
			if e.LastError != "" {
				state += " (" + oneLine(e.LastError) + ")"
			}
			rows = append(rows, fmt.Sprintf("%d\t%s\t%s\t%d\t%s\t%s", e.ID, e.Route, e.At.Local().Format("2006-01-02 15:04:05"), e.Attempts, state, oneLine(e.Text)))
		}
		return emitTable(cmd.OutOrStdout(), rows)
	}
	return cmd
}

func smsDropCommand(g *globals) *cobra.Command {
	return &cobra.Command{
		Use: "drop ID", Short: "Give up a message that waits", Args: wants("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := askDaemon(cmd.Context(), controlSocket(g), "DELETE", "/v1/messages/"+url.PathEscape(args[0]), nil, nil); err != nil {
				return queueError(err)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "message %s dropped\n", args[0])
			return nil
		},
	}
}

// queueError says that the queue is the daemon's.
func queueError(err error) error {
	if errors.Is(err, errNoDaemon) {
		return fmt.Errorf("%w: messages wait in its database until it is started again", err)
	}
	return err
}
