package main

import (
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// shells are those that completion can be made for.
var shells = []string{"bash", "zsh", "fish"}

func completionCommand(*globals) *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish",
		Short: "A script that completes ecnutd's command lines",
		Long: `Prints a script that teaches a shell to complete the command lines of ecnutd.

  bash   ecnutd completion bash | sudo tee /etc/bash_completion.d/ecnutd
  zsh    ecnutd completion zsh | sudo tee /usr/local/share/zsh/site-functions/_ecnutd
  fish   ecnutd completion fish > ~/.config/fish/completions/ecnutd.fish`,
		GroupID:   groupSetup,
		ValidArgs: shells,
		Args:      exactArgs("one of " + strings.Join(shells, ", ")),
		RunE: func(cmd *cobra.Command, args []string) error {
			write := map[string]func(io.Writer) error{
				"bash": func(w io.Writer) error { return cmd.Root().GenBashCompletionV2(w, true) },
				"zsh":  cmd.Root().GenZshCompletion,
				"fish": func(w io.Writer) error { return cmd.Root().GenFishCompletion(w, true) },
			}[args[0]]
			if write == nil {
				return usagef("no completion for %q; there is one for %s", args[0], strings.Join(shells, ", "))
			}
			return emit(cmd.OutOrStdout(), write)
		},
	}
}
