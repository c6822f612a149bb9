// Command dirbridge synchronizes Active Directory, AD LDS or any LDAP server to a cloud user
// directory. Package program contains the program.
package main

import (
	"os"

	"dirbridge/program"
)

func main() { os.Exit(program.Main(os.Args[1:])) }
