package ui

import (
	"errors"

	"dirbridge/sync/identity"
)

// errRefused is what an adapter returns: with a remedy.
var errRefused = &identity.Failure{Class: "give-up", Side: identity.InDirectory,
	Remedy: "Check bind_user and bind_password.", Err: errors.New("dc1.corp.example.com refused the password (52e)")}
