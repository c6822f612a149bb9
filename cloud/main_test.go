package cloud_test

import (
	"os"
	"testing"

	"dirbridge/ldap/ldaptest/lab"
)

// scimmy is the real server that the tests share.
var scimmy lab.Shared

func TestMain(m *testing.M) { os.Exit(scimmy.Run(m)) }
