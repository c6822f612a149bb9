package objects

import (
	"dirbridge/sync/identity"
	"dirbridge/ui/scope"
)

// node is a container of a tree that is loaded on demand.
type node struct {
	identity.Node
	depth    int
	open     bool
	loaded   bool
	asked    bool // its children were requested and have not arrived
	children []*node
}

// containers is the tree of one directory.
type containers struct {
	roots  []*node
	loaded bool
	asked  bool
}

// visible returns the visible nodes from top to bottom, without those below closed ones.
func (c *containers) visible() []*node {
	var list []*node
	var walk func([]*node)
	walk = func(nodes []*node) {
		for _, n := range nodes {
			list = append(list, n)
			if n.open {
				walk(n.children)
			}
		}
	}
	walk(c.roots)
	return list
}

// find returns the loaded node with a DN as the directory spells it.
func (c *containers) find(dn string) *node {
	var found *node
	var walk func([]*node)
	walk = func(nodes []*node) {
		for _, n := range nodes {
			if n.DN == dn {
				found = n
			}
			walk(n.children)
		}
	}
	walk(c.roots)
	return found
}

// put adds the children of a container, "" for the roots. Open containers below it stay open if
// they still exist.
func (c *containers) put(dn string, children []identity.Node) {
	if dn == "" {
		c.roots, c.loaded, c.asked = merge(c.roots, children, 0), true, false
		return
	}
	if n := c.find(dn); n != nil {
		n.children, n.loaded, n.asked = merge(n.children, children, n.depth+1), true, false
	}
}

// failed records that the children of a container could not be read.
func (c *containers) failed(dn string) {
	if dn == "" {
		c.asked = false
	} else if n := c.find(dn); n != nil {
		n.asked, n.open = false, false
	}
}

// within returns the number of people below a container that are in scope; known is false if what
// matters was not opened yet.
func (n *node) within(s *scope.Scope) (people int, known bool) {
	switch s.Tick(n.DN) {
	case scope.On:
		return n.People, true
	case scope.Off:
		return 0, true
	}
	if !n.loaded {
		return 0, false
	}
	direct := n.People
	for _, c := range n.children {
		direct -= c.People
		in, ok := c.within(s)
		if !ok {
			return 0, false
		}
		people += in
	}
	if s.Includes(n.DN) {
		people += direct
	}
	return people, true
}

func merge(old []*node, now []identity.Node, depth int) []*node {
	was := map[string]*node{}
	for _, n := range old {
		was[n.DN] = n
	}
	nodes := make([]*node, len(now))
	for i, n := range now {
		nodes[i] = &node{Node: n, depth: depth}
		if o := was[n.DN]; o != nil {
			nodes[i].open, nodes[i].loaded, nodes[i].children = o.open, o.loaded, o.children
		}
	}
	return nodes
}
