// Package engine tests the engine with both adapters, on embedded and on real servers.
package engine

import (
	"os"
	"testing"

	"dirbridge/ldap/ldaptest/lab"
	"dirbridge/ui/e2e/site"
)

// TestMain runs more tests in parallel than there are processors, because they wait for servers.
func TestMain(m *testing.M) { site.Main(sharing{m}, nil) }

// servers are those that the tests share.
var servers lab.Shared

type sharing struct{ m *testing.M }

func (s sharing) Run() int { return servers.Run(s.m) }

// long reports whether the long form of a test was requested.
func long() bool { return os.Getenv("DIRBRIDGE_LONG") == "on" }

// seeds returns how many random worlds are played.
func seeds() uint64 {
	if long() {
		return 240
	}
	return 12
}
