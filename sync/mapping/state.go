package mapping

import (
	"strings"

	"dirbridge/sync/identity"
	"dirbridge/sync/schema"
)

// AccountControl is the guide's attribute for the state of an account. Only Active Directory Domain
// Services has it, and there every person does.
const AccountControl = "userAccountControl"

// stateAlternatives say whether an account is disabled if there is no userAccountControl: on AD LDS (MS-ADTS
// section 3.1.1.8.1), on 389 Directory Server, and on servers with the password policy of
// draft-behera-ldap-password-policy.
func stateAlternatives() []string {
	return []string{"msDS-UserAccountDisabled", "nsAccountLock", "pwdAccountLockedTime"}
}

// addStateAlternatives completes a rule that follows userAccountControl: the first attribute with a value
// decides, of it and its alternatives.
func (r *rule) addStateAlternatives() {
	if r.attr.Format == schema.Disabled && len(r.sources) == 1 && strings.EqualFold(r.sources[0], AccountControl) {
		r.sources = append(r.sources, stateAlternatives()...)
		r.first = true
	}
}

// firstOf checks the values of the first attribute that has any.
func (r *rule) firstOf(attrs identity.Attrs) ([]string, *badValue) {
	for _, s := range r.sources {
		if values, bad := r.of(attrs[s]); len(values) > 0 || bad != nil {
			return values, bad
		}
	}
	return nil, nil
}

// lockedForGood is the pwdAccountLockedTime of an account that an administrator locked. Any other
// time is a lock by wrong passwords, which ends by itself and says nothing about the person.
const lockedForGood = "000001010000Z"

// lockTime reads a pwdAccountLockedTime; ok is false for anything else.
func lockTime(v string) (disabled, ok bool) {
	digits := strings.TrimRight(v, "Z")
	if len(v)-len(digits) != 1 || len(digits) < 12 || strings.Trim(digits, "0123456789.") != "" {
		return false, false
	}
	return v == lockedForGood || v == "00000101000000Z", true
}

// unreadable reports whether a rule for the state found no value although there must be one: this
// must not be taken for an enabled account (P2).
func (r *rule) unreadable(e identity.Entry, values []string) bool {
	return len(values) == 0 && e.Controlled && r.attr.Format == schema.Disabled &&
		strings.EqualFold(r.sources[0], AccountControl)
}
