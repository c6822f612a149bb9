package plan

import (
	"strconv"
	"strings"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/record"
)

// Action is what a change does. The values leave the process.
type Action string

const (
	Add        Action = "add"
	Update     Action = "update"
	Rename     Action = "rename" // the key changes, other fields perhaps as well
	Deactivate Action = "deactivate"
	Reactivate Action = "reactivate"
	Delete     Action = "delete"
	Remove     Action = "remove" // a member from a group
	Match      Action = "match"  // links an existing account; writes nothing to the cloud
)

// Phase orders the changes of a plan: all of one phase are answered before the
// next begins. People who are out come first, and deletion last (P6).
//
// The values are stored. Plans of before have no Leavers: there people who are disabled
// stand among UserWrites, and those who are missing among Deactivations. The order of
// the numbers is right for them, too.
type Phase int

const (
	Leavers       Phase = 5  // deactivations of people who are disabled, missing or out of scope
	Links         Phase = 10 // match
	GroupWrites   Phase = 20
	UserWrites    Phase = 30 // add, update, rename, reactivate; by wave
	MemberAdds    Phase = 40
	MemberRemoves Phase = 50
	Deactivations Phase = 60 // of accounts that no directory knows; grace that is not written
	Deletions     Phase = 70
)

// FieldDiff is one field of a change. Name is the cloud attribute's name in the
// catalogue. Nil Old is "was empty"; nil New clears the field.
//
// Where Ref is set the values are references: Old holds resource ids, New the
// anchor of the referred object, or, once the engine has resolved it, its id.
type FieldDiff struct {
	Name string   `json:"name"`
	Old  []string `json:"old"`
	New  []string `json:"new"`
	Ref  bool     `json:"ref,omitempty"`
	// Drift says that the difference came about in the cloud: the directory still wants
	// what was last applied, and somebody changed it there.
	Drift bool `json:"drift,omitempty"`
	// Both says that the value was changed in the cloud as well as in the directory:
	// Old is not what was last applied.
	Both bool `json:"both,omitempty"`
	// Mapping says that the administrator maps the attribute otherwise since the value was
	// applied: the directory need not have changed.
	Mapping bool `json:"mapping,omitempty"`
}

// Change is one row of a plan: one write, or one group of fields of one object
// that are written together.
type Change struct {
	Seq    int64
	Action Action
	Kind   identity.Kind
	Phase  Phase
	Wave   int // within the phase; all of one wave are answered before the next

	Anchor       identity.Anchor     // of the object; of the group, for a member
	Member       identity.Anchor     // kind member only
	ID           identity.ResourceID // "" for an add, and for a group that is added by the same plan
	MemberID     identity.ResourceID // kind member only; "" where the member is added by the same plan
	MemberKind   identity.Kind       // kind member only: user or group
	Key          string              // for people: the key after the change; the group's name, for a member
	MemberKey    string
	DN           string
	SourceBase   string // fingerprint of the mapped values the plan was made from; "" where the object is gone
	CloudBase    string // fingerprint of the managed cloud values; "" for an add
	CloudVersion string
	Fields       []FieldDiff
	// Via is a temporary key, written first where two people swap keys.
	Via    string
	Reason string // why, for one record: "mail changed", "no longer in the directory"
	Cause  string // what many records share: "OU=Sales was renamed OU=Sales EMEA"; "" where there is none
	// Missing marks removals that the delete threshold counts.
	Missing bool
	// Drift marks an account that is made again because somebody removed it in the cloud,
	// and a membership that somebody changed there. Of fields see FieldDiff.Drift.
	Drift bool
	// After is the shadow to store once the change is answered; nil for members.
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

// Hold is a guard's verdict: nothing of the plan is written until it is lifted.
type Hold struct {
	Rule   string `json:"rule"`
	Detail string `json:"detail"`
	Remedy string `json:"remedy"`
	// Overridable by naming Count exactly.
	Overridable bool `json:"overridable,omitempty"`
	// Directory and Kind say of what part of the plan it speaks; "" is all of it.
	Directory string        `json:"directory,omitempty"`
	Kind      identity.Kind `json:"kind,omitempty"`
	// Count is what the guard counted, and Of of how many; 0 where there is no whole.
	Count int64 `json:"count"`
	Of    int64 `json:"of,omitempty"`
	// Causes are the changes that were counted, by what they have in common, most
	// first. They sum up to Count; nil where no changes were counted.
	Causes []CauseCount `json:"causes,omitempty"`
}

// CauseCount is how many changes have one cause.
type CauseCount struct {
	Cause string `json:"cause"`
	Count int64  `json:"count"`
}

// String is as much as "15 are no longer in the directory".
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

// Rules of the guards. The values leave the process.
const (
	RuleDeleteThreshold  = "delete-threshold"
	RuleEmptySource      = "empty-source"
	RuleSourceShrunk     = "source-shrunk"
	RuleLastAdmins       = "last-administrators"
	RuleUnknownAdmins    = "administrators-unknown"
	RuleMembersRemoved   = "members-removed"
	RuleDirectoryDisable = "directory-disabled"
	RuleAdoption         = "adoption" // links were lost and externalId cannot prove identity
	RuleCloudShrunk      = "cloud-shrunk"
	// Of one directory and kind of object.
	RuleRemovals         = "removals"
	RuleKeyChanges       = "key-changes"
	RuleAttributeBlanked = "attribute-blanked"
	RuleAttributeChanged = "attribute-changed"
	// RuleAttributeLost: people have a required attribute, or a readable anchor, no more.
	RuleAttributeLost = "attribute-lost"
	// RuleAdminsTouched: an undo would deactivate or rename known full administrators. In
	// plans of before, any plan.
	RuleAdminsTouched       = "administrators-touched"
	RuleGroupMembersRemoved = "group-members-removed"
	RuleGroupsEmptied       = "groups-emptied"
	// RuleListingIncomplete: something would be removed although not all was read.
	RuleListingIncomplete = "listing-incomplete"
	// RuleRelinking: one population is taken for another.
	RuleRelinking = "relinking"
	// RuleOtherOrganization: the state is that of another organization.
	RuleOtherOrganization = "other-organization"
)

// DirectoryRead says which directory a plan was made from and when it was read.
type DirectoryRead struct {
	identity.Directory
	ReadAt time.Time `json:"read_at"`
	Whole  bool      `json:"whole"` // false: could not be read; its people are frozen
	Error  string    `json:"error,omitempty"`
	People int64     `json:"people"`
	Groups int64     `json:"groups"`
	// Way is how changes were asked for; "" of a full reading.
	Way identity.Way `json:"way,omitempty"`
	// Untold says why deletions were not told, "" where they were; Remedy what to do
	// about it.
	Untold string `json:"untold,omitempty"`
	Remedy string `json:"remedy,omitempty"`
}

// Header is the plan as a whole. ID and Digest are set when the plan is sealed.
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
	Complete     bool                  `json:"complete"` // every directory and the cloud were read whole
	Counts       record.Counts         `json:"counts"`
	Removals     int64                 `json:"removals"` // as the delete threshold counts them
	Holds        []Hold                `json:"holds"`
	// Withheld counts the records that wait for an operator's word, see Plan.Withheld.
	Withheld int64       `json:"withheld,omitempty"`
	Drift    DriftCounts `json:"drift"`
	State    StateMark   `json:"state,omitzero"` // what was remembered when the plan was made
	// Kept counts accounts held back from the purge by hand; Unmanaged those that a rule
	// leaves alone, which are counted as neither missing nor unmatched.
	Kept           int64           `json:"kept,omitempty"`
	Unmanaged      int64           `json:"unmanaged,omitempty"`
	UnmanagedRules []UnmanagedRule `json:"unmanaged_rules,omitempty"`
	// Protected counts the accounts and groups that policy.protected keeps out of reach.
	Protected int64 `json:"protected,omitempty"`
	UndoOf    int64 `json:"undo_of,omitempty"`
	// Again counts the changes of an undo that the next run would make again, because
	// the directory still asks for them.
	Again   int64    `json:"again,omitempty"`
	Notes   []string `json:"notes,omitempty"`   // sentences on the plan as a whole, for people
	Instead string   `json:"instead,omitempty"` // why a full reading was made where an incremental one was asked for
}

// Unmatched is a cloud account that no directory knows, or one that is left alone: see
// Alone.
type Unmatched struct {
	ID     identity.ResourceID `json:"id"`
	Kind   identity.Kind       `json:"kind"`
	Key    string              `json:"key"`
	Name   string              `json:"name,omitempty"`
	Active bool                `json:"active"`
	Admin  bool                `json:"admin,omitempty"`
	Kept   string              `json:"kept,omitempty"` // why nothing will be done to it; "" where a change will
}
