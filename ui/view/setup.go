package view

import (
	"strings"

	"dirbridge/sync/control"
	"dirbridge/ui/look"
)

// Texts that both front ends use.
const (
	OrganizationHint = "The organization's id, as Control Hub shows it under Account; or the whole address of its SCIM " +
		"service."
	AddressHint    = "The base URL of the SCIM service, such as https://scim.example.com/v2"
	UserHint       = `An account that may read users and groups: user@domain, DOMAIN\user, or its DN.`
	ControllerHint = "Leave it empty to use all controllers that DNS names; or one host, with :port where it is not " +
		"the usual one."
	CAHint = "A file (PEM) with the certificate of the authority that issued the server's, where the system " +
		"does not know it."
	NameHint = "A short name for this directory: small letters, digits, hyphens. It qualifies every identity, " +
		"so it can never change."
	Accept          = "I accept that the password and all data can be read on the way"
	MirrorQuestion  = "What is done with accounts that the directory does not know?"
	LeaveAlone      = "Leave them alone, and report them"
	LeaveAloneMeans = "The accounts that nobody in the directory claims stay as they are; each dry run lists them."
	MirrorIt        = "Mirror the directory: remove accounts that it does not know"
	MirrorItMeans   = "They are deactivated, and purged with all their spaces when the grace period is over (7 days " +
		"if not set otherwise). Full administrators, groups, and accounts that are inactive already are left alone."
	MirrorLater = "How many accounts that would concern, the dry run says in step 5, before anything is written."
	EnableMeans = "From then on the schedule starts what is due: an incremental run every 10 minutes, once a " +
		"first full one succeeded. The schedule is served by dirbridge run; until that runs nothing happens by itself."
	Left       = "What you entered is kept; the next start of dirbridge goes on from here."
	LeftSecret = "A secret that was typed and not tested yet is not kept: it has to be typed again."
)

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
		return "signed in; it does not say how many users it has"
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
	return d.Name + "   " + look.Count(int64(len(d.Controllers)), "controller", "controllers") + ": " +
		strings.Join(d.Controllers, ", ")
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
		how = "signed in as nobody"
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
		all = append(all, "It is not what was chosen above, but "+KindWords(f.Directory.Kind)+"; it is taken as that.")
	}
	return append(all, f.Warnings...)
}

// CertificateWords describes one of the certificates that a server presented, without its
// fingerprint.
func CertificateWords(i int, c control.Certificate) string {
	text := "It showed the certificate of " + c.Subject
	if i > 0 {
		text = "and that of " + c.Subject
	}
	return text + ", issued by " + c.Issuer + ", valid until " + c.NotAfter.Format("2006-01-02") +
		", fingerprint (SHA-256)"
}

// SecretHint says where a secret may be kept.
func SecretHint(what, folder string) string {
	return "Paste the " + what + ": once it is tested it goes into a file in " + folder +
		" that you alone can read. Or type where it is kept: env:NAME, file:PATH, keyring:NAME, credential:NAME."
}

// ShownNotes returns the findings of a dry run other than its changes.
func ShownNotes(d control.DryRun, onUnmatched string) (notes []string) {
	if n := d.Counts.Users.Match; n > 0 {
		notes = append(notes, look.Count(n, "account is", "accounts are")+" matched: known on both sides.")
	}
	if n := d.Counts.Users.Unmatched; n > 0 {
		what := "they are left alone and reported"
		switch onUnmatched {
		case "remove":
			what = "they would be deactivated, and purged after the grace period (mirror), full administrators aside"
		case "deactivate":
			what = "they would be deactivated, full administrators aside"
		}
		notes = append(notes, look.Count(n, "account is", "accounts are")+" not known to the directory: "+what+".")
	}
	if n := d.Counts.Users.Problem + d.Counts.Groups.Problem; n > 0 {
		notes = append(notes, look.Count(n, "object has",
			"objects have")+" a problem and would be left alone; the Dry Run page names each.")
	}
	return notes
}

// DoneWords returns the result of setup and what comes next; the command to type goes between the
// two.
func DoneWords(enabled bool) (title, next string) {
	if enabled {
		return "Synchronization is enabled", "The next thing to do is to have the schedule served:"
	}
	return "The set-up is done; synchronization is disabled",
		"Nothing starts by itself until it is enabled (dirbridge enable) and the schedule is served:"
}
