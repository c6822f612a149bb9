// Package policy is what an administrator allows: what becomes of accounts whose person is gone,
// which accounts are left alone, and the thresholds beyond which a plan is held. It reads nothing
// and writes nothing.
//
// Start reading at Policy.
package policy
