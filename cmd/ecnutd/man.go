//go:build man

package main

import (
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"ecnutd/internal/manual"
)

// init: a program that is built with the tag man has a command more, which writes
// the man pages. The daemon is built without.
func init() { commands = append(commands, manCommand) }

func manCommand(*globals) *cobra.Command {
	return &cobra.Command{
		Use:    "man EXAMPLE DIR",
		Hidden: true,
		Args:   exactArgs("EXAMPLE", "DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			example, err := os.ReadFile(args[0])
			if err != nil {
				return err
			}
			date := time.Now()
			// A package is the same whenever it is built.
			if epoch, err := strconv.ParseInt(os.Getenv("SOURCE_DATE_EPOCH"), 10, 64); err == nil {
				date = time.Unix(epoch, 0)
			}
			if err := os.MkdirAll(args[1], 0o755); err != nil {
				return err
			}
			for name, text := range map[string][]byte{
				"ecnutd.8":      manual.Commands(cmd.Root(), date),
				"ecnutd.yaml.5": manual.Configuration(string(example), date),
			} {
				if err := os.WriteFile(filepath.Join(args[1], name), text, 0o644); err != nil {
					return err
				}
			}
			return nil
		},
	}
}
