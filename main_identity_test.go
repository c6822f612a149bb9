package main

import (
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// identityCommands are those of the scripts about who is who.
func identityCommands() map[string]scriptCommand {
	return map[string]scriptCommand{"dir-undelete": dirUndelete, "cloud-member": cloudMember}
}

// dirUndelete brings somebody back from the recycle bin: dir-undelete p1
func dirUndelete(ts *testscript.TestScript, _ bool, args []string) {
	for _, e := range benchOf(ts).dir.Deleted() {
		// The name of what is deleted is the old one, a line feed, and "DEL:" with the GUID.
		if name := strings.Join(e.Attrs["cn"], ""); strings.HasPrefix(name, args[0]+"\n") {
			ts.Check(benchOf(ts).dir.Undelete(e.GUID))
			return
		}
	}
	ts.Fatalf("nobody named %s was deleted", args[0])
}

// cloudMember checks whether an account is in a group: cloud-member team p1@example.com
func cloudMember(ts *testscript.TestScript, neg bool, args []string) {
	g, ok := benchOf(ts).sky.Group(args[0])
	if !ok {
		ts.Fatalf("the cloud has no group %s", args[0])
	}
	in := false
	for _, m := range g.Members {
		in = in || m == scriptAccount(ts, args[1]).ID
	}
	if in == neg {
		ts.Fatalf("members of %s are %v", args[0], g.Members)
	}
}
