package wizard

import (
	"strings"

	"dirbridge/sync/control"
	"dirbridge/ui/look"
)

// Sentences that both front ends use.
const (
	NameHint = "A short name for this directory: small letters, digits, hyphens. It is part of every identity " +
		"and cannot change later."
	Accept        = "Others may read the password and all data"
	UnmatchedHelp = "Cloud accounts that are not in any directory. Mirror: deactivate, then delete them; full " +
		"administrators, groups and inactive accounts stay. Step 5 (dry run) shows how many accounts this affects."
	ScheduleMeans = "The service (dirbridge run) starts each run at its time; the first is a full one. Until it runs, " +
		"nothing happens by itself."
	Left       = "Your entries are kept. The next start of dirbridge resumes here."
	LeftSecret = "A secret that was typed but not tested yet is not kept. Type it again next time."
	Resumed    = "Resumed where you left off."
	NoDryRun   = "No dry run yet for this configuration."
)

// LostWords says that the entries of an earlier start cannot be read, and what can be done.
func LostWords(s control.SetupState) []string {
	return []string{"The entries of an earlier start cannot be read: " + s.Lost,
		"They are in " + s.LostPath + ". Enter them again, which overwrites that file; or quit, and continue with the " +
			"version of dirbridge that wrote it."}
}

// OrganizationWords names the organization of a cloud; found is the result of a test, or nil.
func OrganizationWords(c *control.SetupCloud, found *control.SetupCloudFound) string {
	o := c.Organization
	if found != nil {
		o = found.Organization
	}
	kind := "SCIM"
	if o.Kind == "webex" {
		kind = "Webex"
	}
	text := o.Name + " (" + kind + ")"
	if o.ID != o.Name && o.ID != o.URL {
		text += ", id " + o.ID
	}
	return text
}

// SizeWords returns the number of objects in a cloud.
func SizeWords(f *control.SetupCloudFound) string {
	if f.Users < 0 {
		return "signed in; the number of users is unknown"
	}
	text := look.Count(f.Users, "user", "users")
	if f.Groups >= 0 {
		text += ", " + look.Count(f.Groups, "group", "groups")
	}
	return text
}

// DirectoryWords describes a confirmed directory.
func DirectoryWords(d control.SetupDirectory) string {
	text := d.Name + "  "
	if d.Domain != "" {
		text += d.Domain + ", "
	}
	return text + d.Product + ", " + d.BaseDN
}

// DomainWords describes a domain from DNS.
func DomainWords(d control.SetupDomain) string {
	return d.Name + "   " + look.Count(int64(len(d.Controllers)), "controller", "controllers")
}

// KindWords names a kind of directory.
func KindWords(kind string) string {
	switch kind {
	case "ad-ds":
		return "AD DS"
	case "ad-lds":
		return "AD LDS"
	}
	return "another LDAP server"
}

// FoundWords describes the server that answered, and the sign-in.
func FoundWords(f control.SetupDirectoryFound) (what, how string) {
	how = "signed in as " + f.Account
	if f.Account == "" {
		how = "anonymous bind"
	}
	if f.Encrypted {
		how += ", encrypted"
	} else {
		how += ", not encrypted"
	}
	return f.Directory.BaseDN + ", " + f.Directory.Product + " at " + f.Directory.Server, how
}

// FoundWarnings returns what the operator should check before confirming a directory.
func FoundWarnings(chosen string, f control.SetupDirectoryFound) (all []string) {
	if f.Directory.Kind != chosen {
		kind := KindWords(f.Directory.Kind)
		all = append(all, "Detected "+kind+" instead of "+KindWords(chosen)+"; using "+kind+".")
	}
	return append(all, f.Warnings...)
}

// CertificateWords describes one of the certificates that a server presented, without its
// fingerprint.
func CertificateWords(i int, c control.Certificate) string {
	text := "Its certificate: " + c.Subject
	if i > 0 {
		text = "Issuer: " + c.Subject
	}
	return text + ", issued by " + c.Issuer + ", valid until " + c.NotAfter.Format("2006-01-02") +
		", fingerprint (SHA-256)"
}

// SecretHint says where a secret may be kept.
func SecretHint(what, folder string) string {
	return "Paste the " + what + ", or name its place: env:NAME, file:PATH, keyring:NAME or credential:NAME. " +
		"After its test a pasted one is kept in " + folder + ", readable only by you."
}

// DryRunWords returns the result of a dry run: what it would do, and what else it found.
func DryRunWords(d control.DryRun, at string, changes []string, onUnmatched string) (lines []string) {
	what := at + ": " + strings.Join(changes, ", ") + "."
	if len(changes) == 0 {
		what = at + ": no changes needed; the cloud matches the directory."
	}
	lines = append(lines, what)
	u := d.Counts.Users
	if u.Match > 0 {
		lines = append(lines, look.Count(u.Match, "account matches", "accounts match")+" on both sides.")
	}
	if u.Unmatched > 0 {
		then := "left as they are"
		switch onUnmatched {
		case "remove":
			then = "to be deactivated, then deleted; full administrators stay"
		case "deactivate":
			then = "to be deactivated; full administrators stay"
		}
		lines = append(lines, look.Count(u.Unmatched, "account has", "accounts have")+" no match in any directory: "+then+".")
	}
	if n := u.Problem + d.Counts.Groups.Problem; n > 0 {
		lines = append(lines, look.Count(n, "object has", "objects have")+
			" a problem and would stay unchanged. The Dry Run page lists each.")
	}
	return lines
}

// DoneWords returns the result of the set-up and what comes next; the command to type follows.
func DoneWords(enabled bool) (title, next string) {
	if enabled {
		return "Synchronization is enabled", "Now start the service:"
	}
	return "The set-up is done; synchronization is disabled",
		"To synchronize by schedule, enable it (dirbridge enable) and start the service:"
}
