package port

// RemedyState is the remedy for a state that contradicts itself.
const RemedyState = "The state is damaged. Stop Dirbridge, move the files of state_dir away, and make a dry run " +
	"(dirbridge plan): all accounts are matched again. docs/recovery.md says more."
