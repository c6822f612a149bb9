package view

// Changes that are not saved: what collides, and what an earlier console left.
const (
	UnsavedChanges = "Changes that are not saved:\n  "
	RestoreChanges = "Restore them; they stay unsaved"
	DraftUnread    = "The changes of a console that failed could not be read"
	DraftNotKept   = "The draft was not kept"
	CancelSaving   = "Cancel: the file and my changes stay as they are"
	ReloadFile     = "Reload the file, and keep my changes that do not collide"
	FileReplaced   = "The file's value replaced yours for: %s."
	FileIsWrong    = "the file must be corrected first"
	NothingInScope = "nothing is in scope: tick at least one container of "
	EntriesNotKept = "Your entries cannot be kept"
)

// What is under way, and what is off.
const (
	DryRunUnderWay     = "A dry run is in progress. Wait for it, or cancel it."
	CancellingCheck    = "Cancelling the check."
	CheckError         = "The check failed"
	NothingRuns        = "nothing is running"
	NothingChangedHere = "nothing was changed here"
	NoConversion       = "no conversion is under way"
	ScheduleIsOff      = "the schedule is off"
	ScheduleIsOn       = "the schedule is on"
	Unavailable        = "Unavailable: %s."
	ReadingContainers  = "Reading the containers"
	StartDryRun        = "Start the dry run"
	StartWithoutOne    = "Start without one"
	EnableTitle        = "Enable synchronization"
	NeedsPath          = "Give the path of a file."
)

// The titles of pages in the guide's words.
const (
	ObjectsTitle = "Object Selection"
	MappingTitle = "User Attribute Mapping"
)

// The set-up.
const (
	NewConfiguration    = "Set up a new configuration"
	ConfigurationsExist = "These configuration files exist. To open one, quit and run:"
	SetupUnread         = "The set-up could not be read"
	SetupNotRemoved     = "The draft of the set-up could not be removed"
	SigningIn           = "Signing in to the cloud"
)
