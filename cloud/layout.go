package cloud

import (
	"strings"

	"dirbridge/cloud/webex"
	"dirbridge/sync/schema"
)

// A slot is where the decoder stores a value: a fixed one, or attribute i of the catalogue at
// slotAttrs+i.
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
	slotSource    // what made the account
	slotMember
	slotAttrs
)

// layout is what the decoder reads of a resource, as a tree of keys. It is immutable.
type layout struct {
	root  *node
	names []string // of the attributes, by slot minus slotAttrs
	// Keys of a listing, in lower case: of its array, and of the total.
	array, total string
}

// node is one key of a resource.
type node struct {
	slots    []int            // slots for a scalar at this key, also within an array
	children map[string]*node // by key, in the catalogue's spelling and in lower case
	picks    []pick           // values of those elements of an array that match a filter
	inputs   []string         // keys that the picks use, in lower case
}

// pick takes inputs[value] of an element whose inputs[test] equals want.
type pick struct {
	test, value int
	want        string
	slot        int
}

func (n *node) child(key string) *node {
	if n.children == nil {
		n.children = make(map[string]*node)
	}
	c := n.children[strings.ToLower(key)]
	if c == nil {
		c = &node{}
		n.children[strings.ToLower(key)] = c
	}
	n.children[key] = c
	return c
}

// find returns the node of a key, or nil. Keys are case-insensitive (RFC 7643 section 2.1). The
// usual spelling is found at once, and none allocates.
func (n *node) find(key []byte) *node {
	if c := n.children[string(key)]; c != nil || n.children == nil {
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
	return n.children[string(folded[:len(key)])]
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

// put sends the values at p to slot.
func (n *node) put(p path, slot int) {
	if p.urn != "" {
		n = n.child(p.urn)
	}
	n = n.child(p.attr)
	switch {
	case p.filter != nil:
		n.picks = append(n.picks, pick{test: n.input(p.filter.attr), value: n.input(p.sub), want: p.filter.text(),
			slot: slot})
	case p.sub != "":
		c := n.child(p.sub)
		c.slots = append(c.slots, slot)
	default:
		n.slots = append(n.slots, slot)
	}
}

// userLayout reads users: what the engine always needs, and the given places.
func userLayout(places []place, adminRole string) *layout {
	l := &layout{root: &node{}, array: "resources", total: "totalresults"}
	l.fixed("userName")
	l.root.put(path{attr: "userType"}, slotType)
	l.root.put(path{urn: webex.UserSchema, attr: "provisionSource"}, slotSource)
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

// single adds what is read of a single user.
func (l *layout) single() *layout {
	l.root.put(path{attr: "meta", sub: "created"}, slotCreated)
	return l
}

// groupLayout reads groups, optionally with the ids of their members.
func groupLayout(members bool) *layout {
	l := &layout{root: &node{}, array: "resources", total: "totalresults",
		names: []string{schema.GroupName, schema.ExternalID}}
	l.fixed("displayName")
	l.root.put(path{attr: "displayName"}, slotAttrs)
	l.root.put(path{attr: "externalId"}, slotAttrs+1)
	if members {
		l.root.put(path{attr: "members"}, slotMember)
		l.root.put(path{attr: "members", sub: "value"}, slotMember)
	}
	return l
}

// memberLayout reads the members of one group from /Groups/{id}/Members.
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
