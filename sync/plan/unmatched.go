package plan

import "strings"

// Prefixes of Unmatched.Kept for accounts that are listed for another reason than being unmatched.
const (
	KeptUnmanaged = "unmanaged: " // by a rule of the configuration
	KeptByHand    = "kept: "      // by an operator, who keeps it from the purge
	KeptProtected = "protected: " // by policy.protected
	// KeptAdmin marks a full administrator without a match in the directory. An administrator that
	// never had a match is also listed as unmatched.
	KeptAdmin = "administrator: "
)

// Reason says why an account is listed: a rule makes it unmanaged, an operator keeps it from the
// purge, or (if both are false) it is unmatched.
func (u Unmatched) Reason() (unmanaged, kept bool) {
	return strings.HasPrefix(u.Kept, KeptUnmanaged), strings.HasPrefix(u.Kept, KeptByHand)
}

// Protected reports whether the account is listed because it is protected.
func (u Unmatched) Protected() bool { return strings.HasPrefix(u.Kept, KeptProtected) }

// KeptAdmin reports whether the account is listed because a full administrator would have been
// removed, and is kept.
func (u Unmatched) KeptAdmin() bool { return strings.HasPrefix(u.Kept, KeptAdmin) }

// ListedApart reports whether the account is listed for another reason than being unmatched.
func (u Unmatched) ListedApart() bool {
	unmanaged, kept := u.Reason()
	return unmanaged || kept || u.Protected() || u.KeptAdmin()
}

// UnmanagedRule is the result of one rule for unmanaged accounts.
type UnmanagedRule struct {
	Rule     string `json:"rule"`
	Reason   string `json:"reason"`
	Until    string `json:"until,omitempty"`
	Accounts int64  `json:"accounts"` // accounts that match the rule
	Expired  bool   `json:"expired,omitempty"`
	EndsSoon bool   `json:"ends_soon,omitempty"` // within two weeks
}
