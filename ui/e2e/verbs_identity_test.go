package e2e

import (
	"fmt"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"dirbridge/cloud/scimtest"
)

// identityCommands returns the commands of the scripts about matching people and accounts.
func identityCommands() map[string]scriptCommand {
	return map[string]scriptCommand{"dir-undelete": dirUndelete, "cloud-member": cloudMember,
		"cloud-reserve": cloudReserve, "cloud-claim": cloudClaim, "cloud-convert": cloudConvert, "cloud-strip": cloudStrip,
		"cloud-id": cloudID, "cloud-made": cloudMade}
}

// dirUndelete restores a person from the recycle bin: dir-undelete p1
func dirUndelete(ts *testscript.TestScript, _ bool, args []string) {
	for _, e := range benchOf(ts).dir.Deleted() {
		// The name of a deleted object is the old name, a line feed, and "DEL:" with the GUID.
		if name := strings.Join(e.Attrs["cn"], ""); strings.HasPrefix(name, args[0]+"\n") {
			ts.Check(benchOf(ts).dir.Undelete(e.GUID))
			return
		}
	}
	ts.Fatalf("nobody named %s was deleted", args[0])
}

// cloudReserve makes the free consumer organization hold addresses.
func cloudReserve(ts *testscript.TestScript, _ bool, args []string) {
	benchOf(ts).sky.Reserve(args...)
}

// cloudClaim makes another organization claim a domain.
func cloudClaim(ts *testscript.TestScript, _ bool, args []string) { benchOf(ts).sky.Claim(args[0]) }

// cloudConvert moves a reserved account into the organization.
func cloudConvert(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(benchOf(ts).sky.Convert(args[0]))
}

// cloudStrip removes externalId from accounts, as if they had been provisioned without it.
func cloudStrip(ts *testscript.TestScript, _ bool, args []string) {
	for _, key := range args {
		ts.Check(benchOf(ts).sky.Edit(scriptAccount(ts, key).ID, scimtest.Op{Op: "remove", Path: "externalId"}))
	}
}

// cloudMade makes accounts look as if another program had made them, by its provisionSource and the
// externalId that it gives: none, the name of the address, or a GUID of its own:
//
//	cloud-made DirSync none p1@example.com
func cloudMade(ts *testscript.TestScript, _ bool, args []string) {
	for i, key := range args[2:] {
		name, _, _ := strings.Cut(key, "@")
		ops := []scimtest.Op{{Op: "replace", Path: "externalId", Value: name}}
		switch args[1] {
		case "none":
			ops[0] = scimtest.Op{Op: "remove", Path: "externalId"}
		case "guid":
			ops[0].Value = fmt.Sprintf("7D5A0F1C-93B2-4E0D-8A11-%012X", i+1)
		}
		if args[0] != "-" {
			ops = append(ops, scimtest.Op{Op: "replace", Path: scimtest.WebexUserURN + ":provisionSource", Value: args[0]})
		}
		ts.Check(benchOf(ts).sky.Edit(scriptAccount(ts, key).ID, ops...))
	}
}

// cloudID stores the id of an account in a variable or, if the variable is set, checks that the
// account is still the same: cloud-id ANA ana@example.com
func cloudID(ts *testscript.TestScript, _ bool, args []string) {
	id := scriptAccount(ts, args[1]).ID
	if was := ts.Getenv(args[0]); was != "" && was != id {
		ts.Fatalf("%s is the account %s, not %s", args[1], id, was)
	}
	ts.Setenv(args[0], id)
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
