// Package scope is the tri-state choice of containers: which parts of a directory's tree are in
// scope, as ticks on one side and as lists of base DNs and excluded DNs on the other. It is pure;
// it knows nothing of screens.
//
// Start reading in scope.go.
package scope
