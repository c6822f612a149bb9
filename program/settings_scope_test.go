package program

import (
	"testing"

	"dirbridge/config"
)

// TestScopeIsTheSameOnEveryMachine checks that a plan made on one machine is accepted on another
// whose file names a different server or lists the directories in another order.
func TestScopeIsTheSameOnEveryMachine(t *testing.T) {
	t.Parallel()
	corp := config.Directory{Name: "corp", Domain: "corp.example.com",
		BaseDNs: []string{"OU=Staff,DC=corp,DC=example,DC=com"}}
	lab := config.Directory{Name: "lab", Domain: "lab.example.com", SyncUsers: true}
	here := scopeOf([]config.Directory{corp, lab})
	renamed := corp
	renamed.Servers = []string{"ldaps://dc2.corp.example.com"}
	if there := scopeOf([]config.Directory{lab, renamed}); there != here {
		t.Errorf("%s\n%s", here, there)
	}
	wider := corp
	wider.BaseDNs = nil
	if scopeOf([]config.Directory{wider, lab}) == here {
		t.Error("another base DN is the same scope")
	}
	const pinned = "[{Name:corp Label: Partition: BaseDNs:[OU=Staff,DC=corp,DC=example,DC=com] ExcludeDNs:[] " +
		"SyncUsers:false UserFilter: " +
		"MemberOf:[] RoomFilter: SyncGroups:false GroupFilter: GroupTypes: Mapping:map[]} {Name:lab Label: Partition: " +
		"BaseDNs:[] " +
		"ExcludeDNs:[] SyncUsers:true UserFilter: MemberOf:[] RoomFilter: SyncGroups:false GroupFilter: GroupTypes: " +
		"Mapping:map[]}]"
	if here != pinned {
		t.Errorf("plans of earlier versions pin\n%s, and not\n%s", pinned, here)
	}
}
