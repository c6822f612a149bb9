// Package servers tests the verbs with real third-party servers.
package servers

import (
	"testing"

	"dirbridge/ldap/ldaptest/lab"
	"dirbridge/ui/e2e/site"
)

// TestMain lets tests run the program.
func TestMain(m *testing.M) { site.Main(sharing{m}, nil) }

// servers are those that the tests share.
var servers lab.Shared

type sharing struct{ m *testing.M }

func (s sharing) Run() int { return servers.Run(s.m) }
