package ldap

import (
	"context"
	"fmt"
	"sort"

	goldap "github.com/go-ldap/ldap/v3"

	"dirbridge/sync/identity"
)

// Tree lists the containers directly below dn, with the number of people in the subtree of each; ""
// lists the naming contexts. It ignores the configured base DNs and exclusions, because the
// operator chooses them from the tree. It leaves out containers that only advanced views show,
// unless people are in them.
func (s *Source) Tree(ctx context.Context, dn string) (nodes []identity.Node, err error) {
	defer s.secrets.In(&err)
	err = s.with(ctx, func(c *session) error {
		if dn == "" {
			for _, root := range c.dir.roots() {
				n, err := c.root(ctx, root)
				if err != nil {
					return err
				}
				nodes = append(nodes, n)
			}
			return nil
		}
		parent, err := identity.CanonicalDN(dn)
		if err != nil {
			return giveUp("Choose a container of the tree.", "%q is not a distinguished name", dn)
		}
		nodes, err = c.children(ctx, parent)
		return err
	})
	return nodes, err
}

func (c *session) root(ctx context.Context, dn string) (identity.Node, error) {
	n := identity.Node{DN: dn, Name: dn}
	scope, err := c.listingScope(ctx, identity.User, false)
	if err != nil {
		return n, err
	}
	people := query{filter: scope.filter, attrs: none()}
	if err := c.subtree(ctx, "counting people", []string{dn}, people,
		scope.filtered(ctx, func(*rawEntry) error { n.People++; return nil })); err != nil {
		return n, err
	}
	q := query{what: "listing containers below " + dn, base: dn, scope: goldap.ScopeSingleLevel, filter: containerFilter,
		attrs: none()}
	err = c.run(ctx, q, func(*rawEntry) error { n.HasChildren = true; return nil })
	return n, err
}

// branch is a child under construction.
type branch struct {
	identity.Node
	advanced bool
}

// children counts the people of all children with one search for each base: a search for each child
// would make the server read the whole directory as many times as there are children.
func (c *session) children(ctx context.Context, dn string) ([]identity.Node, error) {
	branches := map[string]*branch{} // by folded DN
	q := query{what: "listing containers below " + dn, base: dn, scope: goldap.ScopeSingleLevel,
		filter: containerFilter, attrs: []string{"showInAdvancedViewOnly"}}
	if err := c.run(ctx, q, func(raw *rawEntry) error {
		b := &branch{Node: identity.Node{DN: identity.DisplayDN(string(raw.dn))}}
		first, _ := identity.SplitDN(b.DN)
		b.Name = identity.RDNValue(first)
		for _, a := range raw.attrs {
			b.advanced = b.advanced || len(a.values) == 1 && string(a.values[0]) == "TRUE"
		}
		branches[identity.FoldDN(b.DN)] = b
		return nil
	}); err != nil {
		return nil, err
	}
	levels := depth(dn)
	scope, err := c.listingScope(ctx, identity.User, false)
	if err != nil {
		return nil, err
	}
	below := func(what string, scope *listingScope, found func(b *branch, direct bool)) error {
		q := query{filter: scope.filter, attrs: none()}
		return c.subtree(ctx, what, []string{dn}, q, scope.filtered(ctx, func(raw *rawEntry) error {
			folded := identity.FoldDN(identity.DisplayDN(string(raw.dn)))
			if b := branches[ancestor(folded, levels+1)]; b != nil {
				found(b, identity.FoldDN(b.DN) == folded)
			}
			return nil
		}))
	}
	if err := below("listing containers", &listingScope{filter: containerFilter},
		func(b *branch, itself bool) { b.HasChildren = b.HasChildren || !itself }); err != nil {
		return nil, err
	}
	if err := below("counting people", scope, func(b *branch, _ bool) { b.People++ }); err != nil {
		return nil, err
	}
	nodes := make([]identity.Node, 0, len(branches))
	for _, b := range branches {
		if !b.advanced || b.People > 0 {
			nodes = append(nodes, b.Node)
		}
	}
	sort.Slice(nodes, func(i, j int) bool {
		return fmt.Sprint(identity.FoldDN(nodes[i].Name), nodes[i].DN) < fmt.Sprint(identity.FoldDN(nodes[j].Name),
			nodes[j].DN)
	})
	return nodes, nil
}

// depth is the number of RDNs of a canonical DN.
func depth(dn string) int {
	n := 0
	for dn != "" {
		_, dn = identity.SplitDN(dn)
		n++
	}
	return n
}

// ancestor is the last part of the DN, with the given number of RDNs.
func ancestor(dn string, levels int) string {
	for n := depth(dn); n > levels; n-- {
		_, dn = identity.SplitDN(dn)
	}
	return dn
}
