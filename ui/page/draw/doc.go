// Package draw is what several pages draw alike: the facts of a record, a change with its fields
// before and after, an event, the outcome of a run, and what is under way.
//
// Start reading at Details.
package draw
