// Command dirbridge keeps a cloud user directory in step with Active Directory, AD
// LDS or any LDAP server. Package program is what it runs.
package main

import (
	"os"

	"dirbridge/program"
)

func main() { os.Exit(program.Main(os.Args[1:])) }
