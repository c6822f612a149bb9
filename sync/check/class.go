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
		{Unreadable, Problem, "Entries that cannot be read completely",
			"Give the bind account the right to read the entry, or correct it. Until then its account is left unchanged."},
		{MissingValue, Problem, "Required values are missing",
			"Fill in the attribute, or exclude the entry with a filter. Until then no account is created."},
		{DuplicateKey, Problem, "Several people share an e-mail address",
			"Give each their own e-mail address, or exclude all but one with a filter. Until then all of them are left " +
				"unchanged."},
		{DuplicateGroup, Problem, "Several groups share a name",
			"Rename all but one, or exclude them with a filter. Until then all of them are left unchanged."},
		{NoDomain, Problem, "E-mail addresses without a domain",
			"Write the whole address, such as name@example.com. Until then the person is left unchanged."},
		{MailSyntax, Problem, "Invalid e-mail addresses",
			"Write one address, such as name@example.com. Until then the person is left unchanged."},
		{Control, Problem, "Control characters in values",
			"Write the value again by hand: it was probably pasted. Until then the entry is left unchanged."},
		{TooLong, Problem, "Values too long for the cloud",
			"Shorten the value, or leave the attribute unmapped. Until then the entry is left unchanged."},
		{InvalidValue, Problem, "Values the cloud would reject",
			"Correct the value, or leave the attribute unmapped. Until then the entry is left unchanged."},
		{UnusualDomain, Warning, "E-mail addresses in an unusual domain",
			"Check the domain for a typing error. If it is right, the organization must own it in the cloud."},
		{ForeignMail, Warning, "E-mail addresses with non-ASCII characters",
			"Check that the cloud and the mail system accept such addresses (RFC 6531); most require ASCII."},
		{Invisible, Warning, "Invisible characters in values",
			"Write the value again by hand: it was probably pasted. It looks like another value but is not equal to it."},
		{Blanks, Warning, "Leading, trailing or double spaces",
			"Remove the spaces. The mapping drops those around a value, but not those within."},
		{BlankValue, Warning, "Values that are only spaces",
			"Clear the attribute. It counts as having no value."},
		{NoName, Warning, "People without a display name",
			"Set the attribute, or map displayName from others, such as \"givenName sn\"."},
		{EmptyGroup, Warning, "Groups without members",
			"If the group is not needed, delete it or exclude it with a filter."},
		{LargeGroup, Warning, "Very large groups",
			"Check that the group is meant for the cloud. Writing its members takes long, and many services do not accept so " +
				"many."},
		{GroupCycle, Warning, "Groups that contain themselves",
			"Remove one of the memberships. Until then each group in the cycle has all members of the others."},
		{UnseenDeletions, Warning, "Deletions that incremental runs cannot see",
			"Only full synchronizations find deleted people: schedule them."},
		{DirectoryWarning, Warning, "Warnings of the directory",
			"Fix it before it stops the synchronization."},
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
