package identity

import (
	"sort"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// Kind is the kind of a record's object. The values are part of file formats and JSON, so they are
// words.
type Kind string

const (
	User    Kind = "user"
	Group   Kind = "group"
	Member  Kind = "member"
	Contact Kind = "contact"
	Room    Kind = "room"
	// Unit is a container of the directory; it is not synchronized.
	Unit Kind = "container"
)

// Anchor is the immutable key of a directory object: the canonical objectGUID (or entryUUID: lower
// case, with dashes), qualified by its directory's configured name, as in
// "corp:6f1c2e0a-95d2-4a53-8c4e-2f4f8d0f7f11".
type Anchor string

// NewAnchor qualifies a canonical GUID with the name of its directory.
func NewAnchor(directory, guid string) Anchor {
	return Anchor(directory + ":" + strings.ToLower(guid))
}

// GUID is the GUID alone, which externalId carries.
func (a Anchor) GUID() string {
	if i := strings.LastIndexByte(string(a), ':'); i >= 0 {
		return string(a[i+1:])
	}
	return string(a)
}

// Directory is the configured name of the object's directory.
func (a Anchor) Directory() string {
	if i := strings.LastIndexByte(string(a), ':'); i >= 0 {
		return string(a[:i])
	}
	return ""
}

// ResourceID is the cloud's own id of a resource.
type ResourceID string

// Attrs are attribute values by name. An attribute without values is absent from the map; a single
// value is a slice of one.
type Attrs map[string][]string

// First is the first value of the attribute, or "".
func (a Attrs) First(name string) string {
	if v := a[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// Names returns the sorted attribute names.
func (a Attrs) Names() []string {
	names := make([]string, 0, len(a))
	for n := range a {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// Clone copies the map; the value slices are shared and must not be modified.
func (a Attrs) Clone() Attrs {
	c := make(Attrs, len(a))
	for n, v := range a {
		c[n] = v
	}
	return c
}

// Fold is the form for comparing keys: case-insensitive (RFC 7643 section 4.1: userName is not case
// exact), and in one Unicode form.
func Fold(key string) string { return norm.NFC.String(strings.ToLower(key)) }

// Alike reports whether two texts look the same: they are equal, possibly in different Unicode
// forms.
func Alike(a, b string) bool {
	return a == b || norm.NFC.String(a) == norm.NFC.String(b)
}

// Problem says why a record, or one of its fields, cannot be used. A record with a problem never
// counts as absent.
type Problem struct {
	Anchor    Anchor `json:"anchor,omitempty"`
	DN        string `json:"dn"`                  // the record; its key if it has no DN
	Attribute string `json:"attribute,omitempty"` // the field, named as on its side
	Side      Side   `json:"side,omitempty"`
	Message   string `json:"message"`
	Remedy    string `json:"remedy,omitempty"`
}

// Side is where a problem is: in the directory or in the cloud.
type Side string

const (
	InDirectory Side = "directory"
	InCloud     Side = "cloud"
)

// Entry is one directory object as read, before mapping. Attrs has exactly the requested
// attributes, with the requested names; binary ones are decoded to their text forms. Values are in
// the server's order.
//
// Problems are set if a part of the entry could not be read; the entry still counts as present.
type Entry struct {
	Anchor   Anchor
	Kind     Kind
	DN       string // in the server's spelling
	Parent   string // DN of the container
	RDN      string // first component, e.g. "CN=Ana Silva"
	Attrs    Attrs
	Problems []Problem
	// Controlled: all people of its directory have userAccountControl, as in Active Directory
	// Domain Services. If it is missing, the bind account may not read it.
	Controlled bool
	Created    time.Time // set for objects read by GUID, if the directory has it; for display only
}

// Person is a person or a group after mapping: what the cloud should have.
type Person struct {
	Anchor   Anchor
	DN       string
	Key      string // userName, or displayName of a group
	Active   bool
	Attrs    Attrs // by cloud attribute name; references hold the DN of their target
	Problems []Problem
	// Lacks lists the required directory attributes, as the mapping names them, that have no value.
	Lacks []string
}

// Ref refers to an object of the directory, by anchor if known, else by DN or SID. At least one is
// set.
type Ref struct {
	Anchor Anchor `json:"anchor,omitempty"`
	DN     string `json:"dn,omitempty"`
	SID    string `json:"sid,omitempty"`
}

// EdgeKind is the kind of relation of an edge.
type EdgeKind string

const (
	Membership EdgeKind = "member"
	Manager    EdgeKind = "manager"
	// InScope is a membership, direct or nested, that brings people into scope; the group itself
	// need not be in scope.
	InScope EdgeKind = "scope"
)

// Edge is a relation between two objects: From is the group (or the person with a manager), To the
// member (or the manager). Unresolved ends and those out of scope are kept: they resolve when the
// object enters the scope.
type Edge struct {
	Kind EdgeKind `json:"kind"`
	From Anchor   `json:"from"`
	To   Ref      `json:"to"`
}

// Container is a node of the directory's tree that can have people below it.
type Container struct {
	Anchor Anchor `json:"anchor"`
	DN     string `json:"dn"`
	Parent string `json:"parent"` // DN
}

// Node is a container in the displayed tree.
type Node struct {
	DN          string `json:"dn"`
	Name        string `json:"name"`
	People      int    `json:"people"` // in the whole subtree; -1 if not counted
	HasChildren bool   `json:"has_children"`
}

// Tri is a fact that may be unknown.
type Tri int8

const (
	Unknown Tri = iota
	No
	Yes
	// Partly is between No and Yes: the account has another administrative role than that of a full
	// administrator.
	Partly
)

// Tris lists all values of a Tri, the most frequent first.
func Tris() [4]Tri { return [...]Tri{No, Unknown, Yes, Partly} }

// Resource is one cloud object as listed. Attrs has the managed attributes, named as in the
// catalogue; references are resource ids.
type Resource struct {
	ID         ResourceID
	Kind       Kind
	ExternalID string
	Key        string // userName, or displayName of a group
	Name       string // for display
	Active     bool
	Stateless  bool   // the cloud does not show active, which counts as true
	Version    string // meta.version, if present
	Type       string // userType
	// Provisioner is another program that made the account, by its name for people; "" if the cloud
	// names none.
	Provisioner string
	Attrs       Attrs
	Admin       Tri       // a full administrator; Partly with another administrative role
	Created     time.Time // set for an account read alone, if the cloud has it; for display only
}

// Privileged reports whether the account has an administrative role of any kind.
func (r Resource) Privileged() bool { return r.Admin == Yes || r.Admin == Partly }

// State is the state of a shadow's object.
type State string

const (
	Live  State = "live"  // missing since Since; deactivated by us, or a group in its grace period
	Grace State = "grace" // missing since Since; deactivated by us, or a group that waits unwritten
	Held  State = "held"  // present but unreadable or in conflict: its account is left unchanged
)

// Shadow is what the store remembers of one directory object: its place, the raw inputs of scope
// and mapping, and the last applied values. Old values, drift and undo depend on it.
type Shadow struct {
	Anchor  Anchor `json:"anchor"`
	Kind    Kind   `json:"kind"`
	DN      string `json:"dn"`
	Parent  Anchor `json:"parent,omitempty"`
	RDN     string `json:"rdn,omitempty"`
	Inputs  Attrs  `json:"inputs,omitempty"`  // raw attributes that scope and mapping use
	Base    string `json:"base,omitempty"`    // fingerprint of the mapped values
	Applied Attrs  `json:"applied,omitempty"` // by cloud attribute name; references are resource ids
	Active  bool   `json:"active"`

	ID     ResourceID `json:"id,omitempty"` // the link; "" while it is unknown
	Linked time.Time  `json:"linked,omitzero"`
	State  State      `json:"state"`
	Since  time.Time  `json:"since,omitzero"` // start of the grace period
	// ByUs: this program made the account inactive, for whatever reason. In the grace period, the
	// purge deletes only such accounts, and groups.
	ByUs    bool               `json:"by_us,omitempty"`
	Ignored map[string]Ignored `json:"ignored,omitempty"`
	// Run is the last run with a change of the object, sent to the cloud or not: the journal has
	// what was sent.
	Run         int64       `json:"run,omitempty"`
	Fingerprint Fingerprint `json:"print,omitzero"`
}

// Fingerprint is a short form of a shadow: enough to see, in a full reading, that neither the
// object nor its account has changed since they last agreed. The zero Fingerprint says nothing. The
// hashes are seeded with the configuration: after a change of it no fingerprint is equal.
type Fingerprint struct {
	Source  uint64 `json:"source"`            // of the entry as read
	Cloud   uint64 `json:"cloud"`             // of the resource as listed
	Key     uint32 `json:"key"`               // of the folded key
	Manager uint32 `json:"manager,omitempty"` // of the folded DN; 0 for none
	DN      uint32 `json:"dn"`                // of the folded DN
}

// Ignored is a value that the cloud did not keep as written. It is not planned again until the
// directory has another value. While Sure is false it is a suspicion: the answer to the write did
// not show the result, and the next reading decides.
type Ignored struct {
	Wanted []string `json:"wanted"`
	Got    []string `json:"got"`
	Sure   bool     `json:"sure,omitempty"`
}

// Deferred is an object of the directory that is left unchanged for now, because of itself or
// another object. It is remembered, so that it is looked at again when something about its wanted
// key changes.
type Deferred struct {
	Anchor Anchor
	Kind   Kind
	Key    string // folded; "" without one
	Again  bool   // to be looked at by the next run in any case
}

// Directory describes the server behind a source. Identity identifies the directory (the domain's
// objectGUID or the base DN).
type Directory struct {
	Name     string `json:"name"`           // configured
	Kind     string `json:"kind"`           // ad-ds, ad-lds, ldap
	Product  string `json:"product"`        // for display: "Active Directory", "Samba", "OpenLDAP", "389 Directory Server"
	Server   string `json:"server"`         // URL that answered
	BaseDN   string `json:"base_dn"`        // the naming context
	Identity string `json:"identity"`       // see above
	Note     string `json:"note,omitempty"` // a remark about the server for the operator
	// LinksByName: members and managers are referred to by DN alone, so an object that is renamed
	// loses its references, unless the server renames those too.
	LinksByName bool `json:"links_by_name,omitempty"`
	// ServerChanges counts how often the answering server changed. Between two readings of a directory
	// with equal ServerChanges, one server answered everything.
	ServerChanges int64 `json:"-"`
	// Warnings are sentences about credentials that expire soon, such as the bind account's
	// password.
	Warnings []string `json:"warnings,omitempty"`
}

// Organization describes the cloud behind a target.
type Organization struct {
	ID   string `json:"id"` // stable: the organization's id, or the base URL
	Name string `json:"name"`
	Kind string `json:"kind"` // webex, scim
	URL  string `json:"url"`
}
