package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"ecnutd/udev"
)

func udevCommand(g *globals) *cobra.Command {
	return parent(&cobra.Command{
		Use:     "udev",
		Short:   "The rule that gives ecnutd the nodes of its UPSs",
		GroupID: groupSetup,
	}, udevPrintCommand(), udevInstallCommand(), udevRemoveCommand(), udevCheckCommand(g))
}

func udevPrintCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "print",
		Short: "Prints the rule",
		Args:  exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return emit(cmd.OutOrStdout(), func(w io.Writer) error {
				_, err := io.WriteString(w, udev.Rule)
				return err
			})
		},
	}
}

// rootFlag adds --root: the system to work on, where it is not this one.
func rootFlag(cmd *cobra.Command) *string {
	return cmd.Flags().String("root", "", "work on the system below `DIR`; udev is not told of it")
}

func udevInstallCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "install",
		Short: "Puts the rule in its place and makes udev use it",
		Long: `Writes the rule to ` + udev.Path + ` and makes udev use it, for a UPS
that is plugged in too. A rule that is there already is replaced, and the
difference shown. Group ` + udev.Group + ` must exist.`,
		Args: exactArgs(),
	}
	dry := cmd.Flags().Bool("dry-run", false, "only show what would change")
	root := rootFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		before, err := udev.Find(below(*root))
		if err != nil {
			return err
		}
		change := diff.Diff(nameOr(before.Path, "(no rule)"), []byte(before.Text), udev.Path, []byte(udev.Rule))
		if *dry {
			if before.Ours() {
				note(cmd, "nothing to do: %s is this rule", before.Path)
				return nil
			}
			return emit(cmd.OutOrStdout(), func(w io.Writer) error {
				_, err := w.Write(change)
				return err
			})
		}
		if *root == "" {
			if err := udev.GroupExists(); err != nil {
				return err
			}
		}
		written, err := udev.Install(below(*root))
		switch {
		case errors.Is(err, fs.ErrPermission):
			return fmt.Errorf("%w; it takes root: sudo ecnutd udev install", err)
		case err != nil:
			return err
		case !written:
			note(cmd, "nothing to write: %s is this rule", before.Path)
		case before.Path != "":
			note(cmd, "wrote %s in place of another rule:\n%s", filepath.Join(*root, udev.Path), change)
		default:
			note(cmd, "wrote %s", filepath.Join(*root, udev.Path))
		}
		return reload(cmd, *root)
	}
	return cmd
}

func udevRemoveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "remove",
		Short: "Deletes what install wrote",
		Long: `Deletes ` + udev.Path + ` and makes udev forget it. The nodes of a UPS
that is plugged in keep their group until it is plugged in again.`,
		Args: exactArgs(),
	}
	dry := cmd.Flags().Bool("dry-run", false, "only show what would change")
	root := rootFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if *dry {
			if _, err := os.Lstat(filepath.Join(below(*root), udev.Path)); err == nil {
				note(cmd, "would remove %s", filepath.Join(*root, udev.Path))
			} else {
				note(cmd, "nothing to remove: there is no %s", filepath.Join(*root, udev.Path))
			}
			return nil
		}
		removed, err := udev.Remove(below(*root))
		switch {
		case errors.Is(err, fs.ErrPermission):
			return fmt.Errorf("%w; it takes root: sudo ecnutd udev remove", err)
		case err != nil:
			return err
		case !removed:
			note(cmd, "nothing to remove: there is no %s", filepath.Join(*root, udev.Path))
			return nil
		}
		note(cmd, "removed %s", filepath.Join(*root, udev.Path))
		return reload(cmd, *root)
	}
	return cmd
}

// below is the root of the file system to work on.
func below(root string) string { return nameOr(root, "/") }

func nameOr(name, instead string) string {
	if name == "" {
		return instead
	}
	return name
}

// reload tells udev, unless the system is another one.
func reload(cmd *cobra.Command, root string) error {
	if root != "" {
		return nil
	}
	return udev.Reload(cmd.Context())
}
