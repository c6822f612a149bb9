package cli

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"dirbridge/config"
	"dirbridge/sync/schema"
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
		if err := a.readable(); err != nil {
			return config.Config{}, err
		}
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
			text := effective(&c)
			if a.json {
				return a.document(c)
			}
			_, err = io.WriteString(a.out, text)
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

// effective is the whole configuration as text. It completes the mapping of c by the
// catalogue's defaults, which the file itself does not know.
func effective(c *config.Config) string {
	cat := schema.SCIM()
	if c.Cloud.Kind == "webex" {
		cat = schema.Webex()
	}
	all, ours := map[string]string{}, map[string]bool{}
	for _, u := range cat.Users {
		all[u.Name], ours[u.Name] = u.Default, true
	}
	for name, rule := range c.Mapping {
		all[name] = rule
		delete(ours, name)
	}
	c.Mapping = all
	lines, in := strings.SplitAfter(c.Effective(), "\n"), false
	for i, l := range lines {
		if strings.HasPrefix(l, "[") {
			in = l == "[mapping]\n"
		}
		name, _, ok := strings.Cut(l, " = ")
		if in && ok && ours[strings.Trim(name, `"`)] {
			lines[i] = fmt.Sprintf("%-40s # default\n", strings.TrimSuffix(l, "\n"))
		}
	}
	return strings.Join(lines, "")
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
