package plan

// View selects and orders rows of a plan for showing. The zero View is all
// changes in the order of the plan.
type View struct {
	Actions []Action // any of these; empty: all
	Kinds   []string // identity kinds; empty: all
	Filter  string   // substring of key, DN, member key, field name or value, cause, without regard to case
	Cause   string   // exactly this cause
	// Why is exactly this cause or, of changes without one, this reason.
	Why   string
	Field string // of those with such a field alone
	// OnlyMissing keeps those that the delete threshold counts.
	OnlyMissing bool
	// OnlyDrift keeps those that are drift, in part or as a whole; see Change.Extent.
	OnlyDrift bool
	// Order sorts what WindowAt reads; Window is in the order of the plan.
	Order Order

	also string // a second filter, see Seek
}

// Group is one line of a grouped view.
type Group struct {
	Name  string
	Count int64
}
