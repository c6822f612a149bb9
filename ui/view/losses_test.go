package view

import (
	"strings"
	"testing"
	"time"

	"dirbridge/config"
	"dirbridge/sync/control"
	"dirbridge/sync/record"
)

// TestLossesNameThePurgedAccounts checks that the text matches what the engine purges: not people
// disabled in the directory, and not unmatched accounts that are only deactivated.
func TestLossesNameThePurgedAccounts(t *testing.T) {
	counts := func(deactivate, unmatched int64) record.Counts {
		return record.Counts{Users: record.ObjectCounts{Deactivate: deactivate, Unmatched: unmatched}}
	}
	for name, x := range map[string]struct {
		policy   config.Policy
		header   control.Header
		says     []string
		saysNone []string
	}{
		"all left": {config.Policy{PurgeAfter: 7 * 24 * time.Hour}, control.Header{Counts: counts(3, 0), Removals: 3},
			[]string{"3 people will be deactivated, and deleted after 7 days.", control.PurgeWarning}, []string{"disabled"}},
		"disabled alone": {config.Policy{PurgeAfter: 7 * 24 * time.Hour}, control.Header{Counts: counts(3, 0)},
			[]string{"3 people will be deactivated.", "disabled in the directory stay deactivated; they are not purged"},
			[]string{"deleted after", control.PurgeWarning}},
		"both": {config.Policy{PurgeAfter: 7 * 24 * time.Hour}, control.Header{Counts: counts(3, 0), Removals: 1},
			[]string{"3 people will be deactivated. People removed from the directory or the scope are deleted after 7 days.",
				"disabled in the directory stay deactivated"}, []string{"deactivated, and deleted"}},
		"mirror": {config.Policy{OnUnmatched: "remove", PurgeAfter: 7 * 24 * time.Hour},
			control.Header{Counts: counts(3, 3), Removals: 3},
			[]string{"deactivated, and deleted after 7 days."}, []string{"stay deactivated"}},
		"unmatched kept": {config.Policy{OnUnmatched: "deactivate", PurgeAfter: 7 * 24 * time.Hour},
			control.Header{Counts: counts(3, 3), Removals: 3},
			[]string{"Unmatched accounts stay deactivated and are not purged."},
			[]string{"deactivated, and deleted"}},
		"undo": {config.Policy{OnUnmatched: "deactivate", PurgeAfter: 7 * 24 * time.Hour},
			control.Header{Counts: counts(3, 0), Removals: 3, UndoOf: 1},
			[]string{"deactivated, and deleted after 7 days."}, []string{"disabled"}},
	} {
		t.Run(name, func(t *testing.T) {
			said := strings.Join(Losses(x.policy, x.header, x.header.Counts), " ")
			for _, want := range x.says {
				if !strings.Contains(said, want) {
					t.Errorf("it lacks %q: %s", want, said)
				}
			}
			for _, not := range x.saysNone {
				if strings.Contains(said, not) {
					t.Errorf("it says %q: %s", not, said)
				}
			}
		})
	}
}

func TestAnAccountThatNoDirectoryKnowsHasAPlaceInTheQueue(t *testing.T) {
	if got := WhereQueued(control.Queued{ID: "9b2f"}); got != "unmatched account 9b2f" {
		t.Error(got)
	}
	if got := WhereQueued(control.Queued{DN: "CN=Ana", ID: "9b2f"}); got != "CN=Ana" {
		t.Error(got)
	}
}
