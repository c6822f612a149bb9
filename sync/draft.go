package sync

import (
	"time"

	"dirbridge/sync/facts"
	"dirbridge/sync/fingerprint"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// draft is a plan in the making. Only the goroutine that plans touches it.
type draft struct {
	env          *stage.Env
	work         *workdb.DB
	header       plan.Header
	stats        facts.CloudStatistics
	fingerprints *fingerprint.Set
	matchSum     uint64          // sum of the hashes of owner and account, in any order
	related      bool            // the memberships are in their tables
	frozen       map[string]bool // directories that could not be read completely
	// adminsKnown says that at least one listed account showed its roles.
	adminsKnown  bool
	adminsActive int64 // full administrators who are not deactivated
	// full administrators that would be deactivated; kept ones are at no risk
	adminsOut   int64
	spared      []string                              // keys of those who are not in the directory
	gone        map[string]map[identity.Kind]departed // by directory
	reached     map[string]rememberedCookie           // cookies, by directory
	named       bool                                  // the purge names its accounts
	coverage    stage.Coverage                        // how much of both sides it examines
	early       early                                 // in the purge queue
	ruled       map[int]int64                         // left unchanged, by rule of Policy.Unmanaged
	damage      int                                   // damaged records known when it began
	looks       int                                   // lookups of absent accounts by id
	beside      bool                                  // another process may write: no fingerprints
	lastRun     int64                                 // the newest when the plan began
	journalEnd  int64                                 // end of the journal before anything was read
	rulesBefore map[string]map[string]string          // of the last full run; nil until needed
}

// departed counts the objects of one kind that left one directory: those that were live, and how
// many of them are nowhere in it.
type departed struct{ removed, vanished int64 }

// rememberedCookie is a cookie as stored, with the identity of its directory.
type rememberedCookie struct {
	Cookie   identity.Cookie `json:"position"`
	Identity string          `json:"identity"`
}

// early counts the objects in grace that were deactivated later than now.
type early struct {
	n      int64
	latest time.Time
}

// see counts an object that was deactivated after a time.
func (e *early) see(s identity.Shadow, after time.Time) {
	if !s.Since.After(after) {
		return
	}
	if e.n++; s.Since.After(e.latest) {
		e.latest = s.Since
	}
}

