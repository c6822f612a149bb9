package plan

import "strings"

// How Unmatched.Kept begins for accounts that are no unmatched ones.
const (
	KeptUnmanaged = "unmanaged: " // a rule of the configuration holds
	KeptByHand    = "kept: "      // held back from the purge
	KeptProtected = "protected: " // by policy.protected
)

// Alone tells why an account is listed: it is unmanaged by a rule, or held back from
// the purge, or (neither) unmatched.
func (u Unmatched) Alone() (unmanaged, kept bool) {
	return strings.HasPrefix(u.Kept, KeptUnmanaged), strings.HasPrefix(u.Kept, KeptByHand)
}

// Protected tells that the account is listed because it is protected.
func (u Unmatched) Protected() bool { return strings.HasPrefix(u.Kept, KeptProtected) }

// UnmanagedRule says what became of one rule for unmanaged accounts.
type UnmanagedRule struct {
	Rule     string `json:"rule"`
	Reason   string `json:"reason"`
	Until    string `json:"until,omitempty"`
	Accounts int64  `json:"accounts"` // that it left alone
	Expired  bool   `json:"expired,omitempty"`
	EndsSoon bool   `json:"ends_soon,omitempty"` // within two weeks
}
