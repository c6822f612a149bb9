package identity_test

import (
	"errors"
	"fmt"

	"dirbridge/sync/identity"
)

// An anchor is the GUID of an object, qualified by the name of its directory: it stays the same
// when the object is renamed or moved.
func ExampleNewAnchor() {
	a := identity.NewAnchor("corp", "6F1C2E0A-95D2-4A53-8C4E-2F4F8D0F7F11")
	fmt.Println(a)
	fmt.Println(a.Directory(), a.GUID())
	// Output:
	// corp:6f1c2e0a-95d2-4a53-8c4e-2f4f8d0f7f11
	// corp 6f1c2e0a-95d2-4a53-8c4e-2f4f8d0f7f11
}

// The remedy of a failure is found through any wrapping.
func ExampleRemedy() {
	err := fmt.Errorf("read people: %w", &identity.Failure{Class: identity.GiveUp, Side: identity.InDirectory,
		Remedy: "Check bind_user and bind_password.", Err: errors.New("the password is wrong")})
	fmt.Println(err)
	fmt.Println(identity.Remedy(err))
	// Output:
	// read people: the password is wrong
	// Check bind_user and bind_password.
}
