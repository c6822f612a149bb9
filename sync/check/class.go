package check

// Severity is the effect of a finding.
type Severity string

const (
	// Problem: the object, or the account that may belong to it, is left unchanged.
	Problem Severity = "problem"
	// Warning: it is synchronized, but perhaps not as intended.
	Warning Severity = "warning"
)

// ClassID names a class. The values are part of the formats (JSON, CSV, --class).
type ClassID string

const (
	Unreadable       ClassID = "unreadable"
	MissingValue     ClassID = "missing-value"
	DuplicateKey     ClassID = "duplicate-key"
	DuplicateGroup   ClassID = "duplicate-group"
	NoDomain         ClassID = "mail-without-domain"
	MailSyntax       ClassID = "mail-syntax"
	Control          ClassID = "control-characters"
	TooLong          ClassID = "too-long"
	InvalidValue     ClassID = "invalid-value"
	UnusualDomain    ClassID = "unusual-domain"
	ForeignMail      ClassID = "non-ascii-mail"
	Invisible        ClassID = "invisible-characters"
	Blanks           ClassID = "blanks"
	BlankValue       ClassID = "blank-value"
	NoName           ClassID = "no-display-name"
	EmptyGroup       ClassID = "empty-group"
	LargeGroup       ClassID = "large-group"
	GroupCycle       ClassID = "group-cycle"
	UnseenDeletions  ClassID = "unseen-deletions"
	DirectoryWarning ClassID = "directory-warning"
)

// Class is a kind of finding.
type Class struct {
	ID       ClassID  `json:"class"`
	Severity Severity `json:"severity"`
	Title    string   `json:"title"`
	Remedy   string   `json:"remedy"`
}

// Classes lists all classes in the order of a report: problems first.
func Classes() []Class {
	return []Class{
		{Unreadable, Problem, "Entries that cannot be read as a whole",
			"Give the bind account the right to read the entry, or correct it. Until then its account is left alone."},
		{MissingValue, Problem, "Required values are missing",
			"Set the attribute, or leave the entry out by a filter. Until then it gets no account."},
		{DuplicateKey, Problem, "Several people share an e-mail address",
			"Give each a mail of their own, or leave all but one out by a filter. Until then all of them are left alone."},
		{DuplicateGroup, Problem, "Several groups share a name",
			"Rename all but one, or leave them out by a filter. Until then all of them are left alone."},
		{NoDomain, Problem, "Mails without a domain",
			"Write the whole address, such as name@example.com. Until then the person is left alone."},
		{MailSyntax, Problem, "Mails that are no addresses",
			"Write one address, such as name@example.com. Until then the person is left alone."},
		{Control, Problem, "Control characters in values",
			"Write the value again by hand: it was probably pasted. Until then the entry is left alone."},
		{TooLong, Problem, "Values longer than the cloud takes",
			"Shorten the value, or leave the attribute unmapped. Until then the entry is left alone."},
		{InvalidValue, Problem, "Values that the cloud does not take",
			"Correct the value, or leave the attribute unmapped. Until then the entry is left alone."},
		{UnusualDomain, Warning, "Mails of an unusual domain",
			"Look whether the domain is mistyped; if not, the cloud must know it as one of the organization's."},
		{ForeignMail, Warning, "Mails with letters beyond ASCII",
			"Look whether the cloud and the mail system take such addresses (RFC 6531); most want ASCII."},
		{Invisible, Warning, "Invisible characters in values",
			"Write the value again by hand: it was probably pasted. It looks like another one, but is not equal to it."},
		{Blanks, Warning, "Blanks around values, or doubled",
			"Take the blanks out. Those around a value are left out by the mapping, those within are not."},
		{BlankValue, Warning, "Values of blanks alone",
			"Clear the attribute. It counts as having no value."},
		{NoName, Warning, "People without a display name",
			"Set the attribute, or map displayName from others, such as \"givenName sn\"."},
		{EmptyGroup, Warning, "Groups without members",
			"Delete the group, or leave it out by a filter, if nobody needs it."},
		{LargeGroup, Warning, "Very large groups",
			"Look whether the group is meant for the cloud. Writing its members takes long, and many services do not take so " +
				"many."},
		{GroupCycle, Warning, "Groups that contain themselves",
			"Take one of the memberships out. Until then each group of the circle has all members of the others."},
		{UnseenDeletions, Warning, "Deletions that incremental runs cannot see",
			"Until then people who were deleted are found by full synchronizations alone: schedule them."},
		{DirectoryWarning, Warning, "Warnings of the directory",
			"See to it before it stops the synchronization."},
	}
}

// ClassOf finds a class by its id.
func ClassOf(id ClassID) (Class, bool) {
	for _, c := range Classes() {
		if c.ID == id {
			return c, true
		}
	}
	return Class{}, false
}

// number is the place of a class in the order of a report.
func number(id ClassID) int {
	for i, c := range Classes() {
		if c.ID == id {
			return i
		}
	}
	panic("check: no class " + string(id))
}
