// Package affected collects what the changes of an incremental run concern, so that its cost
// depends on what changed. Start reading at Set and Set.ReadChanges.
package affected
