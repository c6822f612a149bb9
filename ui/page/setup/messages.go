package setup

import (
	"time"

	"dirbridge/sync/control"
	"dirbridge/ui/wizard"
)

// What the set-up asks of the console. Saved answers SaveMsg, and State shows the rest.
type (
	// NotNeededMsg says that there is nothing to set up. Err is why that could not be found out.
	NotNeededMsg struct{ Err error }
	// OpenMsg asks to open the connector of the configuration, also if one is open.
	OpenMsg struct{}
	// EnterScopeMsg says that Object Selection is in front.
	EnterScopeMsg struct{}
	// DryRunMsg and CancelMsg start and stop a dry run.
	DryRunMsg struct{}
	CancelMsg struct{}
	// ShowPlanMsg asks for the page with the plan.
	ShowPlanMsg struct{}
	// SaveMsg asks to save settings, by their keys.
	SaveMsg struct{ Values map[string]string }
	// RefreshMsg asks to read the state again.
	RefreshMsg struct{}
	// AskLeaveMsg asks whether to quit; Leave does it.
	AskLeaveMsg struct{ Lines []string }
	// UnkeptMsg says that the draft could not be kept when the set-up was to quit.
	UnkeptMsg struct{ Err error }
	// FailMsg is an error that is not about a field.
	FailMsg struct {
		What string
		Err  error
	}
	// CopyMsg asks to put a text on the clipboard; Name says what it is.
	CopyMsg struct{ Name, Text string }
	// DoneMsg asks for the console: the set-up is over.
	DoneMsg struct{}
)

// State is what the set-up knows of the console.
type State struct {
	Open, Opening bool // the connector
	Running       bool // a run
	Planned       bool // there is a plan of this session
	Progress      []string
	Mode          control.ModeStatus
	Values        map[string]string // of the saved settings
	Changes       []string          // that the last dry run would make
	At            string            // when that was
}

// Msg carries the result of a command back to the set-up.
type Msg struct{ what any }

type (
	resumed struct {
		state control.SetupState
		err   error
	}
	kept    struct{ err error }
	domains struct{ found []control.SetupDomain }
	places  struct {
		account string
		all     []control.SetupPlace
	}
	cloudTried struct {
		trial int
		found control.SetupCloudFound
		err   error
	}
	directoryTried struct {
		trial int
		found control.SetupDirectoryFound
		err   error
	}
	written struct {
		err  error
		then wizard.Step
	}
	finished struct{ err error }
	ticked   struct{}
)

// trial is something that the set-up waits for.
type trial struct {
	what     string
	since    time.Time
	progress *control.SetupProgress
	stop     func() // nil: it cannot be stopped
}
