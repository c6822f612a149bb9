// Package sync keeps a cloud user directory in step with a directory: it reads both, maps, matches,
// plans, guards, applies and records.
//
// The ports Source, Target and Store are in package port. Adapters implement them structurally and
// import only the leaf packages and plan.
//
// Start reading in engine.go: Engine.Plan, Engine.Sync and Engine.Apply are the entry points, and
// planStages is the sequence of stages, one a file. Then read decide, the whole matching rule as
// one pure function with its table. docs/design.md follows one person through all of it.
package sync
