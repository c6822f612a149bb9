package plan

// View selects and orders rows of a plan for display. The zero View is all changes in the order of
// the plan.
type View struct {
	Actions []Action // any of these; empty: all
	Kinds   []string // identity kinds; empty: all
	Filter  string   // substring of key, DN, member key, field name or value, cause; case-insensitive
	Cause   string   // exactly this cause
	// Why is exactly this cause or, for changes without one, this reason.
	Why   string
	Field string // only changes with this field
	// Container is the name of a container that the object is in or below, without regard to letter
	// case; with * at its end, all whose names begin so.
	Container string
	// OnlyMissing selects those that count towards the delete threshold.
	OnlyMissing bool
	// OnlyDrift selects changes with drift, partly or completely; see Change.Extent.
	OnlyDrift bool
	// Order sorts what WindowAt reads; Window always uses the order of the plan.
	Order Order

	also string // a second filter, see Seek
}

// Group is one line of a grouped view.
type Group struct {
	Name  string
	Count int64
}
