// Package workdb is the temporary database in which one plan is computed. It joins what was read of
// both sides on disk, so that memory does not grow with the directory (P9). One goroutine uses it,
// and it is removed afterwards.
//
// All of its SQL is here: a file for a table or a pair of tables, and a method for each query. The
// methods store and join; the stages of a plan decide.
//
// Start reading at schema.go, which has every table, and at DB.
package workdb
