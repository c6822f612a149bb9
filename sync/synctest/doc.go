// Package synctest has suites of tests for every Source, Target and Store: the same for fakes,
// embedded servers and real ones. An adapter's own tests cover what is specific to it; the suites
// check that it keeps the contract of the port.
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

// wantRemedy checks that an error has a remedy, and names the side.
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
