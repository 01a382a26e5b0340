package cli

import (
	"strings"

	"corsdash/internal/config"

	"github.com/spf13/cobra"
)

const completionExample = `  source <(corsdash completion bash)                                          bash, in ~/.bashrc
  source <(corsdash completion zsh)                                           zsh, in ~/.zshrc after compinit
  corsdash completion fish > ~/.config/fish/completions/corsdash.fish         fish
  corsdash completion powershell | Out-String | Invoke-Expression             PowerShell, in $PROFILE`

var shells = []string{"bash", "zsh", "fish", "powershell"}

func (a *app) completionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "completion SHELL", Short: "Print a completion script for bash, zsh, fish or powershell",
		Example: completionExample, ValidArgs: shells, DisableFlagsInUseLine: true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("name one shell: %s", strings.Join(shells, ", "))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.completion(cmd.Root(), args[0]) },
	}
}

func (a *app) completion(root *cobra.Command, shell string) error {
	switch shell {
	case "bash":
		return root.GenBashCompletionV2(a.stdout, true)
	case "zsh":
		return root.GenZshCompletion(a.stdout)
	case "fish":
		return root.GenFishCompletion(a.stdout, true)
	case "powershell":
		return root.GenPowerShellCompletionWithDesc(a.stdout)
	}
	if near := config.Nearest(shell, shells); near != "" {
		return usagef("there is no completion for %q; did you mean %q?", shell, near)
	}
	return usagef("there is no completion for %q; name one of %s", shell, strings.Join(shells, ", "))
}
