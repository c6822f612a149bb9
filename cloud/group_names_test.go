package cloud_test

import (
	"fmt"
	"strings"
	"testing"

	"dirbridge/cloud/scimtest"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
)

// TestGroupsOfOneNameFollowEachOther checks that an addition which the cloud answers with the existing group
// is answered after the addition that made it: the engine must know the owner of the group by then.
func TestGroupsOfOneNameFollowEachOther(t *testing.T) {
	t.Parallel()
	for round := range 10 {
		s := startSandbox(t, scimtest.Options{AnchorlessExternalID: true, UniqueGroupNames: true})
		target := open(t, options(schema.KindSCIM, s.URL(), s.Token()))
		var changes []plan.Change
		for i := range 8 {
			name := fmt.Sprintf("team %c", 'a'+i/2)
			if i%2 == 1 {
				name = strings.ToUpper(name)
			}
			c := team(round*100+i+1, name)
			c.Seq = int64(i + 1)
			changes = append(changes, c)
		}
		owners := map[string]bool{} // ids of groups that were made
		if err := target.Apply(t.Context(), changes, func(o record.Outcome) {
			if o.State == record.WriteDone && o.Linked && !owners[string(o.ID)] {
				t.Errorf("round %d: change %d is linked to a group before the one that made it is answered", round, o.Seq)
			}
			owners[string(o.ID)] = true
		}); err != nil {
			t.Fatal(err)
		}
	}
}
