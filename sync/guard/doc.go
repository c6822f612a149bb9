// Package guard counts what a plan would do and holds it if that is more than the policy allows
// (P4). Start reading at Plan; Changes checks the counts of any planner. guard_holds.go has
// the sentences of each hold.
package guard
