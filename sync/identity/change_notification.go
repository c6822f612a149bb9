package identity

import "fmt"

// ChangeNotification says that an object may have changed. It names the object, not the change: its
// receiver reads the object again by its anchor.
type ChangeNotification struct {
	Anchor Anchor
	// Kind is User, Group, Contact, Room or Unit; "" if the server does not say, as for many
	// deleted objects. Objects of other kinds are left out.
	Kind Kind
	// DN is the present DN; for a deleted object, whatever the server says.
	DN      string
	Deleted bool
	// Present: the object is not reported as changed, but as still existing, by a server that
	// reports remaining instead of deleted objects (RFC 4533 section 3.3.2). If one such
	// notification comes, all remaining objects come, changed or present.
	Present bool
	// Members are the changes of a group's members if MembersTold is set. Otherwise the group's
	// members must be read again.
	Members     []MemberChange
	MembersTold bool
}

// MemberChange is one added or removed member of a group.
type MemberChange struct {
	To      Ref
	Removed bool
}

// Way is how changes are read.
type Way string

const (
	DirSync   Way = "DirSync"         // MS-ADTS section 3.1.1.3.4.1.3
	USN       Way = "uSNChanged"      // above the last USN of one domain controller
	SyncRepl  Way = "syncrepl"        // RFC 4533
	Timestamp Way = "modifyTimestamp" // deletions stay unseen
)

// Cookie is a point in a directory's history, as its server gave it, from which changes can be
// read.
type Cookie struct {
	Way   Way    `json:"way"`
	Value string `json:"cookie"` // opaque; without control characters
	// Untold says why deletions after this point are not reported, or is "". They then wait for a
	// full reading. Remedy is the remedy.
	NoDeletions string `json:"untold,omitempty"`
	Remedy      string `json:"remedy,omitempty"`
}

// Stale is the error of a directory that cannot report the changes since a cookie: everything must
// be read.
type Stale struct{ Reason string }

func (e *Stale) Error() string { return fmt.Sprintf("changes cannot be reported: %s", e.Reason) }
