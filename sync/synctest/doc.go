// Package synctest holds what every Source, Target and Store must do, as suites of
// tests: the same for fakes, embedded servers and real ones. An adapter's own tests
// say what is its own; that it keeps the contract of the port is said here.
//
// A suite runs each of its tests as a subtest with a fixture of its own.
package synctest

import (
	"errors"
	"testing"

	"dirbridge/sync/identity"
)

// errStop is what callbacks return to end a listing.
var errStop = errors.New("stopped by the test")

// wantRemedy asserts that an error tells whoever reads it what to do, and on which
// side.
func wantRemedy(t *testing.T, err error, side identity.Side) {
	t.Helper()
	var f *identity.Failure
	if !errors.As(err, &f) {
		t.Errorf("%v: is no identity.Failure", err)
		return
	}
	if f.Side != side {
		t.Errorf("%v: is said to be in the %q", err, f.Side)
	}
	if identity.Remedy(err) == "" {
		t.Errorf("%v: has no remedy", err)
	}
}
