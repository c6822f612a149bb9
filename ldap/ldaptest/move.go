package ldaptest

import (
	"slices"
	"strings"
)

// snapshot is what modify restores if one of its changes is refused.
type snapshot struct {
	values  []held
	forward []linked
}

func (o *object) snapshot() snapshot {
	s := snapshot{values: slices.Clone(o.values), forward: slices.Clone(o.forward)}
	for i := range s.forward {
		s.forward[i].to = slices.Clone(s.forward[i].to)
	}
	return s
}

func (o *object) restore(s snapshot) {
	o.values = s.values
	for _, l := range slices.Clone(o.forward) {
		for _, t := range slices.Clone(l.to) {
			o.part(l.attr, t)
		}
	}
	for _, l := range s.forward {
		for _, t := range l.to {
			o.join(l.attr, t)
		}
	}
}

// reindex updates the index after a change of the account name.
func (d *directory) reindex(o *object, was snapshot) {
	for _, h := range was.values {
		if h.attr == d.at.account {
			delete(d.byAccount, strings.ToLower(h.v[0]))
		}
	}
	if v := o.get(d.at.account); len(v) > 0 {
		d.byAccount[strings.ToLower(v[0])] = o
	}
}

// remove deletes an object, and with tree everything below it.
func (d *directory) remove(o *object, tree bool) *refusal {
	if o.head != nil || len(o.get(d.at.critical)) > 0 {
		return refuse(unwilling, "00002015: UpdErr: DSID-031A0F5F, problem 6003 (CANT_ON_SYSTEM_OBJECT), data 0")
	}
	if len(o.order) > 0 && !tree {
		return refuse(notAllowedNonLeaf, "00002015: UpdErr: DSID-031A1170, problem 6003 (CANT_ON_NON_LEAF), data 0")
	}
	for _, child := range slices.Clone(o.order) {
		if r := d.remove(child, true); r != nil {
			return r
		}
	}
	if d.flavor == OpenLDAP {
		d.erase(o)
		d.usn++
	} else {
		d.makeTombstone(o)
	}
	return nil
}

// erase removes an object for good, without recording a change.
func (d *directory) erase(o *object) {
	d.detach(o)
	o.unlink()
	delete(d.byGUID, o.guid)
	if v := o.get(d.at.sid); len(v) > 0 {
		delete(d.bySID, v[0])
	}
	if v := o.get(d.at.account); len(v) > 0 && d.byAccount[lower(v[0])] == o {
		delete(d.byAccount, lower(v[0]))
	}
	o.gone = true
}

// move renames an object, moves it below another parent, or both. Everything below moves along, and
// links to it stay.
func (d *directory) move(o *object, name rdn, parent *object) *refusal {
	switch {
	case o.head != nil:
		return refuse(unwilling, "0000208D: UpdErr: DSID-031A0F5F, problem 5003 (WILL_NOT_PERFORM), data 0")
	case parent.within(o):
		return refuse(unwilling, "0000206B: UpdErr: DSID-031B0D4A, problem 5003 (WILL_NOT_PERFORM), data 0: below itself")
	case !strings.EqualFold(name.attr, o.rdn.attr):
		return refuse(namingViolation,
			"0000209B: NameErr: DSID-031B0AF6, problem 2005 (NAMING_VIOLATION), data 0, best match of:\n\t'%s'\n", o.dn())
	}
	if other := parent.children[name.key()]; other != nil && other != o {
		return refuse(entryExists, "00002071: UpdErr: DSID-031B0C8F, problem 6005 (ENTRY_EXISTS), data 0")
	}
	if o.rdn == name && o.parent == parent {
		return nil
	}
	d.detach(o)
	o.rdn = name
	d.attach(o, parent)
	d.touch(o, d.at.name)
	return nil
}
