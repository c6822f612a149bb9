// Package policy is what an administrator allows: what happens to accounts whose person is gone,
// which accounts are left unchanged, and the thresholds above which a plan is held. It reads
// nothing and writes nothing.
//
// Start reading at Policy.
package policy
