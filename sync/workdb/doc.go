// Package workdb is the temporary database in which one plan is computed: what was read of both
// sides, joined on disk, so that memory does not grow with the directory (P9). One goroutine uses
// it, and it is thrown away.
//
// Start reading at schema.go, which has every table, and at DB.
package workdb
