package sync

import (
	"dirbridge/sync/record"
)

// valueRules are the rules of each directory in the last full run that ended well.
const valueRules = "mapping-rules"

// valueDamaged says that something damaged was taken out of the state and that no full run
// has succeeded since.
const valueDamaged = "damaged"

// fingerprintsValue is the name of the configuration digest that the stored fingerprints are for.
const fingerprintsValue = "prints"

// membersValue is the name of the digest of memberships and matches with which a plan
// last found nothing to do.
const membersValue = "members-clean"

// valueProblems is under what the store keeps a digest of the open problems of a scope.
func valueProblems(s record.ProblemScope) string { return "problems:" + string(s) }

const (
	valueCookie     = "position:"   // + directory: from where the next incremental run begins
	valueFullDigest = "full-digest" // configuration and organization of the last full run that ended well
)

// Names of values in the store.
const (
	valueEdges      = "edges:"      // + directory: digest of the edges stored
	valueContainers = "containers:" // + directory
)
