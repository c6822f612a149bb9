package synctest

import (
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"dirbridge/sync/identity"
	"dirbridge/sync/port"
)

func storeKeeps(t *testing.T, f *storeFixture) {
	a, b, c := numbered("corp", 1), numbered("corp", 2), numbered("lab", 3)
	check := func(when string, want ...identity.Keep) {
		t.Helper()
		f.reopen(t)
		got := collect(t, func(fn func(identity.Keep) error) error { return f.Keeps(t.Context(), fn) })
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", when, diff)
		}
	}
	check("at first")
	forGood := identity.Keep{Anchor: a, By: "ana", Reason: "legal hold, \"Ünï\"", At: at(1)}
	ends := identity.Keep{Anchor: c, By: "bo", At: at(2), Until: at(9)}
	f.commit(t, port.Batch{Keeps: []identity.Keep{ends, forGood}})
	check("kept", forGood, ends)

	longer := identity.Keep{Anchor: c, By: "ana", Reason: "asked for", At: at(3), Until: at(50)}
	f.commit(t,
		port.Batch{Keeps: []identity.Keep{longer},
			Shadows: []identity.Shadow{{Anchor: a, Kind: identity.User, State: identity.Live}}})
	check("kept again, and a shadow written", forGood, longer)
	f.commit(t, port.Batch{Released: []identity.Anchor{c, b}})
	check("released", forGood)
	f.commit(t, port.Batch{Forget: []identity.Anchor{a}})
	check("forgotten")
}
