package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"dirbridge/config"
	"dirbridge/sync/control"
	"dirbridge/sync/schema"
	"dirbridge/ui/look"
)

func (a *app) configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Check, show, locate or create the configuration file",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	load := a.loadConfig
	cmd.AddCommand(
		&cobra.Command{Use: "check", Short: "List every mistake with its line", Args: noArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				c, err := load()
				if err != nil {
					return err
				}
				lacking := a.lacking(cmd.Context(), c)
				if a.json {
					return a.document(map[string]any{"path": c.Path, "ok": true, "no_place": append([]string{}, lacking...)})
				}
				w := &errWriter{w: a.out}
				w.printf("%s is valid\n", c.Path)
				noPlaceLines(w, lacking)
				return w.err
			}},
		&cobra.Command{Use: "show", Short: "Show the effective values, without secrets", Args: noArgs,
			RunE: func(*cobra.Command, []string) error {
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
		&cobra.Command{Use: "path", Short: "Show where the file is expected", Args: noArgs,
			RunE: func(*cobra.Command, []string) error {
				if a.json {
					return a.document(map[string]string{"path": a.configPath()})
				}
				err := look.Printf(a.out, "%s\n", a.configPath())
				return err
			}},
		&cobra.Command{Use: "default", Short: "Print a new file, with every key explained", Args: noArgs,
			RunE: func(*cobra.Command, []string) error {
				_, err := io.WriteString(a.out, config.Template())
				return err
			}},
	)
	return cmd
}

// effective returns the whole configuration as text. It adds the catalogue's default mapping to c,
// which the file does not have.
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

// loadConfig loads the configuration.
func (a *app) loadConfig() (config.Config, error) {
	if err := a.readable(); err != nil {
		return config.Config{}, err
	}
	if a.Check == nil {
		return config.Load(a.configPath())
	}
	return config.Load(a.configPath(), a.Check)
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{Use: "version", Short: "Show the version", Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			if a.json {
				return a.document(map[string]string{"version": a.Version})
			}
			err := look.Printf(a.out, "dirbridge %s\n", a.Version)
			return err
		}}
}

// lacking returns the mapped attributes that the cloud has no place for, as far as the state knows
// from a run. It creates no state.
func (a *app) lacking(ctx context.Context, c config.Config) (names []string) {
	if _, err := os.Stat(filepath.Join(c.Connector.StateDir, "state.db")); err != nil || a.Open == nil {
		return nil
	}
	s, err := a.Open(ctx, c.Path)
	if err != nil {
		return nil // the configuration is valid all the same
	}
	defer func() { _ = s.Close() }()
	return withoutPlace(c.Cloud.Kind, s.Connector)
}

// withoutPlace returns the mapped attributes that the cloud has no place for: its schema does not
// list one, or, for attributes that an administrator mapped, its kind never has one.
func withoutPlace(kind string, c control.Connector) (names []string) {
	rules := c.Settings().Mapping
	known, _ := schema.Of(kind)
	for _, attr := range c.Catalogue().Users {
		usual, _ := known.User(attr.Name)
		if rule := rules[attr.Name]; attr.Path == "" && rule != "" && (usual.Path != "" || rule != attr.Default) {
			names = append(names, attr.Name)
		}
	}
	return names
}

// noPlaceLines lists the mapped attributes that are not written.
func noPlaceLines(w *errWriter, names []string) {
	if len(names) > 0 {
		w.printf("\nThe cloud has no place for %s: mapped, but not written. Remove them from the mapping (NAME = \"\" in "+
			"[mapping]), or ask the provider.\n", strings.Join(names, ", "))
	}
}
