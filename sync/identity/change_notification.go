package identity

import "fmt"

// ChangeNotification says that something about one object may have changed. It names the object
// and not the change: its receiver reads the object again by its anchor.
type ChangeNotification struct {
	Anchor Anchor
	// Kind is User, Group, Contact, Room or Unit; "" where the server does not say, as of many
	// deleted objects. Objects of no kind that is synchronized are left out.
	Kind Kind
	// DN is where the object stands now; of a deleted one, whatever the server says.
	DN      string
	Deleted bool
	// Present: not changed, only said to be there still, by a server that tells what
	// is left instead of what went (RFC 4533 section 3.3.2). Where one such notification
	// comes, all that are left come, changed or present.
	Present bool
	// Members are the changes of a group's members, where MembersTold. Else a group's
	// members must be read again.
	Members     []MemberChange
	MembersTold bool
}

// MemberChange is one member that came to a group, or went.
type MemberChange struct {
	To      Ref
	Removed bool
}

// Way is how changes are asked for.
type Way string

const (
	DirSync   Way = "DirSync"         // MS-ADTS section 3.1.1.3.4.1.3
	USN       Way = "uSNChanged"      // above the last USN of one domain controller
	SyncRepl  Way = "syncrepl"        // RFC 4533
	Timestamp Way = "modifyTimestamp" // deletions stay unseen
)

// Cookie is a point in a directory's history, as its server gave it, from which changes can be
// asked for.
type Cookie struct {
	Way   Way    `json:"way"`
	Value string `json:"cookie"` // opaque; without control characters
	// Untold says why deletions are not seen from here, "" where they are. They then
	// wait for a full reading. Remedy says what to do about it.
	Untold string `json:"untold,omitempty"`
	Remedy string `json:"remedy,omitempty"`
}

// Stale is the error of a directory that cannot tell what changed since a cookie:
// everything must be read.
type Stale struct{ Reason string }

func (e *Stale) Error() string { return fmt.Sprintf("changes cannot be told: %s", e.Reason) }
