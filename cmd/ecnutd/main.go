package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	_ "ecnutd/internal/host/pages" // without huge pages
	"ecnutd/internal/input"
)

// exitInterrupted is the exit code of a shell for SIGINT.
const exitInterrupted = 128 + 2

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal asks for an orderly end; a second one is not caught any
	// more and ends a program that hangs. One that waits for somebody to write to a
	// FIFO would never see the first.
	context.AfterFunc(ctx, func() {
		stop()
		if input.Waiting() {
			os.Exit(exitInterrupted)
		}
	})
	os.Exit(execute(ctx, os.Args[1:], os.Stdout, os.Stderr))
}
