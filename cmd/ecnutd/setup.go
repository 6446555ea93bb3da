package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"ecnutd/config"
	"ecnutd/internal/check"
	"ecnutd/internal/discovery"
	"ecnutd/internal/host"
	"ecnutd/internal/routes"
	"ecnutd/internal/setup"
	"ecnutd/internal/systemd"
	"ecnutd/internal/terminal"
	"ecnutd/internal/texts/catalogue"
	"ecnutd/udev"
	"ecnutd/ups"
)

func setupCommand(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "setup",
		GroupID: groupSetup,
		Short:   "Make the configuration, by a few questions",
		Long: `Asks which UPS feeds this host, who is told of an outage and how, and after how
long the host goes down; shows the configuration that this makes and writes it,
with the secret in a file of its own; sends a test message; has the service take it
over; and says how the plug is tested. Everything can be answered by a flag: with
--yes nothing is asked. It can be run again: what the file says is proposed. A file
that was edited by hand is kept beside the new one.`,
		Example: `  sudo ecnutd setup
  sudo ecnutd setup --yes --tell free_mobile --user 12345678 --secret key.txt --after 20m
  ecnutd setup --yes --tell none --dry-run     shows the file, and writes nothing`,
		Args: exactArgs(),
	}
	p := &setup.Plan{Group: udev.Group, Now: time.Now()}
	a := &p.Answers
	flags := cmd.Flags()
	language := flags.String("language", "", "of the messages, en or fr; by default that of the environment")
	flags.StringVar(&a.Name, "name", "", "of the UPS, in the configuration and in commands")
	flags.StringVar(&a.Description, "description", "", "what the UPS is called in messages")
	flags.StringVar(&a.Phys, "phys", "", "its place on USB, where several are attached, as `devices -v` lists it")
	tell := flags.String("tell", "", "who is told: free_mobile, mail, http or none")
	flags.StringVar(&a.User, "user", "", "customer number of Free Mobile, or login at the mail server")
	flags.StringVar(&a.Host, "host", "", "mail server, with its port if that is another than usual")
	tls := flags.String("tls", "", "encryption of mail: starttls, tls or off")
	flags.StringVar(&a.From, "from", "", "address that mail comes from")
	flags.StringVar(&a.To, "to", "", "address that mail goes to")
	flags.StringVar(&a.URL, "url", "", "address that takes the text, with --tell http")
	secret := flags.String("secret", "", "`FILE` whose first line is the key, password or token; - is the standard input")
	after := flags.String("after", "", "how long on battery until the host goes down: 10m, or low")
	flags.BoolVar(&p.Test, "test", false, "send a test message")
	flags.BoolVar(&p.Dry, "dry-run", false, "show the file, and write nothing")
	flags.BoolVar(&p.Replace, "replace", false, "write it in the place of a file that was edited by hand, which is kept beside it")
	yes := flags.Bool("yes", false, "ask nothing: what is not given is as it was, or as it is by default")
	src := addSource(cmd, g)
	cmd.RunE = func(cmd *cobra.Command, _ []string) (err error) {
		p.Path, a.Folder = g.config, filepath.Dir(g.config)
		p.Given = func(flag string) bool { f := flags.Lookup(flag); return f != nil && f.Changed }
		if a.Folder, err = filepath.Abs(a.Folder); err != nil {
			return err
		}
		if a.Language, err = setupLanguage(*language); err != nil {
			return err
		}
		a.Tell, a.TLS = setup.Way(*tell), config.MailTLS(*tls)
		if *after != "" {
			if a.After, err = setup.ParseAfter(*after); err != nil {
				return usagef("--after: %w", err)
			}
		}
		in := cmd.InOrStdin()
		if *secret != "" {
			if p.Secret, err = secretOf(in, *secret); err != nil {
				return err
			}
		}
		p.Asks = !*yes && terminal.Is(in)
		p.Ask = &setup.Interview{Language: person(), In: bufio.NewReader(in), Out: cmd.OutOrStdout(), Secret: func() (string, error) { return hidden(in) }}
		p.Attached = attachedUPSs(cmd.Context(), src, p.Ask.Language)
		p.Host, _ = os.Hostname() // "" where nobody knows it
		p.Check = func(path string) []string { return foundIn(path) }
		p.Send = func(ctx context.Context, r config.Route) error {
			return routes.Deliver(ctx, r, routes.ByHand(check.TestMessage(a.Language)))
		}
		p.Serve = func(ctx context.Context) (bool, string) { return serve(ctx, g.config) }
		return needsRoot(p.Run(cmd.Context()), "setup")
	}
	return cmd
}

// setupLanguage is that of the messages.
func setupLanguage(flag string) (ups.Language, error) {
	switch l := ups.Language(flag); l {
	case "":
		return person(), nil
	case ups.English, ups.French:
		return l, nil
	}
	return "", usagef("--language is en or fr, not %q", flag)
}

// secretOf reads a secret from a file, or from the standard input.
func secretOf(in io.Reader, name string) (string, error) {
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return "", err
		}
		defer f.Close()
		in = f
	}
	line, err := bufio.NewReader(io.LimitReader(in, 4096)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return strings.TrimSpace(line), nil
}

// hidden reads a line from a terminal without showing it.
func hidden(in io.Reader) (string, error) {
	f, ok := in.(*os.File)
	if !ok {
		return "", setup.ErrUnanswered
	}
	line, err := term.ReadPassword(int(f.Fd()))
	return string(line), err
}

// attachedUPSs are the UPSs to choose from, with their numbers: the one that the
// command line names, or all that are attached.
func attachedUPSs(ctx context.Context, src *source, l ups.Language) (list []setup.Attached) {
	if src.Given() {
		return append(list, describe(l, "", "", src.Source.Open, ctx))
	}
	found, _ := discovery.Attached() // none where that cannot be seen
	for _, info := range found {
		open := (&discovery.Source{Device: info.Node}).Open
		list = append(list, describe(l, info.Name, info.Phys, open, ctx))
	}
	return list
}

func describe(l ups.Language, name, phys string, open discovery.Open, ctx context.Context) setup.Attached {
	u := setup.Attached{Name: name, Phys: phys}
	vars, err := variablesOf(ctx, open)
	if err != nil {
		u.Line = strings.TrimSpace(name + " " + catalogue.Say(l, "(its numbers cannot be read: %v)", host.FirstLine(err)))
		return u
	}
	if model := strings.TrimSpace(vars["ups.mfr"] + " " + vars["ups.model"]); model != "" {
		u.Name = model
	}
	u.Line, u.Runtime = setup.Numbers(l, u.Name, vars)
	return u
}

// foundIn is what is wrong with a configuration on this host.
func foundIn(path string) (list []string) {
	_, result, err := check.Load(path, here.eyes())
	if err != nil {
		return []string{host.FirstLine(err)}
	}
	for _, f := range append(result.Errors, result.Findings...) {
		list = append(list, f.Key+": "+f.Msg)
	}
	return list
}

// serve has the service take the configuration over, where it is the one that the
// service reads and this host has it.
func serve(ctx context.Context, path string) (done bool, todo string) {
	todo = "sudo systemctl restart " + systemd.Service
	if _, err := os.Stat(filepath.Join(here.root, "run/systemd/system")); err != nil || path != defaultConfig || os.Geteuid() != 0 {
		if path != defaultConfig {
			todo = fmt.Sprintf("ecnutd run --config %s", path)
		}
		return false, todo
	}
	// One that runs is started anew, since it reads its secrets once; what waits is
	// kept. One that somebody has stopped, or that waits for NUT's end, stays.
	if host.Run(ctx, []string{"systemctl", "--quiet", "is-active", systemd.Service}, os.Environ(), "", time.Minute) != nil {
		return false, todo
	}
	return host.Run(ctx, []string{"systemctl", "restart", systemd.Service}, os.Environ(), "", time.Minute) == nil, todo
}
