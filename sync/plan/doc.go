// Package plan is the result of planning and the input of applying: the changes, field by field,
// each with its reason; the holds that stop them; and the plan file with both, sealed by a digest.
//
// Start reading with Change, Hold and Header. Writer makes a plan file, Open reads one, and View,
// Selector and Set choose rows of it. tables.go has the tables of the file.
package plan
