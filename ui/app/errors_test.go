package app

import (
	"errors"
	"strings"
	"testing"

	"dirbridge/sync/identity"
)

// errRefused is an adapter's error with a remedy.
var errRefused = &identity.Failure{Class: identity.GiveUp, Side: identity.InDirectory,
	Remedy: "Check bind_user and bind_password.", Err: errors.New("dc1.corp.example.com refused the password (52e)")}

// TestABannerEndsWithItsReason checks that the banner of an error of any length ends with its
// reason and remedy.
func TestABannerEndsWithItsReason(t *testing.T) {
	long := "directory corp: " + strings.Repeat("dc1.corp.example.com did not answer and another one was asked: ", 12) +
		"x509: the certificate has expired"
	for _, size := range [][2]int{{60, 15}, {80, 24}, {200, 50}} {
		f := newFake()
		c := open(t, f, size[0], size[1])
		f.failing["Start"] = &identity.Failure{Err: errors.New(long), Remedy: "Renew the certificate."}
		c.press("d")
		c.shows("Could not start: directory corp", "certificate has expired", "Renew the certificate.", "[Esc] dismiss")
	}
}
