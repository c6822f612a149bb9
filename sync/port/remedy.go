package port

// RemedyState is what to do about a state that contradicts itself.
const RemedyState = "The state is damaged. Stop Dirbridge, move the files of state_dir away, and make a dry run " +
	"(dirbridge plan): everybody is matched again. docs/recovery.md says more."
