package cli

import "dirbridge/ui/look"

// AssumptionReport is one thing that is taken for granted about the provider, as it was found.
type AssumptionReport struct {
	ID        string `json:"id"`
	Says      string `json:"says"`
	Source    string `json:"source"`
	Verdict   string `json:"verdict"` // holds, does not hold, not tested
	Detail    string `json:"detail"`
	Otherwise string `json:"otherwise"` // what happens where it does not hold
}

// assumptionLines writes them.
func assumptionLines(w *errWriter, all []AssumptionReport) {
	w.printf("\nWhat is taken for granted about Webex, tested by reading alone (%s)\n",
		look.Count(int64(len(all)), "assumption", "assumptions"))
	for _, a := range all {
		w.printf("  %-13s  %s: %s\n", a.Verdict, a.Says, a.Detail)
		if a.Verdict == "does not hold" {
			w.printf("  %-13s  Then %s.\n", "", a.Otherwise)
		}
	}
}
