package program

import (
	"testing"

	"dirbridge/sync/control"
)

// TestScopeIsTheSameOnEveryMachine: a plan made on one machine is not refused on another
// because its file names another server, or the directories in another order.
func TestScopeIsTheSameOnEveryMachine(t *testing.T) {
	t.Parallel()
	corp := control.DirectorySettings{Name: "corp", Label: "corp.example.com", BaseDNs: []string{"OU=Staff,DC=corp,DC=example,DC=com"}}
	lab := control.DirectorySettings{Name: "lab", Label: "lab.example.com", SyncUsers: true}
	here := scopeOf([]control.DirectorySettings{corp, lab})
	renamed := corp
	renamed.Label = "dc2.corp.example.com"
	if there := scopeOf([]control.DirectorySettings{lab, renamed}); there != here {
		t.Errorf("%s\n%s", here, there)
	}
	wider := corp
	wider.BaseDNs = nil
	if scopeOf([]control.DirectorySettings{wider, lab}) == here {
		t.Error("another base DN is the same scope")
	}
}
