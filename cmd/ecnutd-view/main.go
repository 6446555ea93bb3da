// Command ecnutd-view shows what ecnutd says: a page, metrics, and Home Assistant over
// MQTT. It reads the control socket as a member of the group ecnutd-status, and has
// no right to anything; ecnutd works the same without it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"golang.org/x/net/netutil"

	"ecnutd/internal/control"
	"ecnutd/internal/view"
	"ecnutd/internal/view/archive"
	"ecnutd/internal/view/metrics"
	"ecnutd/internal/view/mqtt"
	"ecnutd/internal/view/page"
)

const defaultConfig = "/etc/ecnutd/view.yaml"

var version = "unknown" // of the build

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "ecnutd-view:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("ecnutd-view", flag.ContinueOnError)
	file := flags.String("config", defaultConfig, "settings `FILE`; without one the page is on http://127.0.0.1:8493")
	check := flags.Bool("check", false, "prove the settings, and end")
	showVersion := flags.Bool("version", false, "print the version")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	switch {
	case flags.NArg() > 0:
		return fmt.Errorf("there is no use for %q", flags.Arg(0))
	case *showVersion:
		fmt.Println("ecnutd-view", version)
		return nil
	}
	settings, err := view.ReadSettings(*file, *file == defaultConfig)
	if err != nil {
		return err
	}
	guard, err := settings.Verifier()
	if err != nil {
		return err
	}
	if *check {
		fmt.Println(*file + ": in order")
		return nil
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	folder := settings.Data
	if folder == "" {
		folder = os.Getenv("STATE_DIRECTORY")
	}
	if folder == "" {
		return errors.New("where are the recordings to be kept? Set `data` in " + *file)
	}
	records, err := archive.Open(filepath.Join(folder, "view.db"), log)
	if err != nil {
		return err
	}
	listener, err := settings.Open()
	if err != nil {
		return err
	}
	client := control.NewClient(settings.Control)
	feed := view.NewFeed(client, log)
	recorder := view.NewRecorder(records, client, log)
	feed.Hear(recorder.Hear)

	var group sync.WaitGroup
	defer group.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	group.Go(func() { recorder.Run(ctx) })
	group.Go(func() { feed.Run(ctx) })
	if settings.MQTT.Broker != "" {
		broker, trust, secret, err := settings.MQTT.Connection()
		if err != nil {
			return fmt.Errorf("mqtt: %w", err)
		}
		teller := mqtt.New(feed, mqtt.Options{
			Broker: broker, TLS: trust, User: settings.MQTT.User, Password: secret, Prefix: settings.MQTT.Prefix, Host: hostName(), Log: log,
		})
		group.Go(func() {
			if err := teller.Run(ctx); err != nil {
				log.Error("mqtt", "reason", err)
			}
		})
	}
	source := struct {
		*view.Feed
		*control.Client
	}{feed, client}
	p := page.New(source, records, hostName(), time.Now, time.Local)
	server := &http.Server{
		Handler:           p.Handler(page.Access{Hosts: settings.Hosts, User: settings.User, Password: guard}, metrics.Handler(source, time.Now)),
		ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	context.AfterFunc(ctx, func() { server.Close() })
	log.Info("the page is served", "at", listener.Addr().String(), "tls", settings.Certificate != "")
	if err := server.Serve(netutil.LimitListener(listener, maxConns)); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// maxConns bounds who looks at once.
const maxConns = 100

func hostName() string {
	name, err := os.Hostname()
	if err != nil {
		return "localhost"
	}
	return name
}
