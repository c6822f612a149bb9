// Package apply executes a plan. It accepts or holds the plan, reads both sides again where the
// plan is not fresh, writes batch after batch with the intents journaled first, and stores the
// answers. It also finds out what became of the writes of a run that died. It knows nothing about
// how plans are made.
//
// Start reading at Run and Recover.
package apply
