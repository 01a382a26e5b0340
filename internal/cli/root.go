package cli

import (
	"errors"
	"fmt"
	"strings"

	"corsdash/internal/config"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const rootLong = `corsdash stands between browser and server, and says what the browser does with
each request, why, and how to mend it.

The server is a port, host:port or URL. Where to listen is a port or host:port,
127.0.0.1:8900 unless given. On a terminal the dashboard opens; anywhere else
one JSON object a line is printed for each exchange.`

const rootExample = `  corsdash 8000                       the server is on port 8000, the browser goes to http://localhost:8900
  corsdash 9000 https://api.test      listen on port 9000
  corsdash --route /api=8000 5173     /api goes to port 8000, everything else to 5173
  corsdash 8000 | jq .findings        headless`

const rootExit = `Exit codes:
  0  all is well                       3  port, server or network
  1  findings at or above --fail-on    4  internal error
  2  wrong usage or configuration    130  interrupted
With --fail-on given, findings come before 130; without it, a dashboard that is
closed exits with 0.`

// usageTemplate is cobra's, in our order and without what says nothing.
const usageTemplate = `Usage:
{{- if .Runnable}}
  {{.UseLine}}{{end}}
{{- if .HasAvailableSubCommands}}
  {{.CommandPath}} COMMAND{{end}}
{{- if .HasExample}}

Examples:
{{.Example}}{{end}}
{{- if .HasAvailableSubCommands}}

Commands:{{range .Commands}}{{if .IsAvailableCommand}}
  {{rpad .Name .NamePadding}}  {{.Short}}{{end}}{{end}}{{end}}
{{- if .HasAvailableLocalFlags}}

Flags:
{{.LocalFlags.FlagUsagesWrapped 90 | trimTrailingWhitespaces}}{{end}}
{{- if .HasAvailableInheritedFlags}}

Flags of every command:
{{.InheritedFlags.FlagUsagesWrapped 90 | trimTrailingWhitespaces}}{{end}}
{{- with index .Annotations "after"}}

{{.}}{{end}}
`

// commands lists the sub-commands in the order of --help. A new one is a file
// and a line here.
var commands = []func(*app) *cobra.Command{
	(*app).demoCommand,
	(*app).configCommand,
	(*app).completionCommand,
	(*app).versionCommand,
}

func (a *app) rootCommand() *cobra.Command {
	cobra.EnableCommandSorting = false
	root := &cobra.Command{
		Use: "corsdash [flags] [[LISTEN] UPSTREAM]", Long: rootLong, Example: rootExample,
		Annotations:   map[string]string{"after": rootExit},
		SilenceErrors: true, SilenceUsage: true, DisableFlagsInUseLine: true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		Args:              placesOnly,
		RunE:              a.runProxy,
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetUsageTemplate(usageTemplate)
	root.SetFlagErrorFunc(flagError)
	root.PersistentFlags().String("config", "", "read settings from `FILE` alone, not from the usual files")
	root.Flags().Bool("version", false, "print the version")
	addSettingFlags(root)
	for _, make := range commands {
		root.AddCommand(make(a))
	}
	root.SetHelpCommand(&cobra.Command{Use: "help [COMMAND]", Short: "Say how a command is used", RunE: helpFor})
	return root
}

func helpFor(cmd *cobra.Command, args []string) error {
	found, rest, err := cmd.Root().Find(args)
	if err == nil && found != nil && len(rest) == 0 {
		return found.Help()
	}
	if near := config.Nearest(args[0], commandNames(cmd.Root())); near != "" {
		return usagef("there is no command %q; did you mean %q?", args[0], near)
	}
	return usagef("there is no command %q; \"corsdash --help\" lists them", strings.Join(args, " "))
}

// placesOnly checks the positional arguments of the root. A word that is no
// place is most likely a misspelled command.
func placesOnly(cmd *cobra.Command, args []string) error {
	if len(args) > 2 {
		return usagef("%d places are one too many; write \"corsdash [LISTEN] UPSTREAM\", and further servers as --route PREFIX=URL", len(args))
	}
	for i, arg := range args {
		parse := config.ParseUpstream
		if i == 0 && len(args) == 2 {
			parse = config.ParseListen
		}
		_, err := parse(arg)
		if err == nil {
			continue
		}
		if strings.Trim(arg, "abcdefghijklmnopqrstuvwxyz-") != "" {
			return &failure{exitUsage, err}
		}
		if near := config.Nearest(arg, commandNames(cmd.Root())); near != "" {
			return usagef("there is no command %q; did you mean %q?", arg, near)
		}
		return usagef("%q is neither a command nor a server; write a server as a port, host:port or URL, like 8000, and see \"corsdash --help\" for the commands", arg)
	}
	return nil
}

func commandNames(root *cobra.Command) (names []string) {
	for _, c := range root.Commands() {
		names = append(names, c.Name())
	}
	return names
}

// flagError puts what pflag says into our words.
func flagError(cmd *cobra.Command, err error) error {
	if errors.Is(err, pflag.ErrHelp) {
		return err
	}
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) {
		name := "--" + unknown.GetSpecifiedName()
		if unknown.GetSpecifiedShortnames() != "" {
			return usagef("there is no flag -%s; flags are long here, see \"%s --help\"", unknown.GetSpecifiedName(), cmd.CommandPath())
		}
		if near := config.Nearest(name, flagNames(cmd)); near != "" {
			return usagef("there is no flag %s; did you mean %s?", name, near)
		}
		return usagef("there is no flag %s; \"%s --help\" lists them", name, cmd.CommandPath())
	}
	var missing *pflag.ValueRequiredError
	if errors.As(err, &missing) {
		return usagef("the flag --%s needs a value; see \"%s --help\"", missing.GetSpecifiedName(), cmd.CommandPath())
	}
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) {
		return usagef("--%s: %q is not a value for it; see \"%s --help\"", invalid.GetFlag().Name, invalid.GetValue(), cmd.CommandPath())
	}
	return usagef("%v; see \"%s --help\"", err, cmd.CommandPath())
}

func flagNames(cmd *cobra.Command) (names []string) {
	note := func(f *pflag.Flag) { names = append(names, "--"+f.Name) }
	cmd.Flags().VisitAll(note)
	cmd.InheritedFlags().VisitAll(note)
	return names
}

// noArgs is for commands that take none.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if near := config.Nearest(args[0], commandNames(cmd)); near != "" {
		return usagef("\"%s\" has no command %q; did you mean %q?", cmd.CommandPath(), args[0], near)
	}
	return usagef("%q is too much; see \"%s --help\"", args[0], cmd.CommandPath())
}

// listed prints a table with aligned columns.
func listed(rows [][2]string) string {
	width := 0
	for _, r := range rows {
		width = max(width, len(r[0]))
	}
	var out strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&out, "%-*s  %s\n", width, r[0], r[1])
	}
	return out.String()
}
