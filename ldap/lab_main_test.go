package ldap_test

import (
	"os"
	"testing"

	"dirbridge/ldap/ldaptest/lab"
)

// servers are the real servers that the tests share.
var servers lab.Shared

func TestMain(m *testing.M) { os.Exit(servers.Run(m)) }
