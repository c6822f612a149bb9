package match

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dirbridge/sync/identity"
	"dirbridge/sync/workdb"
)

// TestDecide walks the table above decide, row by row.
func TestDecide(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	me := identity.Anchor("corp:me")
	c := func(id string, owner identity.Anchor, in, sick bool) []candidate {
		return []candidate{{id: identity.ResourceID(id), owner: owner, ownerInSrc: in, ownerSick: sick}}
	}
	cases := []struct {
		name    string
		s       subject
		id, how string
		problem string
		waits   bool
		relinks identity.Anchor
		other   identity.Anchor
	}{
		{name: "link", s: subject{byLink: c("A", me, true, false), byKey: c("B", "corp:x", true, false)}, id: "A",
			how: workdb.ByLink},
		{name: "link and externalId agree", s: subject{byLink: c("A", me, true, false),
			byExternal: c("A", me, true, false)}, id: "A", how: workdb.ByLink},
		{name: "link and externalId disagree", s: subject{byLink: c("A", me, true, false),
			byExternal: c("B", "", false, false)}, problem: "carries its objectGUID"},
		{name: "young link, not listed", s: subject{linked: true, linkedID: "A", linkedAt: now.Add(-time.Second)},
			waits: true},
		{name: "old link, gone", s: subject{linked: true, linkedID: "A", linkedAt: now.Add(-time.Hour)}, how: workdb.ByAdd},
		{name: "externalId", s: subject{byExternal: c("A", me, true, false)}, id: "A", how: workdb.ByExternal},
		{name: "externalId, linked to another", s: subject{byExternal: c("A", "corp:x", true, false)},
			problem: "is linked to corp:x"},
		{name: "two externalIds", s: subject{byExternal: append(c("A", me, true, false), c("B", me, true, false)...)},
			problem: "2 accounts carry"},
		{name: "key, nobody's", s: subject{byKey: c("A", "", false, false)}, id: "A", how: workdb.ByKey},
		{name: "key, of one who is gone", s: subject{byKey: c("A", "corp:gone", false, false)}, id: "A", how: workdb.ByRelink,
			relinks: "corp:gone"},
		{name: "key, of one with a problem", s: subject{byKey: c("A", "corp:x", true, true)}, problem: "naming conflict"},
		{name: "key, of one who is here", s: subject{byKey: c("A", "corp:x", true, false)}, how: workdb.ByAdd},
		{name: "key, two groups", s: subject{Kind: identity.Group, byKey: append(c("A", "", false, false),
			c("B", "", false, false)...)}, problem: "2 cloud groups have the name"},
		{name: "nothing", how: workdb.ByAdd},
		{name: "link, and a SID history", s: subject{byLink: c("A", me, true, false), bySID: c("B", "old:x", true, false)},
			id: "A", how: workdb.ByLink},
		{name: "externalId, and a SID history", s: subject{byExternal: c("A", me, true, false),
			bySID: c("B", "old:x", true, false)}, id: "A", how: workdb.ByExternal},
		{name: "SID history, of one who is gone", s: subject{bySID: c("A", "old:gone", false, false)}, id: "A",
			how: workdb.ByHistory, relinks: "old:gone"},
		{name: "SID history, of one who is gone, and the key of another", s: subject{bySID: c("A", "old:gone", false,
			false), byKey: c("B", "", false, false)},
			id: "A", how: workdb.ByHistory, relinks: "old:gone"},
		{name: "SID history, of one who is gone, and his key", s: subject{bySID: c("A", "old:gone", false, false),
			byKey: c("A", "old:gone", false, false)},
			id: "A", how: workdb.ByHistory, relinks: "old:gone"},
		{name: "SID history, of one who is gone with the account", s: subject{bySID: c("", "old:gone", false, false),
			byKey: c("B", "", false, false)}, id: "B", how: workdb.ByKey},
		{name: "SID history, of one who is here", s: subject{bySID: c("A", "old:x", true, false)},
			problem: "Both are in the directory", other: "old:x"},
		{name: "SID history, of one who is here without an account, and nobody's key",
			s:       subject{bySID: c("", "old:x", true, false), byKey: c("B", "", false, false)},
			problem: "Both are in the directory", other: "old:x"},
		{name: "SID history, of one with a problem", s: subject{bySID: c("A", "old:x", true, true)},
			problem: "Both are in the directory", other: "old:x"},
		{name: "SID history, of one who was not read", s: subject{bySID: []candidate{{id: "A", owner: "old:x",
			ownerUnread: true}}}, problem: "could not be read", other: "old:x"},
		{name: "SID history, of two who are gone", s: subject{bySID: append(c("A", "old:x", false, false),
			c("B", "old:y", false, false)...)}, problem: "with the accounts A, B"},
		{name: "SID history, of two who are gone, and the key of one", s: subject{bySID: append(c("A", "old:x", false,
			false), c("B", "old:y", false, false)...),
			byKey: c("B", "old:y", false, false)}, id: "B", how: workdb.ByRelink, relinks: "old:y"},
		{name: "SID history, of one who is gone and one who is here", s: subject{bySID: append(c("A", "old:x", false,
			false), c("B", "old:y", true, false)...)},
			problem: "Both are in the directory", other: "old:y"},
	}
	for _, tc := range cases {
		tc.s.Anchor = me
		v := decide(tc.s, time.Minute, now)
		if string(v.id) != tc.id || v.how != tc.how || v.waits != tc.waits || v.relinks != tc.relinks ||
			len(v.sidMatches) > 0 != (tc.other != "") || len(v.sidMatches) > 0 && v.sidMatches[0].owner != tc.other ||
			(tc.problem == "") != (v.problem == "") || !strings.Contains(v.problem, tc.problem) {
			t.Errorf("%s: %+v", tc.name, v)
		}
		if v.problem != "" && v.remedy == "" {
			t.Errorf("%s: a problem without a remedy", tc.name)
		}
	}
}

// TestOrderMoves replays random moves on a cloud in which keys are unique: in the given order, with
// temporary keys first, none is ever refused, and only moves whose key is never given up are
// blocked.
func TestOrderMoves(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 9).Draw(t, "people")
		who := func(i int) identity.Anchor { return identity.Anchor(fmt.Sprintf("corp:%d", i)) }
		holds := map[int]identity.Anchor{} // key -> holder
		at := map[identity.Anchor]int{}
		for i := range n {
			holds[i], at[who(i)] = who(i), i
		}
		// Each wants a key of its own: a permutation of the held keys and some free ones.
		wants := map[identity.Anchor]int{}
		for i, k := range rapid.Permutation(seq(n+3)).Draw(t, "keys")[:n] {
			wants[who(i)] = k
		}
		stuck := rapid.IntRange(-1, n-1).Draw(t, "stuck") // one that wants to stay while others want its key
		if stuck >= 0 {
			for a, k := range wants {
				if k == stuck && a != who(stuck) {
					wants[a] = at[a]
				}
			}
			wants[who(stuck)] = stuck
			delete(wants, who(stuck))
		}
		moves := map[identity.Anchor]Move{}
		for a, k := range wants {
			h := holds[k]
			if h == "" || h == a {
				continue
			}
			m := Move{subject: subject{Anchor: a}}
			if w, ok := wants[h]; ok && w != at[h] {
				m.WaitsFor = h
			}
			moves[a] = m
		}
		orders, blocked := OrderMoves(moves)
		if len(orders)+len(blocked) != len(moves) {
			t.Fatalf("%d moves, %d ordered, %d blocked", len(moves), len(orders), len(blocked))
		}
		free := func(a identity.Anchor) { delete(holds, at[a]) }
		for a, o := range orders {
			if o.Via {
				free(a)
				at[a] = -1
			}
		}
		for wave := range n + 1 {
			for a, k := range wants {
				o, ordered := orders[a]
				if blocked[a] || k == at[a] || (ordered && o.Wave != wave) || (!ordered && wave != 0) {
					continue
				}
				if h := holds[k]; h != "" && h != a {
					t.Fatalf("wave %d: %s takes key %d, which %s still holds", wave, a, k, h)
				}
				if at[a] >= 0 {
					free(a)
				}
				holds[k], at[a] = a, k
			}
		}
		for a := range orders {
			if at[a] != wants[a] {
				t.Fatalf("%s did not get its key", a)
			}
		}
	})
}

func seq(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}
