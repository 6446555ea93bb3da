package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"ecnutd/internal/password"
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
		word, err := askPassword(cmd)
		if err != nil {
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

// longestPassword is what bcrypt takes, in bytes.
const longestPassword = 72

// askPassword reads a password without showing it, twice; or from a pipe.
func askPassword(cmd *cobra.Command) (string, error) {
	f, ok := cmd.InOrStdin().(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		line, err := bufio.NewReader(io.LimitReader(cmd.InOrStdin(), 4096)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("reading the password: %w", err)
		}
		return fitting(strings.TrimRight(line, "\r\n"))
	}
	var typed [2]string
	for i, prompt := range []string{"Password: ", "Again: "} {
		fmt.Fprint(cmd.ErrOrStderr(), prompt)
		raw, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(cmd.ErrOrStderr())
		if err != nil {
			return "", fmt.Errorf("reading the password: %w", err)
		}
		typed[i] = string(raw)
	}
	if typed[0] != typed[1] {
		return "", errors.New("the two are not the same")
	}
	return fitting(typed[0])
}

// fitting refuses what could not be sent over the protocol, whose requests are
// printable ASCII.
func fitting(password string) (string, error) {
	switch {
	case password == "":
		return "", errors.New("the password is empty")
	case len(password) > longestPassword:
		return "", fmt.Errorf("the password has more than %d characters", longestPassword)
	case strings.ContainsFunc(password, func(c rune) bool { return c < ' ' || c > '~' }):
		return "", errors.New("the password has characters beyond ASCII, which the clients of NUT cannot send")
	}
	return password, nil
}
