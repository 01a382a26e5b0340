package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"corsdash/internal/config"
	"corsdash/internal/safe"

	"github.com/spf13/cobra"
)

func (a *app) configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "config", Short: "Make, find and show the settings", DisableFlagsInUseLine: true, Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usagef("say what to do with the settings: \"corsdash config init\", \"path\" or \"show\"")
		},
	}
	cmd.AddCommand(a.configInitCommand(), a.configPathCommand(), a.configShowCommand())
	return cmd
}

func (a *app) configInitCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "init [-o FILE]", Short: "Write a file with every setting, its default and what it is for",
		Args: noArgs, DisableFlagsInUseLine: true,
	}
	output := cmd.Flags().StringP("output", "o", "", "write to `FILE` instead of the user's settings; - is standard output")
	cmd.RunE = func(*cobra.Command, []string) error {
		if *output == "-" {
			_, err := a.stdout.Write(config.Example())
			return err
		}
		return a.writeExample(*output)
	}
	return cmd
}

// writeExample never overwrites: the file that is there took somebody's time.
func (a *app) writeExample(path string) error {
	if path == "" {
		path = config.UserFile(a.env)
	}
	if path == "" {
		return usagef("this system names no home folder; say where to write with -o FILE")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return usagef("cannot make the folder for %s: %v; say where to write with -o FILE", path, reason(err))
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	switch {
	case errors.Is(err, fs.ErrExist):
		return usagef("%s is there already and stays as it is; edit it, or write elsewhere with -o FILE", path)
	case err != nil:
		return usagef("cannot write %s: %v; say where to write with -o FILE", path, reason(err))
	}
	_, err = f.Write(config.Example())
	if err = errors.Join(err, f.Close()); err != nil {
		return internalf("cannot write %s: %v", path, reason(err))
	}
	a.say("wrote %s; every line in it is a default until you remove its \"#\"", path)
	return nil
}

// reason is the system's reason without the path the sentence names already.
func reason(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

func (a *app) configPathCommand() *cobra.Command {
	return &cobra.Command{
		Use: "path", Short: "Say where settings, sessions and the log are", Args: noArgs, DisableFlagsInUseLine: true,
		RunE: func(*cobra.Command, []string) error {
			rows := [][2]string{{"user settings", config.UserFile(a.env)}}
			if dir, err := os.Getwd(); err == nil && config.ProjectFileOf(dir) != "" {
				rows = append(rows, [2]string{"project settings", config.ProjectFileOf(dir)})
			}
			state := config.StateDir(a.env)
			rows = append(rows, [][2]string{{"sessions", config.SessionDir(a.env)}, {"log", filepath.Join(state, logName)}, {"crash reports", state}}...)
			_, err := fmt.Fprint(a.stdout, safe.Block(listed(rows)))
			return err
		},
	}
}

func (a *app) configShowCommand() *cobra.Command {
	return &cobra.Command{
		Use: "show", Short: "Print the settings in force and where each comes from", Args: noArgs, DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := a.loadOptions(cmd, nil)
			if err != nil {
				return err
			}
			c, err := config.Load(o)
			if err != nil {
				return err
			}
			for _, notice := range c.Notices() {
				a.say("%s", notice)
			}
			_, err = fmt.Fprint(a.stdout, safe.Block(string(c.Show())))
			return err
		},
	}
}
