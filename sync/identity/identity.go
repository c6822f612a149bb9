package identity

import (
	"sort"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// Kind says what sort of object a record is. The values leave the process
// (plan files, JSON), so they are spelled out.
type Kind string

const (
	User    Kind = "user"
	Group   Kind = "group"
	Member  Kind = "member"
	Contact Kind = "contact"
	Room    Kind = "room"
	// Unit is a container of the directory; nothing of it is synchronized.
	Unit Kind = "container"
)

// Anchor is the immutable key of a directory object: the canonical objectGUID
// (or entryUUID: lower case, dashed), qualified by its directory's configured
// name, as in "corp:6f1c2e0a-95d2-4a53-8c4e-2f4f8d0f7f11".
type Anchor string

// NewAnchor qualifies a canonical GUID with the name of its directory.
func NewAnchor(directory, guid string) Anchor {
	return Anchor(directory + ":" + strings.ToLower(guid))
}

// GUID is the bare GUID, which is what externalId carries.
func (a Anchor) GUID() string {
	if i := strings.LastIndexByte(string(a), ':'); i >= 0 {
		return string(a[i+1:])
	}
	return string(a)
}

// Directory is the configured name of the directory that owns the object.
func (a Anchor) Directory() string {
	if i := strings.LastIndexByte(string(a), ':'); i >= 0 {
		return string(a[:i])
	}
	return ""
}

// ResourceID is the cloud's own id of a resource.
type ResourceID string

// Attrs are attribute values by name. An attribute without values is absent
// from the map; single values are slices of one.
type Attrs map[string][]string

// First is the first value of the attribute, or "".
func (a Attrs) First(name string) string {
	if v := a[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// Names are the attribute names in order.
func (a Attrs) Names() []string {
	names := make([]string, 0, len(a))
	for n := range a {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// Clone copies the map; the value slices are shared and must not be written to.
func (a Attrs) Clone() Attrs {
	c := make(Attrs, len(a))
	for n, v := range a {
		c[n] = v
	}
	return c
}

// Fold is the form in which keys are compared: without regard to letter case
// (RFC 7643 section 4.1: userName is not case exact), and to whether a letter and its
// accent are one character or two.
func Fold(key string) string { return norm.NFC.String(strings.ToLower(key)) }

// Alike says whether two texts are the same to a reader: equal, or equal but for the
// Unicode form of their letters.
func Alike(a, b string) bool {
	return a == b || norm.NFC.String(a) == norm.NFC.String(b)
}

// Problem says why a record, or one of its fields, cannot be used. A record with
// a problem is never taken for absent.
type Problem struct {
	Anchor    Anchor `json:"anchor,omitempty"`
	DN        string `json:"dn"`                  // the record; its key where it has no DN
	Attribute string `json:"attribute,omitempty"` // the field, in the words of its side
	Side      Side   `json:"side,omitempty"`
	Message   string `json:"message"`
	Remedy    string `json:"remedy,omitempty"`
}

// Side says where a problem is: in the directory or in the cloud.
type Side string

const (
	InDirectory Side = "directory"
	InCloud     Side = "cloud"
)

// Entry is one directory object as read, before mapping. Attrs holds exactly the
// attributes asked for, named as they were asked for, binary ones decoded to
// their text forms. Values are in the server's order.
//
// Problems are set where part of the entry could not be read; the entry still
// counts as present.
type Entry struct {
	Anchor   Anchor
	Kind     Kind
	DN       string // as the server spells it
	Parent   string // DN of the container
	RDN      string // first component, e.g. "CN=Ana Silva"
	Attrs    Attrs
	Problems []Problem
	// Controlled: all people of its directory have userAccountControl, as in Active
	// Directory Domain Services: one without it is one that may not be read.
	Controlled bool
	Created    time.Time // of objects read by GUID alone, where the directory says so; decides nothing
}

// Person is an identity or a group after mapping: what the cloud should hold.
type Person struct {
	Anchor   Anchor
	DN       string
	Key      string // userName, or displayName of a group
	Active   bool
	Attrs    Attrs // by cloud attribute name; references hold the DN of their target
	Problems []Problem
	// Lacks are the directory attributes, as the mapping names them, that it must have
	// and has no value of.
	Lacks []string
}

// Ref points at an object of the directory, by anchor where it is known, else by
// DN or SID. At least one is set.
type Ref struct {
	Anchor Anchor `json:"anchor,omitempty"`
	DN     string `json:"dn,omitempty"`
	SID    string `json:"sid,omitempty"`
}

// EdgeKind is the sort of relation that an edge is.
type EdgeKind string

const (
	Membership EdgeKind = "member"
	Manager    EdgeKind = "manager"
	// InScope is a membership, direct or of a group in a group, by which people come
	// into scope; the group itself need not be in scope.
	InScope EdgeKind = "scope"
)

// Edge is a relation between two objects: From is the group (or the person who
// has a manager), To the member (or the manager). Ends that are out of scope or
// not resolved are kept: they resolve when the object enters.
type Edge struct {
	Kind EdgeKind `json:"kind"`
	From Anchor   `json:"from"`
	To   Ref      `json:"to"`
}

// Container is a node of the directory's tree that can hold people.
type Container struct {
	Anchor Anchor `json:"anchor"`
	DN     string `json:"dn"`
	Parent string `json:"parent"` // DN
}

// Node is a container as the tree shows it.
type Node struct {
	DN          string `json:"dn"`
	Name        string `json:"name"`
	People      int    `json:"people"` // in the whole subtree; -1 where not counted
	HasChildren bool   `json:"has_children"`
}

// Tri is a fact that may be unknown.
type Tri int8

const (
	Unknown Tri = iota
	No
	Yes
	// Partly is less than Yes, and more than No: of an account, another administrative role
	// than that of a full administrator.
	Partly
)

// Tris are all values of a Tri, the most frequent first.
func Tris() [4]Tri { return [...]Tri{No, Unknown, Yes, Partly} }

// Resource is one cloud object as listed. Attrs are named by the cloud attribute
// names of the catalogue, only the managed ones; references hold resource ids.
type Resource struct {
	ID         ResourceID
	Kind       Kind
	ExternalID string
	Key        string // userName, or displayName of a group
	Name       string // for people to read
	Active     bool
	Stateless  bool   // the cloud does not show active: it is taken for true
	Version    string // meta.version, where given
	Type       string // userType
	Attrs      Attrs
	Admin      Tri       // a full administrator; Partly with another administrative role
	Created    time.Time // of an account read alone, where the cloud says so; decides nothing
}

// Privileged says whether the account has an administrative role, of whatever kind.
func (r Resource) Privileged() bool { return r.Admin == Yes || r.Admin == Partly }

// State is what a shadow's object is in.
type State string

const (
	Live  State = "live"  // linked and in the directory
	Grace State = "grace" // missing since Since; deactivated by us, or a group that waits unwritten
	Held  State = "held"  // present but unreadable or in conflict: its account is left alone
)

// Shadow is what the store remembers of one directory object: its place, the raw
// inputs of scope and mapping, and the values that were last applied. Old values,
// drift and undo are made of it.
type Shadow struct {
	Anchor  Anchor `json:"anchor"`
	Kind    Kind   `json:"kind"`
	DN      string `json:"dn"`
	Parent  Anchor `json:"parent,omitempty"`
	RDN     string `json:"rdn,omitempty"`
	Inputs  Attrs  `json:"inputs,omitempty"`  // raw attributes that scope and mapping read
	Base    string `json:"base,omitempty"`    // fingerprint of the mapped values
	Applied Attrs  `json:"applied,omitempty"` // by cloud attribute name; references hold resource ids
	Active  bool   `json:"active"`

	ID     ResourceID `json:"id,omitempty"` // the link; "" before it is known
	Linked time.Time  `json:"linked,omitzero"`
	State  State      `json:"state"`
	Since  time.Time  `json:"since,omitzero"` // of grace
	// ByUs: this program made the account inactive, for whatever reason. In grace the purge
	// may take it then, and groups that wait unwritten.
	ByUs    bool               `json:"by_us,omitempty"`
	Ignored map[string]Ignored `json:"ignored,omitempty"`
	// Run is the last that had a change of it, sent to the cloud or not: what was sent, the
	// journal knows.
	Run         int64       `json:"run,omitempty"`
	Fingerprint Fingerprint `json:"print,omitzero"`
}

// Fingerprint is a shadow in a few bytes: enough to see, in a full reading, that neither
// the object nor its account changed since they were last found to agree. The zero
// Print says nothing. Hashes are seeded with the configuration: under another one no
// Print is equal.
type Fingerprint struct {
	Source  uint64 `json:"source"`            // of the entry as read
	Cloud   uint64 `json:"cloud"`             // of the resource as listed
	Key     uint32 `json:"key"`               // of the folded key
	Manager uint32 `json:"manager,omitempty"` // of the folded DN; 0 for none
	DN      uint32 `json:"dn"`                // of the folded DN
}

// Ignored is a value that the cloud did not take as written. It is not planned
// again until the directory asks for another one. Until Sure it is a suspicion: the
// write was answered without showing the result, and the next reading decides.
type Ignored struct {
	Wanted []string `json:"wanted"`
	Got    []string `json:"got"`
	Sure   bool     `json:"sure,omitempty"`
}

// Deferred is an object of the directory that is left alone for now, because of
// itself or of another one. It is remembered so that it is looked at again once
// something changes about the key that it wants.
type Deferred struct {
	Anchor Anchor
	Kind   Kind
	Key    string // folded; "" where it has none
	Again  bool   // to be looked at by the next run, whatever changed
}

// Directory describes the server behind a source. Identity stays the same for as
// long as it is the same directory (the domain's objectGUID or the base DN).
type Directory struct {
	Name     string `json:"name"`           // configured
	Kind     string `json:"kind"`           // ad-ds, ad-lds, ldap
	Product  string `json:"product"`        // for people: "Active Directory", "Samba", "OpenLDAP", "389 Directory Server"
	Server   string `json:"server"`         // URL that answered
	BaseDN   string `json:"base_dn"`        // the naming context
	Identity string `json:"identity"`       // see above
	Note     string `json:"note,omitempty"` // what people should know of the server
	// LinksByName: members and managers are named by DN alone, so that an object that is
	// renamed loses who refers to it, unless the server renames the references too.
	LinksByName bool `json:"links_by_name,omitempty"`
	// Turns counts how often another server answered than the one before. Between two
	// readings of a directory with equal Turns all was answered by one server.
	Turns int64 `json:"-"`
	// Warnings are sentences on what ends soon, such as the bind account's password.
	Warnings []string `json:"warnings,omitempty"`
}

// Organization describes the cloud behind a target.
type Organization struct {
	ID   string `json:"id"` // stable: the organization's id, or the base URL
	Name string `json:"name"`
	Kind string `json:"kind"` // webex, scim
	URL  string `json:"url"`
}
