// Package apply executes a plan: it accepts it or holds it, looks at both sides again where the plan is
// not fresh, writes batch after batch with the intent in the journal first, and remembers what was
// answered. It also finds out what became of the writes of a run that died. It knows nothing of how
// plans are made.
//
// Start reading at Run, and at Recover.
package apply
