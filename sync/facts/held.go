package facts

import (
	"slices"
	"time"

	"dirbridge/sync/plan"
)

// LastGoodValue is the name under which the store keeps the end of the last run that brought the
// cloud up to date, with nothing failed, skipped or excluded (RFC 3339).
const LastGoodValue = "last-good"

// Held is what a guard holds, and since when: no run has passed it since.
type Held struct {
	Since time.Time    `json:"since"`
	Last  time.Time    `json:"last"`
	Run   int64        `json:"run"`  // the last one
	Runs  int64        `json:"runs"` // how many runs were held
	Holds []DryRunHold `json:"holds"`
	// OfFull is how many of the holds, from the first, belong to a full plan: an incremental run
	// does not lift them.
	OfFull int `json:"of_full,omitempty"`
}

// OfFullPlan returns the holds that only a full run, or an applied full plan, lifts.
func (h Held) OfFullPlan() []DryRunHold {
	return slices.Clone(h.Holds[:min(h.OfFull, len(h.Holds))])
}

// HeldValue is the name under which the store keeps Held, as JSON, for synchronizations
// or for purges; unset where nothing is held.
func HeldValue(purge bool) string {
	if purge {
		return "held:purge"
	}
	return "held"
}

// HoldsOf converts holds to the form that the state keeps.
func HoldsOf(holds []plan.Hold) (out []DryRunHold) {
	for _, h := range holds {
		out = append(out, DryRunHold{Rule: h.Rule, Detail: h.Detail, Remedy: h.Remedy})
	}
	return out
}
