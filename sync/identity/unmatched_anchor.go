package identity

import (
	"strings"
)

// UnmatchedDirectory is the directory that the anchors of unmatched accounts name. No configured
// directory has that name.
const UnmatchedDirectory = "*"

// UnmatchedAnchor is under what an account is remembered that no directory ever knew: it is made of
// the account's id, for want of a GUID.
func UnmatchedAnchor(id ResourceID) Anchor {
	return Anchor(UnmatchedDirectory + ":" + string(id))
}

// IsUnmatched says that what is remembered under an anchor is an account which no directory ever knew.
func IsUnmatched(a Anchor) bool { return strings.HasPrefix(string(a), UnmatchedDirectory+":") }
