package cloud

import (
	"fmt"

	"dirbridge/sync/identity"
)

// oversized is the error of a resource with too many values, named by the field in which they ended
// and by what was read of it.
func (d *decoder) oversized(slots []int) error {
	field := "its values"
	for _, slot := range slots {
		switch {
		case slot == slotMember:
			field = "members"
		case slot >= slotAttrs:
			field = d.layout.names[slot-slotAttrs]
		}
	}
	id, name := "without an id so far", ""
	for _, s := range d.spans {
		text := clean(d.secrets.Said(string(d.text[s.from:s.to])))
		switch s.slot {
		case slotID:
			id = text
		case slotKey, slotName:
			name = " (" + text + ")"
		}
	}
	remedy := "Shorten " + field + " of this " + string(d.kind) + " in the cloud, or take it out of the mapping."
	if d.kind == identity.Group {
		remedy = "Split this group in the cloud into smaller ones, or synchronize no groups (sync_groups = false)."
	}
	return fail(identity.GiveUp, remedy,
		fmt.Errorf("%s of the %s %s%s has more than %d MB of values, which are not held", field, d.kind, id, name,
			largestResource>>20))
}
