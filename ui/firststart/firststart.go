package firststart

import (
	"fmt"
	"slices"
	"strings"

	"dirbridge/sync/control"
)

// Step is one of the steps of a first start.
type Step int

// The steps, in their order; Done is behind the last.
const (
	Cloud Step = iota
	Directory
	Mirror
	Containers
	DryRun
	Enable
	Done
)

// Steps are the names of the steps that are counted.
func Steps() []string {
	return []string{"Cloud", "Directory", "Mirror", "Containers", "Dry Run", "Enable"}
}

// Begin fills in what a draft begins with.
func Begin(d *control.SetupDraft) {
	if d.Cloud.Kind == "" {
		d.Cloud.Kind, d.Cloud.Proxy = "webex", "system"
	}
}

// Resuming says whether an earlier start entered something.
func Resuming(d control.SetupDraft) bool {
	return d.Written || d.Cloud.Confirmed || d.Cloud.Address != ""
}

// IsDone says whether a step is. The mode is that of the open connector, zero before.
func IsDone(d control.SetupDraft, m control.ModeStatus, step Step) bool {
	switch step {
	case Cloud:
		return d.Cloud.Confirmed
	case Directory:
		return d.Written && len(d.Directories) > 0
	case Mirror:
		return d.Written && d.OnUnmatched != ""
	case Containers:
		return d.Containers
	case DryRun:
		return d.Containers && m.MayEnable || m.Enabled
	case Enable:
		return m.Enabled
	}
	return false
}

// First is the first step that is not done, as far as the draft alone tells.
func First(d control.SetupDraft) Step {
	for step := Cloud; step < DryRun; step++ {
		if !IsDone(d, control.ModeStatus{}, step) {
			return step
		}
	}
	return DryRun
}

// SecretsKept says that no secret is in memory alone.
func SecretsKept(d control.SetupDraft) bool {
	return d.Cloud.Token.Typed() == "" && (d.Editing == nil || d.Editing.Password.Typed() == "")
}

// ConfirmCloud takes what a trial found as what the operator confirmed; nil is what the
// draft has.
func ConfirmCloud(c *control.SetupCloud, found *control.SetupCloudFound) {
	if found != nil {
		c.Organization = found.Organization
	}
	c.Confirmed = true
}

// NewDirectory is a directory nothing of which was entered.
func NewDirectory() *control.SetupDirectory {
	return &control.SetupDirectory{Kind: "ad-ds", Encryption: control.SetupLDAPS, Bind: "simple"}
}

// Editing is the place among the directories of the one that is edited; one behind the
// last is a new one.
func Editing(d control.SetupDraft) int {
	if d.Editing != nil && d.Editing.Name != "" {
		if i := slices.IndexFunc(d.Directories,
			func(o control.SetupDirectory) bool { return o.Name == d.Editing.Name }); i >= 0 {
			return i
		}
	}
	return len(d.Directories)
}

// Propose fills in the first domain that is not set up yet, where none was typed.
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

// NameTaken says whether a directory of the draft has the name.
func NameTaken(d control.SetupDraft, name string) bool {
	return slices.ContainsFunc(d.Directories, func(o control.SetupDirectory) bool { return o.Name == name })
}

// ProposedName is made of the domain's or the host's first part.
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

// PortOf is the usual port of the encryption.
func PortOf(e *control.SetupDirectory) string {
	if e.Encryption == control.SetupLDAPS {
		return "636"
	}
	return "389"
}

// Missing is what a directory lacks before it can be tested, or "".
func Missing(e *control.SetupDirectory) string {
	switch {
	case e.Kind == "ad-ds" && e.Domain == "":
		return "there is no domain"
	case e.Kind != "ad-ds" && e.Host == "":
		return "there is no host"
	case e.Bind == "external" && e.Cert == "":
		return "there is no certificate"
	case (e.Bind == "simple" || e.Bind == "ntlm") && e.User == "":
		return "there is no user"
	case (e.Bind == "simple" || e.Bind == "ntlm") && e.Password.IsZero():
		return "there is no password"
	case e.Encryption == control.SetupPlaintext && !e.Local() && !e.Plaintext:
		return "without encryption the password could be read on the way: accept it, or choose LDAPS"
	}
	return ""
}

// ConfirmDirectory puts the edited directory among the others, as what it was found to be.
func ConfirmDirectory(d *control.SetupDraft, at int, found control.SetupDirectoryFound) {
	e := *d.Editing
	e.Product, e.BaseDN, e.Kind = found.Directory.Product, found.Directory.BaseDN, found.Directory.Kind
	if at < len(d.Directories) {
		d.Directories[at] = e
	} else {
		d.Directories = append(d.Directories, e)
	}
	d.Editing = nil
}
