package policy

import (
	"strconv"

	"dirbridge/sync/plan"
)

// Threshold is how many of something a plan may have without being held.
type Threshold struct {
	Off    bool
	Number int64
	// Percent of the whole must be exceeded as well as Number; 0 means Number alone.
	Percent float64
}

// Exceeded says whether n out of a whole of that size is above the threshold. If the whole is not
// known, Number decides.
func (t Threshold) Exceeded(n, of int64) bool {
	return !t.Off && n > t.Number && (t.Percent == 0 || float64(n) > t.Percent/100*float64(of))
}

// Limit is the highest allowed number for a whole of that size.
func (t Threshold) Limit(of int64) int64 {
	return max(t.Number, int64(t.Percent/100*float64(of)))
}

// String returns 20, 5%, 20 and 50%, or off.
func (t Threshold) String() string {
	number, share := strconv.FormatInt(t.Number, 10), strconv.FormatFloat(t.Percent, 'f', -1, 64)+"%"
	switch {
	case t.Off:
		return "off"
	case t.Percent == 0:
		return number
	case t.Number == 0:
		return share
	}
	return number + " and " + share
}

// Guards are the thresholds of one directory, each for one kind of object at a time. See
// docs/decisions/0011-guards.md for what each counts.
type Guards struct {
	Removals   Threshold // missing or unmatched, in addition to the delete threshold
	Disabled   Threshold // deactivated because they are disabled in the directory
	KeyChanges Threshold
	// Administrators limits renames of known full administrators: above it, each of them is
	// withheld. An undo that deactivates or renames more is held.
	Administrators Threshold
	MembersRemoved Threshold // from one group, and from all of them
	GroupsEmptied  Threshold // groups of emptyGroup members or more
	Blanked        Threshold // one attribute, of those that have it
	Changed        Threshold // one attribute, of all
	SourceShrunk   Threshold
	CloudShrunk    Threshold
	Lost           Threshold // required attribute, key or anchor; last field, see guardWords
}

// EmptyGroup is the smallest group for which it counts that it loses all its members.
const EmptyGroup = 10

// DefaultGuards returns the thresholds of a configuration that sets none.
func DefaultGuards() Guards {
	half := func(n int64) Threshold { return Threshold{Number: n, Percent: 50} }
	tenth := Threshold{Number: 20, Percent: 10}
	return Guards{Removals: Threshold{Off: true}, Disabled: half(20), KeyChanges: tenth, Administrators: Threshold{},
		MembersRemoved: half(100), GroupsEmptied: Threshold{}, Blanked: tenth, Changed: half(100), SourceShrunk: half(20),
		CloudShrunk: half(20), Lost: tenth}
}

// Threshold returns the threshold of a rule.
func (g Guards) Threshold(rule string) Threshold {
	switch rule {
	case plan.RuleRemovals:
		return g.Removals
	case plan.RuleDirectoryDisable:
		return g.Disabled
	case plan.RuleKeyChanges:
		return g.KeyChanges
	case plan.RuleAdminsTouched:
		return g.Administrators
	case plan.RuleMembersRemoved, plan.RuleGroupMembersRemoved:
		return g.MembersRemoved
	case plan.RuleGroupsEmptied:
		return g.GroupsEmptied
	case plan.RuleAttributeBlanked:
		return g.Blanked
	case plan.RuleAttributeChanged:
		return g.Changed
	case plan.RuleSourceShrunk:
		return g.SourceShrunk
	case plan.RuleCloudShrunk:
		return g.CloudShrunk
	case plan.RuleAttributeLost:
		return g.Lost
	}
	return Threshold{Off: true}
}

// GuardsOf returns the thresholds of a directory; "" stands for all directories.
func (p Policy) GuardsOf(directory string) Guards {
	if own, ok := p.DirectoryGuards[directory]; ok {
		return own
	}
	if p.Guards == (Guards{}) {
		return DefaultGuards()
	}
	return p.Guards
}

// Least returns the smallest threshold of any directory for a rule: up to that number no plan is
// held. ok is false if all of them are off.
func (p Policy) Least(rule string) (n int64, ok bool) {
	all := []Guards{p.GuardsOf("")}
	for _, own := range p.DirectoryGuards {
		all = append(all, own)
	}
	for _, g := range all {
		if t := g.Threshold(rule); !t.Off && (!ok || t.Number < n) {
			n, ok = t.Number, true
		}
	}
	return n, ok
}
