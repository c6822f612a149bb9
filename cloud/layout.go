package cloud

import (
	"strings"

	"dirbridge/cloud/webex"
	"dirbridge/sync/schema"
)

// A slot is where the decoder puts a value: one of the fixed ones, or attribute i of
// the catalogue at slotAttrs+i.
const (
	slotID = iota
	slotExternalID
	slotKey
	slotName
	slotActive
	slotVersion
	slotCreated
	slotType
	slotRole
	slotDelegated // a role over other organizations or groups
	slotMember
	slotAttrs
)

// layout is what the decoder reads of a resource, as a tree of keys. It is made
// once and then only read.
type layout struct {
	root  *node
	names []string // of the attributes, by slot less slotAttrs
	// Keys of a listing, in lower case: of its array, and of the number of all.
	array, total string
}

// node is one key of a resource.
type node struct {
	slots  []int            // that take a scalar standing here, also within an array
	below  map[string]*node // by key, as the catalogue spells it and in lower case
	picks  []pick           // values of those elements of an array that a filter takes
	inputs []string         // keys that the picks look at, in lower case
}

// pick takes inputs[value] of an element whose inputs[test] is want.
type pick struct {
	test, value int
	want        string
	slot        int
}

func (n *node) child(key string) *node {
	if n.below == nil {
		n.below = make(map[string]*node)
	}
	c := n.below[strings.ToLower(key)]
	if c == nil {
		c = &node{}
		n.below[strings.ToLower(key)] = c
	}
	n.below[key] = c
	return c
}

// find is the node of a key, or nil. Keys are compared without regard to case
// (RFC 7643 section 2.1); the usual spelling is found at once, and none allocates.
func (n *node) find(key []byte) *node {
	if c := n.below[string(key)]; c != nil || n.below == nil {
		return c
	}
	var folded [96]byte
	if len(key) > len(folded) {
		return nil
	}
	for i, c := range key {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		folded[i] = c
	}
	return n.below[string(folded[:len(key)])]
}

// isKey compares a key with one in lower case.
func isKey(key []byte, want string) bool {
	if len(key) != len(want) {
		return false
	}
	for i, c := range key {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != want[i] {
			return false
		}
	}
	return true
}

func (n *node) input(key string) int {
	key = strings.ToLower(key)
	for i, k := range n.inputs {
		if k == key {
			return i
		}
	}
	n.inputs = append(n.inputs, key)
	return len(n.inputs) - 1
}

// put makes the values at p go to slot.
func (n *node) put(p path, slot int) {
	if p.urn != "" {
		n = n.child(p.urn)
	}
	n = n.child(p.attr)
	switch {
	case p.filter != nil:
		n.picks = append(n.picks, pick{test: n.input(p.filter.attr), value: n.input(p.sub), want: p.filter.text(), slot: slot})
	case p.sub != "":
		c := n.child(p.sub)
		c.slots = append(c.slots, slot)
	default:
		n.slots = append(n.slots, slot)
	}
}

// userLayout reads users: what the engine always needs, and the places given.
func userLayout(places []place, adminRole string) *layout {
	l := &layout{root: &node{}, array: "resources", total: "totalresults"}
	l.fixed("userName")
	l.root.put(path{attr: "userType"}, slotType)
	if adminRole != "" {
		l.root.put(path{attr: "roles"}, slotRole)
		for _, sub := range []string{"value", "display", "type"} {
			l.root.put(path{attr: "roles", sub: sub}, slotRole)
		}
		for _, attr := range []string{"managedOrgs", "managedGroups"} {
			l.root.put(path{urn: webex.UserSchema, attr: attr, sub: "role"}, slotDelegated)
		}
	}
	for _, p := range places {
		l.names = append(l.names, p.name)
		l.root.put(p.path, slotAttrs+len(l.names)-1)
	}
	return l
}

// alone adds what is read of a user that is asked for alone.
func (l *layout) alone() *layout {
	l.root.put(path{attr: "meta", sub: "created"}, slotCreated)
	return l
}

// groupLayout reads groups, with the ids of their members where asked for.
func groupLayout(members bool) *layout {
	l := &layout{root: &node{}, array: "resources", total: "totalresults", names: []string{schema.GroupName, schema.ExternalID}}
	l.fixed("displayName")
	l.root.put(path{attr: "displayName"}, slotAttrs)
	l.root.put(path{attr: "externalId"}, slotAttrs+1)
	if members {
		l.root.put(path{attr: "members"}, slotMember)
		l.root.put(path{attr: "members", sub: "value"}, slotMember)
	}
	return l
}

// memberLayout reads the members of one group, as /Groups/{id}/Members lists them.
func memberLayout() *layout {
	l := &layout{root: &node{}, array: "members", total: "membersize"}
	l.root.put(path{attr: "value"}, slotID)
	l.root.put(path{attr: "id"}, slotID)
	return l
}

func (l *layout) fixed(key string) {
	l.root.put(path{attr: "id"}, slotID)
	l.root.put(path{attr: "externalId"}, slotExternalID)
	l.root.put(path{attr: key}, slotKey)
	l.root.put(path{attr: "displayName"}, slotName)
	l.root.put(path{attr: "active"}, slotActive)
	l.root.put(path{attr: "meta", sub: "version"}, slotVersion)
}
