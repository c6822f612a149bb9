package plan

import (
	"strconv"
	"strings"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/record"
)

// Action is the effect of a change. The values are part of the JSON and file formats.
type Action string

const (
	Add        Action = "add"
	Update     Action = "update"
	Rename     Action = "rename" // the key changes, and possibly other fields
	Deactivate Action = "deactivate"
	Reactivate Action = "reactivate"
	Delete     Action = "delete"
	Remove     Action = "remove" // a member from a group
	Match      Action = "match"  // links an existing account; writes nothing to the cloud
)

// Phase orders the changes of a plan: all changes of one phase are answered before the next begins.
// Leavers come first and deletions last (P6).
//
// The values are stored. Older plans have no Leavers: they have disabled people among UserWrites,
// and missing ones among Deactivations. The order of the numbers is right for them too.
type Phase int

const (
	Leavers       Phase = 5  // deactivations of people who are disabled, missing or out of scope
	Links         Phase = 10 // match
	GroupWrites   Phase = 20
	UserWrites    Phase = 30 // add, update, rename, reactivate; by wave
	MemberAdds    Phase = 40
	MemberRemoves Phase = 50
	Deactivations Phase = 60 // of unmatched accounts; grace periods without a write
	Deletions     Phase = 70
)

// FieldDiff is one field of a change. Name is the name of the cloud attribute in the catalogue. A
// nil Old means "was empty"; a nil New clears the field.
//
// If Ref is set the values are references: Old has resource ids, New has the anchor of the
// referenced object or, once the engine has resolved it, its id.
type FieldDiff struct {
	Name string   `json:"name"`
	Old  []string `json:"old"`
	New  []string `json:"new"`
	Ref  bool     `json:"ref,omitempty"`
	// Drift means that the difference arose in the cloud: the directory still has the last applied
	// value, and the cloud was edited.
	Drift bool `json:"drift,omitempty"`
	// Both means that the value changed in the cloud and in the directory: Old is not the last
	// applied value.
	Both bool `json:"both,omitempty"`
	// Mapping means that the attribute's mapping changed since the value was applied: the directory
	// need not have changed.
	Mapping bool `json:"mapping,omitempty"`
}

// Change is one row of a plan: one write, or a group of fields of one object that are written
// together.
type Change struct {
	Seq    int64
	Action Action
	Kind   identity.Kind
	Phase  Phase
	Wave   int // within the phase; all changes of one wave are answered before the next begins

	Anchor       identity.Anchor     // of the object; for a membership, of the group
	Member       identity.Anchor     // kind member only
	ID           identity.ResourceID // "" for an addition, and for a group that the same plan adds
	MemberID     identity.ResourceID // kind member only; "" if the same plan adds the member
	MemberKind   identity.Kind       // kind member only: user or group
	Key          string              // for people: the key after the change; for a membership, the group's name
	MemberKey    string
	DN           string
	SourceBase   string // fingerprint of the mapped values behind the plan; "" if the object no longer exists
	CloudBase    string // fingerprint of the managed cloud values; "" for an addition
	CloudVersion string
	Fields       []FieldDiff
	// Via is a temporary key, written first when two people swap keys.
	Via    string
	Reason string // for this record: "mail changed", "no longer in the directory"
	Cause  string // shared by many records: "OU=Sales was renamed OU=Sales EMEA"; or ""
	// Missing marks removals that count towards the delete threshold.
	Missing bool
	// Drift marks an account that is created again because it was removed in the cloud, and a
	// membership that was changed there. For fields see FieldDiff.Drift.
	Drift bool
	// After is the shadow to store after the change; nil for memberships.
	After *identity.Shadow
}

// Field finds a field of the change by name.
func (c *Change) Field(name string) (FieldDiff, bool) {
	for _, f := range c.Fields {
		if f.Name == name {
			return f, true
		}
	}
	return FieldDiff{}, false
}

// Hold is the finding of a guard: nothing in the plan is written until an operator overrides it.
type Hold struct {
	Rule   string `json:"rule"`
	Detail string `json:"detail"`
	Remedy string `json:"remedy"`
	// Overridable means that an operator can override the hold by typing its Count.
	Overridable bool `json:"overridable,omitempty"`
	// Directory and Kind limit the hold to a part of the plan; "" means all.
	Directory string        `json:"directory,omitempty"`
	Kind      identity.Kind `json:"kind,omitempty"`
	// Count is what the guard counted, out of Of; Of is 0 if there is no total.
	Count int64 `json:"count"`
	Of    int64 `json:"of,omitempty"`
	// Causes groups the counted changes by cause, the largest first. Their counts add up to Count;
	// nil if no changes were counted.
	Causes []CauseCount `json:"causes,omitempty"`
}

// CauseCount is the number of changes with one cause.
type CauseCount struct {
	Cause string `json:"cause"`
	Count int64  `json:"count"`
}

// String reads like "15 are no longer in the directory".
func (c CauseCount) String() string {
	cause := c.Cause
	if c.Count == 1 {
		for many, one := range map[string]string{"are ": "is ", "have ": "has "} {
			if rest, ok := strings.CutPrefix(cause, many); ok {
				cause = one + rest
				break
			}
		}
	}
	return strconv.FormatInt(c.Count, 10) + " " + cause
}

// Rules of the guards. The values are part of the JSON and file formats.
const (
	RuleDeleteThreshold  = "delete-threshold"
	RuleEmptySource      = "empty-source"
	RuleSourceShrunk     = "source-shrunk"
	RuleLastAdmins       = "last-administrators"
	RuleUnknownAdmins    = "administrators-unknown"
	RuleMembersRemoved   = "members-removed"
	RuleDirectoryDisable = "directory-disabled"
	RuleAdoption         = "adoption" // links were lost, and externalId cannot prove identity
	RuleCloudShrunk      = "cloud-shrunk"
	// For one directory and kind of object.
	RuleRemovals         = "removals"
	RuleKeyChanges       = "key-changes"
	RuleAttributeBlanked = "attribute-blanked"
	RuleAttributeChanged = "attribute-changed"
	// RuleAttributeLost: people have lost a required attribute or a readable anchor.
	RuleAttributeLost = "attribute-lost"
	// RuleAdminsTouched: an undo would deactivate or rename known full administrators. In older
	// plans, any plan could.
	RuleAdminsTouched       = "administrators-touched"
	RuleGroupMembersRemoved = "group-members-removed"
	RuleGroupsEmptied       = "groups-emptied"
	// RuleListingIncomplete: something would be removed although a listing was incomplete.
	RuleListingIncomplete = "listing-incomplete"
	// RuleRelinking: one set of people is taken for another.
	RuleRelinking = "relinking"
	// RuleOtherOrganization: the state belongs to another organization.
	RuleOtherOrganization = "other-organization"
)

// DirectoryRead says which directory a plan was made from, and when it was read.
type DirectoryRead struct {
	identity.Directory
	ReadAt time.Time `json:"read_at"`
	Whole  bool      `json:"whole"` // false: it could not be read; its people are frozen
	Error  string    `json:"error,omitempty"`
	People int64     `json:"people"`
	Groups int64     `json:"groups"`
	// Way is how changes were read; "" for a full reading.
	Way identity.Way `json:"way,omitempty"`
	// Untold says why deletions were not reported, or is ""; Remedy is the remedy.
	NoDeletions string `json:"untold,omitempty"`
	Remedy      string `json:"remedy,omitempty"`
}

// Header describes the plan as a whole. Sealing sets ID and Digest.
type Header struct {
	Format       int                   `json:"format"`
	ID           string                `json:"id"` // first 12 hexadecimal digits of the digest
	Digest       string                `json:"digest"`
	Mode         record.Mode           `json:"mode"`
	Made         time.Time             `json:"made"`
	Organization identity.Organization `json:"organization"`
	Directories  []DirectoryRead       `json:"directories"`
	Config       string                `json:"config"` // digest of scope, mapping and policy
	CloudReadAt  time.Time             `json:"cloud_read_at"`
	CloudUsers   int64                 `json:"cloud_users"`
	CloudGroups  int64                 `json:"cloud_groups"`
	Complete     bool                  `json:"complete"` // every directory and the cloud were read completely
	Counts       record.Counts         `json:"counts"`
	Removals     int64                 `json:"removals"` // removals that count towards the delete threshold
	Holds        []Hold                `json:"holds"`
	// Withheld counts the records that wait for an operator's confirmation, see Plan.Withheld.
	Withheld int64       `json:"withheld,omitempty"`
	Drift    DriftCounts `json:"drift"`
	State    StateMark   `json:"state,omitzero"` // the state when the plan was made
	// Kept counts accounts that an operator keeps from the purge; Unmanaged those that a rule
	// excludes, which count as neither missing nor unmatched.
	Kept           int64           `json:"kept,omitempty"`
	Unmanaged      int64           `json:"unmanaged,omitempty"`
	UnmanagedRules []UnmanagedRule `json:"unmanaged_rules,omitempty"`
	// Protected counts the accounts and groups that policy.protected protects.
	Protected int64 `json:"protected,omitempty"`
	UndoOf    int64 `json:"undo_of,omitempty"`
	// Again counts the changes of an undo that the next run would repeat, because the directory
	// still asks for them.
	Again   int64    `json:"again,omitempty"`
	Notes   []string `json:"notes,omitempty"`   // sentences about the plan as a whole
	Instead string   `json:"instead,omitempty"` // why a full reading replaced a requested incremental one
}

// Unmatched is a cloud account without a match in any directory, or one that is left unchanged: see
// Alone.
type Unmatched struct {
	ID     identity.ResourceID `json:"id"`
	Kind   identity.Kind       `json:"kind"`
	Key    string              `json:"key"`
	Name   string              `json:"name,omitempty"`
	Active bool                `json:"active"`
	Admin  bool                `json:"admin,omitempty"`
	Kept   string              `json:"kept,omitempty"` // why the account is left unchanged; "" if a change follows
}
