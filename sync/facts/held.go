package facts

import (
	"slices"
	"time"

	"dirbridge/sync/plan"
)

// LastGoodValue is the name under which the store keeps when the last run ended that
// brought the cloud in step, with nothing failed, skipped or left out (RFC 3339).
const LastGoodValue = "last-good"

// Held is what a guard has held since when: no run went past it meanwhile.
type Held struct {
	Since time.Time    `json:"since"`
	Last  time.Time    `json:"last"`
	Run   int64        `json:"run"`  // the last one
	Runs  int64        `json:"runs"` // so many were held
	Holds []DryRunHold `json:"holds"`
	// OfFull says that so many of the holds, the first, are those of a full plan: a run that
	// reads only the changes does not lift them.
	OfFull int `json:"of_full,omitempty"`
}

// OfFullPlan are the holds that only a full run, or an applied full plan, lifts.
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

// HoldsOf are holds as the state keeps them.
func HoldsOf(holds []plan.Hold) (out []DryRunHold) {
	for _, h := range holds {
		out = append(out, DryRunHold{Rule: h.Rule, Detail: h.Detail, Remedy: h.Remedy})
	}
	return out
}
