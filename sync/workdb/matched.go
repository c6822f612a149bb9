package workdb

// How an object was matched with its account: the values of matched.how. The words
// appear in the reason of a change.
const (
	ByLink     = "link"        // the state remembers it
	ByExternal = "objectGUID"  // the account carries it as its externalId
	ByKey      = "key"         // the names are the same
	ByRelink   = "relink"      // another directory entry of the same object had the account
	ByHistory  = "SID history" // an earlier entry of the person had the account
	ByAdd      = "add"         // none: an account is made
)
