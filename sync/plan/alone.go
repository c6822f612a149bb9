package plan

import "strings"

// How Unmatched.Kept begins for accounts that are no unmatched ones.
const (
	KeptUnmanaged = "unmanaged: " // a rule of the configuration holds
	KeptByHand    = "kept: "      // held back from the purge
	KeptProtected = "protected: " // by policy.protected
	// KeptAdmin: a full administrator whom the directory does not know, or knows no more. One
	// that no directory ever knew is listed among the unmatched as well.
	KeptAdmin = "administrator: "
)

// Alone tells why an account is listed: it is unmanaged by a rule, or held back from
// the purge, or (neither) unmatched.
func (u Unmatched) Alone() (unmanaged, kept bool) {
	return strings.HasPrefix(u.Kept, KeptUnmanaged), strings.HasPrefix(u.Kept, KeptByHand)
}

// Protected tells that the account is listed because it is protected.
func (u Unmatched) Protected() bool { return strings.HasPrefix(u.Kept, KeptProtected) }

// KeptAdmin tells that the account is listed because it is a full administrator's, which
// would have been removed and is kept.
func (u Unmatched) KeptAdmin() bool { return strings.HasPrefix(u.Kept, KeptAdmin) }

// Apart tells that the account is listed for another reason than that no directory knows it.
func (u Unmatched) Apart() bool {
	unmanaged, kept := u.Alone()
	return unmanaged || kept || u.Protected() || u.KeptAdmin()
}

// UnmanagedRule says what became of one rule for unmanaged accounts.
type UnmanagedRule struct {
	Rule     string `json:"rule"`
	Reason   string `json:"reason"`
	Until    string `json:"until,omitempty"`
	Accounts int64  `json:"accounts"` // that it left alone
	Expired  bool   `json:"expired,omitempty"`
	EndsSoon bool   `json:"ends_soon,omitempty"` // within two weeks
}
