package stage

import (
	"context"
	"time"

	"dirbridge/sync/facts"
	"dirbridge/sync/fingerprint"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/workdb"
)

// Draft is a plan in the making. Only the goroutine that plans touches it.
type Draft struct {
	Env    *Env
	Work   *workdb.DB
	Header plan.Header
	Stats  facts.CloudStatistics
	// Made counts the accounts that other programs made, as far as the cloud names them; Foreign
	// those with the externalId of another program, as far as they are compared.
	Made         map[string]facts.Provisioner
	Foreign      facts.Provisioner
	Fingerprints *fingerprint.Set
	MatchSum     uint64          // sum of the hashes of owner and account, in any order
	Related      bool            // the memberships are in their tables
	Frozen       map[string]bool // directories that could not be read completely
	// AdminsKnown says that at least one listed account showed its roles.
	AdminsKnown  bool
	AdminsActive int64 // full administrators who are not deactivated
	// AdminsOut are full administrators that would be deactivated; kept ones are at no risk.
	AdminsOut   int64
	Spared      []string                              // keys of administrators kept although they are in no directory
	Gone        map[string]map[identity.Kind]Departed // by directory
	Reached     map[string]RememberedCookie           // cookies, by directory
	Named       bool                                  // the purge names its accounts
	Coverage    Coverage                              // how much of both sides it examines
	Early       Early                                 // in the purge queue
	Ruled       map[int]int64                         // left unchanged, by rule of Policy.Unmanaged
	Damage      int                                   // damaged records known when it began
	Looks       int                                   // lookups of absent accounts by id
	Beside      bool                                  // another process may write: no fingerprints
	LastRun     int64                                 // the newest when the plan began
	JournalEnd  int64                                 // end of the journal before anything was read
	RulesBefore map[string]map[string]string          // of the last full run; nil until needed
}

// Departed counts the objects of one kind that left one directory: those that were live, and how
// many of them are nowhere in it.
type Departed struct{ Removed, Vanished int64 }

// RememberedCookie is a cookie as stored, with the identity of its directory.
type RememberedCookie struct {
	Cookie   identity.Cookie `json:"position"`
	Identity string          `json:"identity"`
}

// Early counts the objects in grace that were deactivated later than now.
type Early struct {
	N      int64
	Latest time.Time
}

// See counts an object that was deactivated after a time.
func (e *Early) See(s identity.Shadow, after time.Time) {
	if !s.Since.After(after) {
		return
	}
	if e.N++; s.Since.After(e.Latest) {
		e.Latest = s.Since
	}
}

// LookNextTime makes the next run check an object again, whatever changes until then.
func (d *Draft) LookNextTime(ctx context.Context, a identity.Anchor, kind identity.Kind) error {
	return d.Work.LookAgain(ctx, a, kind)
}

// WasRead says whether a directory was read completely. While one was not, directories that are no
// longer configured do not count as read either: the name of the one that failed is not always
// known.
func (d *Draft) WasRead(directory string) bool {
	if d.Header.Complete {
		return true
	}
	for _, dir := range d.Header.Directories {
		if dir.Name == directory {
			return dir.Whole
		}
	}
	return false
}
