package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"ecnutd/internal/password"
	"ecnutd/internal/terminal"
)

func passwordCommand(*globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "password",
		GroupID: groupSetup,
		Short:   "Make the hash of a password, for network.users",
		Long: `Asks for a password, or reads it from the first line of what is piped in, and
prints its hash (bcrypt). The hash goes into the configuration as the password of
a user of the network; nobody can read the password from it.`,
		Example: `  ecnutd password
  head -c 15 /dev/urandom | base64 | tee secret | ecnutd password`,
		Args: exactArgs(),
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		word, err := terminal.AskSecret(cmd.InOrStdin(), cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		if err := password.Usable(word); err != nil {
			return err
		}
		hash, err := password.Hash(word)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(cmd.OutOrStdout(), hash)
		return err
	}
	return cmd
}
