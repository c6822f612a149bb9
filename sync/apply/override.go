package apply

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
)

// override lifts the holds whose numbers the operator named, records them in the run, and fails
// with those that remain. It lifts none if any remains.
func (a *applier) override(holds []plan.Hold) error {
	for _, n := range a.how.Override {
		if err := a.named(n, holds); err != nil {
			return err
		}
	}
	var left []plan.Hold
	var lifted []record.Override
	for _, h := range holds {
		if h.Overridable && slices.Contains(a.how.Override, h.Count) {
			lifted = append(lifted, record.Override{Rule: h.Rule, Count: h.Count})
		} else {
			left = append(left, h)
		}
	}
	if len(left) > 0 {
		return &port.HeldError{Holds: left}
	}
	a.run.Overrides = lifted
	return nil
}

// named refuses a number that the plan does not have: the operator looked at another plan. The
// number of removals is accepted whether the plan is held or not.
func (a *applier) named(n int64, holds []plan.Hold) error {
	var numbers []int64
	for _, h := range holds {
		if h.Overridable {
			numbers = append(numbers, h.Count)
		}
	}
	if n == a.header.Removals || slices.Contains(numbers, n) {
		return nil
	}
	const remedy = "look at the plan again, and name its number"
	slices.Sort(numbers)
	if numbers = slices.Compact(numbers); len(numbers) == 0 || len(numbers) == 1 && numbers[0] == a.header.Removals {
		return port.Refused(fmt.Sprintf("the override names %d removals, and the plan has %d", n, a.header.Removals), remedy)
	}
	words := make([]string, len(numbers))
	for i, n := range numbers {
		words[i] = strconv.FormatInt(n, 10)
	}
	return port.Refused(fmt.Sprintf("the override names %d, and the guards of the plan counted %s", n,
		strings.Join(words, ", ")), remedy)
}

// reportOverrides logs which operator lifted which guard, before the first write.
func (a *applier) reportOverrides(ctx context.Context) error {
	if len(a.run.Overrides) == 0 {
		return nil
	}
	var events []record.Event
	for _, o := range a.run.Overrides {
		limit := ""
		if o.Rule == plan.RuleDeleteThreshold {
			limit = a.env.Policy.Threshold.String()
		}
		events = append(events, record.Event{Time: a.at(), Run: a.run.ID, Level: record.Warn, Code: "overridden",
			Message: o.Text(a.run.By, limit) + "."})
	}
	return a.env.Store.Append(ctx, events...)
}
