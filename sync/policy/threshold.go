package policy

import (
	"strconv"

	"dirbridge/sync/plan"
)

// Threshold is up to how many of something a plan is not held.
type Threshold struct {
	Off    bool
	Number int64
	// Percent of the whole must be exceeded as well as Number; 0 is Number alone.
	Percent float64
}

// Exceeded says whether n of so many are more than the threshold allows. Where there is
// no whole, the number decides.
func (t Threshold) Exceeded(n, of int64) bool {
	return !t.Off && n > t.Number && (t.Percent == 0 || float64(n) > t.Percent/100*float64(of))
}

// Limit is the highest number that is allowed of so many.
func (t Threshold) Limit(of int64) int64 {
	return max(t.Number, int64(t.Percent/100*float64(of)))
}

// String is 20, 5%, 20 and 50% or off.
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
	Removals   Threshold // missing or unmatched, beside the delete threshold
	Disabled   Threshold // deactivated because the directory disabled them
	KeyChanges Threshold
	// Administrators are known full administrators who are renamed: beyond it each is
	// withheld. An undo that deactivates or renames more is held.
	Administrators Threshold
	MembersRemoved Threshold // from one group, and from all of them
	GroupsEmptied  Threshold // groups of emptyGroup members or more
	Blanked        Threshold // one attribute, of those who have it
	Changed        Threshold // one attribute, of all
	SourceShrunk   Threshold
	CloudShrunk    Threshold
	Lost           Threshold // one required attribute, key or anchor, of active people; the last field, see guardWords
}

// EmptyGroup is from how many members on it counts that a group loses all of them.
const EmptyGroup = 10

// DefaultGuards are those of a configuration that says nothing.
func DefaultGuards() Guards {
	half := func(n int64) Threshold { return Threshold{Number: n, Percent: 50} }
	tenth := Threshold{Number: 20, Percent: 10}
	return Guards{Removals: Threshold{Off: true}, Disabled: half(20), KeyChanges: tenth, Administrators: Threshold{},
		MembersRemoved: half(100), GroupsEmptied: Threshold{}, Blanked: tenth, Changed: half(100), SourceShrunk: half(20),
		CloudShrunk: half(20), Lost: tenth}
}

// Threshold is the one that a rule follows.
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

// GuardsOf are the thresholds that a directory follows; "" stands for all of them.
func (p Policy) GuardsOf(directory string) Guards {
	if own, ok := p.DirectoryGuards[directory]; ok {
		return own
	}
	if p.Guards == (Guards{}) {
		return DefaultGuards()
	}
	return p.Guards
}

// Least is the smallest number that any directory's threshold for a rule has: up to it
// nothing is held. ok is false where all of them are off.
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
