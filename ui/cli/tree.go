package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
)

// treeNode is tree --json.
type treeNode struct {
	identity.Node
	Directory string     `json:"directory"`
	Children  []treeNode `json:"children"`
}

func (a *app) treeCommand() *cobra.Command {
	depth := 0
	cmd := &cobra.Command{
		Use:   "tree",
		Short: "List the containers of the directories, with the number of people in each",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.reading(cmd.Context(), func(s *Session) error {
				var roots []treeNode
				for _, d := range s.Connector.Settings().Directories {
					nodes, err := grow(cmd.Context(), s.Connector, d.Name, "", depth)
					if err != nil {
						return fmt.Errorf("directory %s: %w", d.Name, err)
					}
					roots = append(roots, nodes...)
				}
				if a.json {
					return a.document(roots)
				}
				w := &errWriter{w: a.out}
				printTree(w, roots, 0)
				return w.err
			})
		},
	}
	cmd.Flags().Var(newAtLeast(&depth, 0, 0), "depth", "list only `N` levels; 0 is all")
	return cmd
}

func grow(ctx context.Context, c control.Directories, directory, dn string, depth int) ([]treeNode, error) {
	nodes, err := c.Tree(ctx, directory, dn)
	if err != nil {
		return nil, err
	}
	out := make([]treeNode, 0, len(nodes))
	for _, n := range nodes {
		t := treeNode{Node: n, Directory: directory, Children: []treeNode{}}
		if n.HasChildren && depth != 1 {
			if t.Children, err = grow(ctx, c, directory, n.DN, depth-1); err != nil {
				return nil, err
			}
		}
		out = append(out, t)
	}
	return out, nil
}

func printTree(w *errWriter, nodes []treeNode, level int) {
	for _, n := range nodes {
		name := n.Name
		if level == 0 {
			name = n.DN
		}
		name = strings.Repeat("  ", level) + name
		w.printf("%-60s %9d\n", name, n.People)
		printTree(w, n.Children, level+1)
	}
}
