package facts

import (
	"dirbridge/sync/record"
)

// RulesValue is the name under which the store keeps the mapping rules of each directory in the
// last full run that ended well.
const RulesValue = "mapping-rules"

// DamagedValue is set while something damaged has been removed from the state and no full run has
// succeeded since.
const DamagedValue = "damaged"

// FingerprintsValue is the name of the configuration digest under which the stored fingerprints
// were taken.
const FingerprintsValue = "prints"

// MembersValue is the name of the digest of memberships and matches with which a plan last found
// nothing to do.
const MembersValue = "members-clean"

// ProblemsValue is the name under which the store keeps a digest of the open problems of a scope.
func ProblemsValue(s record.ProblemScope) string { return "problems:" + string(s) }

const (
	CookieValue     = "position:"   // + directory: where the next incremental run begins
	FullDigestValue = "full-digest" // of the last full run: configuration, organization
)

// Names of values in the store.
const (
	EdgesValue      = "edges:"      // + directory: digest of the edges stored
	ContainersValue = "containers:" // + directory
)
