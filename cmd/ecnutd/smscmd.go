package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ecnutd/config"
	"ecnutd/internal/control"
	"ecnutd/internal/control/mailbox"
	"ecnutd/internal/host"
	"ecnutd/internal/routes"
	"ecnutd/internal/store"
	"ecnutd/internal/texts/catalogue"
	"ecnutd/sms"
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
of the daemon; with --queue it hands the text over to the daemon, which tries
until it has arrived.`,
		Args: func(_ *cobra.Command, args []string) error {
			if strings.TrimSpace(strings.Join(args, " ")) == "" {
				return usagef("sms send requires a text")
			}
			return nil
		},
	}
	only := cmd.Flags().String("route", "", "the route of this `NAME` alone")
	_ = cmd.RegisterFlagCompletionFunc("route", completeRoutes(g)) // the flag is there
	queue := cmd.Flags().Bool("queue", false, "have the daemon send it, and try again until it has arrived")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *queue {
			return queueText(cmd, g, strings.Join(args, " "), *only)
		}
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
			if err := routes.Deliver(cmd.Context(), r, routes.ByHand(strings.Join(args, " "))); err != nil {
				failed++
				note(cmd, "%s: %v", r.Name, err)
				continue
			}
			fmt.Fprintln(cmd.OutOrStdout(), say("%s: %s", r.Name, say("delivered")))
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

// queueText hands a text over to the daemon.
func queueText(cmd *cobra.Command, g *globals, text, route string) error {
	t := control.Text{Text: text}
	if route != "" {
		t.Routes = []string{route}
	}
	queued, err := daemonOf(g).Send(cmd.Context(), t)
	if err != nil {
		return err
	}
	fmt.Fprintln(cmd.OutOrStdout(), say("message %d is in the queue", queued.ID))
	return nil
}

func smsQueueCommand(g *globals) *cobra.Command {
	cmd := &cobra.Command{Use: "queue", Short: "List the messages that wait, and those that got nowhere", Args: exactArgs()}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		s, err := daemonOf(g).Status(cmd.Context())
		if errors.Is(err, control.ErrNoDaemon) {
			err = withStored(cmd, g, func(box *sms.Outbox) error {
				s.Waiting, s.Refused = mailbox.Messages(box.Pending()), mailbox.Messages(box.Refused())
				return nil
			})
		}
		if err != nil {
			return err
		}
		all := append(s.Waiting, s.Refused...)
		if *asJSON {
			return emitLines(cmd.OutOrStdout(), all)
		}
		if len(all) == 0 {
			fmt.Fprintln(cmd.OutOrStdout(), say("no message waits"))
			return nil
		}
		rows := []string{say("ID\tROUTE\tEVENT\tTRIES\tSTATE\tTEXT")}
		for _, e := range all {
			state := say("waits")
			switch {
			case e.Verdict != "":
				state = say(e.Verdict)
			case !e.NextTry.IsZero() && e.Attempts > 0:
				state += ", " + say("next try %s", e.NextTry.Local().Format("15:04:05"))
			}
			if e.LastError != "" {
				state += " (" + catalogue.Translate(person(), host.OneLine(e.LastError)) + ")"
			}
			rows = append(rows, fmt.Sprintf("%d\t%s\t%s\t%d\t%s\t%s", e.ID, e.Route, e.At.Local().Format("2006-01-02 15:04:05"), e.Attempts, state, host.OneLine(e.Text)))
		}
		return emitTable(cmd.OutOrStdout(), rows)
	}
	return cmd
}

func smsDropCommand(g *globals) *cobra.Command {
	return &cobra.Command{
		Use: "drop ID", Short: "Give up a message that waits", Args: exactArgs("ID"),
		ValidArgsFunction: completeWaiting(g),
		RunE: func(cmd *cobra.Command, args []string) error {
			err := daemonOf(g).Drop(cmd.Context(), args[0])
			if errors.Is(err, control.ErrNoDaemon) {
				err = withStored(cmd, g, func(box *sms.Outbox) error {
					if id, err := strconv.ParseUint(args[0], 10, 64); err != nil || !box.Drop(id) {
						return fmt.Errorf("no message %s waits", args[0])
					}
					return box.Fault()
				})
			}
			if err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), say("message %s dropped", args[0]))
			return nil
		},
	}
}

// withStored looks at the messages that wait for the next start of a daemon.
func withStored(cmd *cobra.Command, g *globals, f func(*sms.Outbox) error) error {
	c, _, err := config.Load(g.config)
	if err != nil {
		return err
	}
	note(cmd, "no daemon is running: what waits in %s is sent after its next start", c.State)
	if _, err := os.Stat(c.State); errors.Is(err, fs.ErrNotExist) {
		box, _ := sms.NewOutbox(nil, sms.Options{})
		return f(box)
	}
	kept := store.Open(store.Options{Path: c.State, Open: store.File, Log: slog.New(slog.DiscardHandler)})
	if err := kept.Fault(); err != nil {
		return fmt.Errorf("%s: %w", c.State, errors.Unwrap(err))
	}
	// What is wrong with a route is for check to tell.
	box, _ := routes.Outbox(c, routes.New, sms.Options{Touch: kept.Touch, Log: slog.New(slog.DiscardHandler)})
	if err := kept.Join(box); err != nil {
		return err
	}
	for _, fault := range []error{kept.Recovered(), box.Fault()} {
		if fault != nil {
			note(cmd, "%v", fault)
		}
	}
	err = f(box)
	return errors.Join(err, kept.Close(10*time.Second))
}
