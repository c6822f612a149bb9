// Package undo plans the reverse of a run from its journal. Start reading at Undoable and
// Undoing: the journal is read, folded to one effect for each object, compared with the cloud,
// and reversed.
package undo
