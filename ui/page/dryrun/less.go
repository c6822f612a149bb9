package dryrun

import "dirbridge/sync/record"

// less returns counts minus some of them.
func less(c, some record.Counts) record.Counts {
	object := func(o *record.ObjectCounts, s record.ObjectCounts) {
		o.Add -= s.Add
		o.Update -= s.Update
		o.Rename -= s.Rename
		o.Deactivate -= s.Deactivate
		o.Reactivate -= s.Reactivate
		o.Delete -= s.Delete
	}
	object(&c.Users, some.Users)
	object(&c.Groups, some.Groups)
	c.Members.Add -= some.Members.Add
	c.Members.Remove -= some.Members.Remove
	return c
}
