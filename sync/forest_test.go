package sync_test

import (
	"testing"

	"dirbridge/sync/identity"
	"dirbridge/sync/record"
	"dirbridge/sync/synctest"
)

// TestMembersFromAnotherForest: groups of one forest contain people of another by their security
// identifiers, whatever the order in which group and person come, and however they are read.
func TestMembersFromAnotherForest(t *testing.T) {
	t.Parallel()
	for _, mode := range []record.Mode{record.Full, record.Incremental} {
		t.Run(string(mode), func(t *testing.T) {
			f, other := twoDirectories(t)
			f.dir.Add(person("Ana", "ana@example.com"))
			bo := other.Add(known("Bo", "bo@example.com", "S-1-5-21-1"))
			away := other.Add(known("Cy", "cy@example.com", "S-1-5-21-2"))
			other.Edit(away, func(o *synctest.Object) { o.Out = true })
			team := f.dir.Add(synctest.Object{Kind: identity.Group, CN: "Team", OU: "Groups"})
			var sids []string
			f.sources[0] = crossing{f.dir, func() (edges []identity.Edge) {
				for _, sid := range sids {
					edges = append(edges, identity.Edge{Kind: identity.Membership, From: team,
						To: identity.Ref{DN: "CN=" + sid + ",CN=ForeignSecurityPrincipals,DC=corp,DC=test", SID: sid}})
				}
				return edges
			}}
			f.mustSync()
			run := f.runners(t)[string(mode)]
			step := func(what string, want ...identity.Anchor) {
				t.Helper()
				run()
				m := f.cloud.MembersOf(f.cloud.All(identity.Group)[0].ID)
				for _, a := range want {
					if !m[f.account(a).ID] {
						t.Fatalf("%s: %s is not a member", what, a)
					}
				}
				if len(m) != len(want) {
					t.Fatalf("%s: %d members", what, len(m))
				}
				if p := f.plan(); p.Len() != 0 {
					t.Fatalf("%s: a full plan finds more: %s", what, brief(changes(t, p)))
				}
			}
			sids = []string{"S-1-5-21-1", "S-1-5-21-2", "S-1-5-21-999"}
			f.dir.Edit(team, func(*synctest.Object) {})
			step("the one in scope", bo)
			other.Edit(away, func(o *synctest.Object) { o.Out = false })
			step("one who enters scope", bo, away)
			late := other.Add(known("Di", "di@example.com", "S-1-5-21-999"))
			step("one who is new", bo, away, late)
			sids = sids[1:]
			f.dir.Edit(team, func(*synctest.Object) {})
			step("one taken out", away, late)
		})
	}
}
