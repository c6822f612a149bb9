package wizard_test

import (
	"testing"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/wizard"
)

// TestProposedNameFollowsTheDomain checks that a directory name follows the domain until it was typed
// or written.
func TestProposedNameFollowsTheDomain(t *testing.T) {
	t.Parallel()
	found := control.SetupDirectoryFound{Directory: identity.Directory{Kind: "ad-ds"}}
	d := &control.SetupDraft{Directories: []control.SetupDirectory{{Name: "lab", Domain: "lab.example.com"}}}
	edit := func(e control.SetupDirectory, at int) {
		d.Editing = &e
		wizard.ConfirmDirectory(d, at, found)
	}
	wants := func(domain, name string) {
		t.Helper()
		e := d.Directories[1]
		e.Domain = domain
		edit(e, 1)
		if got := d.Directories[1].Name; got != name {
			t.Errorf("with the domain %s it is named %s, not %s", domain, got, name)
		}
	}

	d.Editing = &control.SetupDirectory{Kind: "ad-ds", Domain: "corp.example.com"}
	if got := wizard.Named(*d, 1).Name; got != "corp" || d.Editing.Name != "" {
		t.Errorf("tested as %q, and the draft says %q", got, d.Editing.Name)
	}
	edit(*d.Editing, 1)
	wants("corp.example.com", "corp")
	wants("sales.example.com", "sales")
	wants("lab.example.org", "lab-2")
	wizard.Written(d)
	wants("sales.example.com", "lab-2")

	d.Directories = d.Directories[:1]
	edit(control.SetupDirectory{Kind: "ad-ds", Domain: "corp.example.com", Name: "hq"}, 1)
	wants("sales.example.com", "hq")
}
