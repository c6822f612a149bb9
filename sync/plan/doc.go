// Package plan is the artefact between deciding and doing: the changes, field by field, each with
// its reason; the holds that forbid them; and the plan file that carries both, pinned by a digest.
//
// Start reading with Change, Hold and Header, which are what a plan says. Writer makes a plan file,
// Open reads one, and View, Selector and Set choose rows of it. tables.go has the tables of the
// file.
package plan
