// Package form draws fields of the wizard with the fields of huh, and edits them. It has no group of
// huh: that scrolls the field with the focus to the top, and has errors at the foot of the screen.
//
// Start reading in form.go; row.go has one field, area.go one of several lines, view.go draws.
package form
