package program

import (
	"testing"

	"dirbridge/config"
	"dirbridge/sync/identity"
)

// TestTheQueueKnowsWhatIsNotSynchronized checks that an account keeps waiting for the purge if its
// own directory does not synchronize its kind, whatever the other directories do.
func TestTheQueueKnowsWhatIsNotSynchronized(t *testing.T) {
	cfg := config.Default()
	cfg.Directories = []config.Directory{{Name: "a", SyncUsers: true}, {Name: "b", SyncGroups: true}}
	off := queuePolicy(cfg).Unsynced
	for _, x := range []struct {
		dir  string
		kind identity.Kind
		want bool
	}{{"a", identity.User, false}, {"a", identity.Group, true}, {"b", identity.User, true}, {"b", identity.Group, false},
		{"", identity.User, false}, {"", identity.Group, false}, {"gone", identity.User, false}} {
		if got := off(x.dir, x.kind); got != x.want {
			t.Errorf("%q, %s: %v", x.dir, x.kind, got)
		}
	}
	cfg.Directories[0].SyncUsers = false
	if off = queuePolicy(cfg).Unsynced; !off("", identity.User) || off("gone", identity.User) {
		t.Error("no directory is asked for people")
	}
}
