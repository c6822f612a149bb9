// Package scope is the tri-state selection of containers: the parts of a directory's tree that are
// in scope, as ticks on one side and as lists of base DNs and excluded DNs on the other. It is
// pure; it knows no screens.
//
// Start reading in scope.go.
package scope
