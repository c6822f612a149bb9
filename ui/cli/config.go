package cli

import (
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"dirbridge/config"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func (a *app) configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "The configuration file: check it, show its effective values, where it is, a new one",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	load := func() (config.Config, error) {
		if a.Check == nil {
			return config.Load(a.configPath())
		}
		return config.Load(a.configPath(), a.Check)
	}
	cmd.AddCommand(
		&cobra.Command{Use: "check", Short: "Name every mistake, by line", Args: noArgs, RunE: func(*cobra.Command, []string) error {
			c, err := load()
			if err != nil {
				return err
			}
			if a.json {
				return a.document(map[string]any{"path": c.Path, "ok": true})
			}
			_, err = fmt.Fprintf(a.out, "%s is good\n", c.Path)
			return err
		}},
		&cobra.Command{Use: "show", Short: "The effective values, secrets redacted", Args: noArgs, RunE: func(*cobra.Command, []string) error {
			c, err := load()
			if err != nil {
				return err
			}
			if a.json {
				return a.document(c)
			}
			_, err = io.WriteString(a.out, c.Effective())
			return err
		}},
		&cobra.Command{Use: "path", Short: "Where the file is looked for", Args: noArgs, RunE: func(*cobra.Command, []string) error {
			if a.json {
				return a.document(map[string]string{"path": a.configPath()})
			}
			_, err := fmt.Fprintln(a.out, a.configPath())
			return err
		}},
		&cobra.Command{Use: "default", Short: "A new file, with every key explained", Args: noArgs, RunE: func(*cobra.Command, []string) error {
			_, err := io.WriteString(a.out, config.Template())
			return err
		}},
	)
	return cmd
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{Use: "version", Short: "The version", Args: noArgs, RunE: func(*cobra.Command, []string) error {
		if a.json {
			return a.document(map[string]string{"version": a.Version})
		}
		_, err := fmt.Fprintln(a.out, "dirbridge", a.Version)
		return err
	}}
}

// manCommand prints the manual, all verbs one after the other, for man(1) to read.
func (a *app) manCommand() *cobra.Command {
	return &cobra.Command{Use: "man", Short: "The manual page, in troff: dirbridge man | man -l -", Args: noArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		root := cmd.Root()
		root.InitDefaultHelpCmd()
		return manual(a.out, root)
	}}
}

func manual(w io.Writer, cmd *cobra.Command) error {
	if cmd.Hidden || cmd.Name() == "help" {
		return nil
	}
	if err := doc.GenMan(cmd, &doc.GenManHeader{Title: "DIRBRIDGE", Section: "1", Source: "Dirbridge"}, w); err != nil {
		return err
	}
	for _, sub := range cmd.Commands() {
		if err := manual(w, sub); err != nil {
			return err
		}
	}
	return nil
}
