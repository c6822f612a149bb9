package wizard

import (
	"fmt"
	"slices"
	"strings"

	"dirbridge/sync/control"
)

// Step is one step of the set-up.
type Step int

// The steps in order; Done follows the last.
const (
	Cloud Step = iota
	Directory
	Scope
	Removals
	DryRun
	Schedule
	Done
)

// Title returns what a step is about.
func (s Step) Title() string {
	return []string{"Cloud organization", "Directory", "What is synchronized", "What happens to people removed",
		"First dry run", "Schedule and service", "Done"}[s]
}

// Steps returns the names of the numbered steps.
func Steps() []string {
	return []string{"Cloud", "Directory", "Scope", "Removals", "Dry Run", "Schedule"}
}

// Begin sets the initial values of a draft.
func Begin(d *control.SetupDraft) {
	if d.Cloud.Kind == "" {
		d.Cloud.Kind, d.Cloud.Proxy = "webex", "system"
	}
}

// Resuming reports whether an earlier start has entries.
func Resuming(d control.SetupDraft) bool {
	return d.Written || d.Cloud.Confirmed || d.Cloud.Address != ""
}

// IsDone reports whether a step is done. The mode is that of the open connector, zero before.
func IsDone(d control.SetupDraft, m control.ModeStatus, step Step) bool {
	switch step {
	case Cloud:
		return d.Cloud.Confirmed
	case Directory:
		return d.Written && len(d.Directories) > 0
	case Scope:
		return d.Containers
	case Removals:
		return d.Policy
	case DryRun:
		return d.Policy && m.MayEnable || m.Enabled
	case Schedule:
		return m.Enabled
	}
	return false
}

// First returns the first step that is not done, as far as the draft alone shows.
func First(d control.SetupDraft) Step {
	for step := Cloud; step < DryRun; step++ {
		if !IsDone(d, control.ModeStatus{}, step) {
			return step
		}
	}
	return DryRun
}

// SecretsKept reports whether every secret is stored, none in memory alone.
func SecretsKept(d control.SetupDraft) bool {
	for _, secret := range []control.Secret{d.Cloud.Token, d.Cloud.ClientSecret, d.Cloud.Refresh} {
		if secret.Typed() != "" {
			return false
		}
	}
	return d.Editing == nil || d.Editing.Password.Typed() == ""
}

// Tried takes over the references to the secrets that a connection test has kept.
func Tried(c *control.SetupCloud, found control.SetupCloudFound) {
	if c.Lasts() {
		c.ClientSecret = found.ClientSecret
		return
	}
	c.Token = found.Token
}

// ConfirmCloud stores the result of a connection test as confirmed by the operator; with nil it
// keeps what the draft has.
func ConfirmCloud(c *control.SetupCloud, found *control.SetupCloudFound) {
	if found != nil {
		c.Organization = found.Organization
	}
	c.Confirmed = true
}

// NewDirectory returns a directory without entries.
func NewDirectory() *control.SetupDirectory {
	return &control.SetupDirectory{Kind: "ad-ds", Encryption: control.SetupLDAPS, Bind: "simple"}
}

// Editing returns the index of the edited directory; the index after the last is a new one.
func Editing(d control.SetupDraft) int {
	if d.Editing != nil && d.Editing.Name != "" {
		if i := slices.IndexFunc(d.Directories,
			func(o control.SetupDirectory) bool { return o.Name == d.Editing.Name }); i >= 0 {
			return i
		}
	}
	return len(d.Directories)
}

// Propose fills in the first domain that is not set up yet, if none was typed.
func Propose(d *control.SetupDraft, domains []control.SetupDomain) {
	e := d.Editing
	if e == nil || e.Domain != "" || e.Kind != "ad-ds" || e.Host != "" {
		return
	}
	for _, found := range domains {
		if !slices.ContainsFunc(d.Directories, func(o control.SetupDirectory) bool { return o.Domain == found.Name }) {
			e.Domain = found.Name
			return
		}
	}
}

// Written notes that the configuration file has what the draft says. The names of its directories are
// part of every identity from now on, so they follow nothing any more.
func Written(d *control.SetupDraft) {
	d.Written = true
	for i := range d.Directories {
		d.Directories[i].Proposed = false
	}
}

// NameTaken reports whether a directory of the draft has the name.
func NameTaken(d control.SetupDraft, name string) bool {
	return slices.ContainsFunc(d.Directories, func(o control.SetupDirectory) bool { return o.Name == name })
}

// ProposedName returns a name from the first part of the domain or the host.
func ProposedName(d control.SetupDraft, e *control.SetupDirectory) string {
	from := e.Domain
	if e.Kind != "ad-ds" || from == "" {
		from = e.Host
	}
	first, _, _ := strings.Cut(strings.ToLower(from), ".")
	name := strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return -1
	}, first), "-")
	if strings.Trim(name, "0123456789") == "" {
		name = "corp"
	}
	for n, base := 2, name; NameTaken(d, name); n++ {
		name = fmt.Sprint(base, "-", n)
	}
	return name
}

// PortOf returns the usual port for the encryption.
func PortOf(e *control.SetupDirectory) string {
	if e.Encryption == control.SetupLDAPS {
		return "636"
	}
	return "389"
}

// Named returns the edited directory, the at-th of the draft, with its name: the one that was typed,
// or one that is proposed for its domain or host.
func Named(d control.SetupDraft, at int) control.SetupDirectory {
	e := *d.Editing
	if e.Name == "" || e.Proposed {
		if at < len(d.Directories) {
			d.Directories = slices.Delete(slices.Clone(d.Directories), at, at+1)
		}
		e.Name, e.Proposed = ProposedName(d, &e), true
	}
	return e
}

// ConfirmDirectory adds the edited directory to the others, with the result of its test.
func ConfirmDirectory(d *control.SetupDraft, at int, found control.SetupDirectoryFound) {
	e := Named(*d, at)
	e.Product, e.BaseDN, e.Kind = found.Directory.Product, found.Directory.BaseDN, found.Directory.Kind
	if at < len(d.Directories) {
		d.Directories[at] = e
	} else {
		d.Directories = append(d.Directories, e)
	}
	d.Editing = nil
}
