package ldaptest

import (
	"slices"
	"strings"
)

// tombstone is what a deleted object needs for its restoration.
type tombstone struct {
	parent  *object // lastKnownParent; it may be deleted too
	name    string  // the RDN's value
	forward []linked
	back    []linked
	removed []held // objectCategory and sAMAccountType: removed in every case
}

// binRDN names the container of the deleted objects of a naming context.
var binRDN = rdn{"CN", "Deleted Objects"}

// maxMangled is the length of a name that is kept before the mark of a deleted object.
const maxMangled = 75

// makeTombstone turns an object into a tombstone, or with the recycle bin into a deleted-object (MS-ADTS
// sections 3.1.1.5.5.6.1 and 3.1.1.5.5.6.2). Its links are removed without a change to the objects
// at their other end.
func (d *directory) makeTombstone(o *object) {
	p, bin := o.remember(), d.bins[o.top()]
	g := &tombstone{parent: o.parent, name: o.rdn.value}
	p.tombstone = g
	if v := o.get(d.at.account); len(v) > 0 {
		delete(d.byAccount, lower(v[0]))
	}
	d.detach(o)
	o.rdn.value = mangled(o.rdn.value, o.guid)
	o.deleted = true
	d.attach(o, bin)
	if d.recycleBin {
		g.forward, g.back = slices.Clone(o.forward), slices.Clone(o.back)
		for i := range g.forward {
			g.forward[i].to = slices.Clone(g.forward[i].to)
		}
		for i := range g.back {
			g.back[i].to = slices.Clone(g.back[i].to)
		}
	}
	o.unlink()
	changed := []*attribute{d.at.name, d.at.isDeleted, d.at.lastKnownParent}
	for _, a := range []*attribute{d.at.objectCategory, d.at.accountType} {
		if v := o.get(a); len(v) > 0 {
			g.removed = append(g.removed, held{a, v})
			o.set(a)
			changed = append(changed, a)
		}
	}
	if d.recycleBin {
		o.set(d.at.lastKnownRDN, g.name)
		changed = append(changed, d.at.lastKnownRDN)
	} else {
		changed = append(changed, d.strip(o)...)
	}
	o.set(d.at.isDeleted, "TRUE")
	d.touch(o, changed...)
}

// strip removes what a tombstone does not keep.
func (d *directory) strip(o *object) (changed []*attribute) {
	kept := []*attribute{d.at.objectClass, d.at.instanceType, d.at.sid, d.at.account, d.at.uac, d.at.groupType,
		d.at.isDeleted,
		d.at.lastKnownRDN, d.schema.must("dNSHostName"), d.schema.must("legacyExchangeDN"), d.schema.must("sIDHistory"),
		d.schema.must("systemFlags"), d.schema.must("nCName")}
	o.values = slices.DeleteFunc(slices.Clone(o.values), func(h held) bool {
		if slices.Contains(kept, h.attr) {
			return false
		}
		changed = append(changed, h.attr)
		return true
	})
	return changed
}

// unlink removes every link, at both ends.
func (o *object) unlink() {
	for _, l := range slices.Clone(o.forward) {
		for _, t := range slices.Clone(l.to) {
			o.part(l.attr, t)
		}
	}
	for _, l := range slices.Clone(o.back) {
		for _, from := range slices.Clone(l.to) {
			from.part(l.attr.link, o)
		}
	}
}

// mangled is the name of a deleted object (MS-ADTS section 3.1.1.5.5).
func mangled(name string, id guid) string {
	if r := []rune(name); len(r) > maxMangled {
		name = string(r[:maxMangled])
	}
	return name + "\nDEL:" + id.String()
}

// alive reports whether the object is in the tree, deleted or not.
func (o *object) alive() bool { return o != nil && !o.gone }

// top returns the head of the naming context.
func (o *object) top() *object {
	for o.head == nil {
		o = o.parent
	}
	return o
}

// visibility is how many deleted objects a search can see.
type visibility int8

const (
	living   visibility = iota
	deleted             // control 1.2.840.113556.1.4.417
	recycled            // control 1.2.840.113556.1.4.2064: recycled ones too
)

// visibility follows from the controls.
func (a requestControls) visibility() visibility {
	switch {
	case a.has(controlShowRecycled):
		return recycled
	case a.has(controlShowDeleted):
		return deleted
	}
	return living
}

// visibility is that of a write: an account that may not read deleted objects sees none.
func (c *conn) visibility(controls requestControls) visibility {
	if !c.rights().ReadDeleted {
		return living
	}
	return controls.visibility()
}

// sees reports whether the object is visible.
func (s visibility) sees(d *directory, o *object) bool {
	return !o.gone && (!o.deleted || s == recycled || s == deleted && (!d.recycleBin || len(o.get(d.at.isRecycled)) == 0))
}

// sees reports whether the search may find the object: without the right to read deleted objects,
// only their container is visible.
func (w *runningSearch) sees(d *directory, o *object) bool {
	return w.visibility.sees(d, o) && (!o.deleted || w.rights.ReadDeleted || o.isBin()) && !d.hides(o, w.rights)
}

// lookupVisible is lookup with deleted objects.
func (d *directory) lookupVisible(dn string, s visibility) (*object, *refusal) {
	o, r := d.locate(dn)
	if r == nil && !s.sees(d, o) {
		return nil, d.absent(dn, o)
	}
	return o, r
}

// absent reports that there is no object, although a deleted one exists.
func (d *directory) absent(dn string, o *object) *refusal {
	matched := ""
	if !strings.HasPrefix(dn, "<") {
		matched = o.top().dn()
	}
	return &refusal{code: noSuchObject, matched: matched,
		text: "0000208D: NameErr: DSID-0310028D, problem 2001 (NO_OBJECT), data 0, best match of:\n\t'" + matched + "'\n"}
}

// withDeletedObjects adds the deleted objects in scope to the others.
func (d *directory) withDeletedObjects(candidates []*object, base *object, scope int64) []*object {
	if scope == scopeBase {
		return candidates
	}
	list := slices.DeleteFunc(slices.Clone(candidates), func(o *object) bool { return o.deleted })
	bin := d.bins[base.top()]
	if bin == nil {
		return list
	}
	for _, o := range append([]*object{bin}, bin.order...) {
		if inScope(o, base, scope) {
			list = append(list, o)
		}
	}
	return list
}

// isBin reports whether the object is a container of deleted objects.
func (o *object) isBin() bool { return o.deleted && o.parent.head != nil }

// wellKnownObject finds containers by their fixed identifiers (MS-ADTS section 6.1.1.4).
func (d *directory) wellKnownObject(value string) *object {
	id, dn, _ := strings.Cut(value, ",")
	parts, err := parseDN(dn)
	head, _ := d.find(parts)
	if err != nil || head == nil {
		return nil
	}
	switch strings.ToUpper(id) {
	case "18E2EA80684F11D2B9AA00C04F79F805":
		return d.bins[head]
	case "A9D1CA15768811D1ADED00C04FD8D5CD":
		return head.children[rdn{"CN", "Users"}.key()]
	case "AA312825768811D1ADED00C04FD8D5CD":
		return head.children[rdn{"CN", "Computers"}.key()]
	}
	return nil
}

// plantBin creates the container for the deleted objects of a naming context.
func (d *directory) plantBin(head *object) {
	c := d.classes["container"]
	bin := &object{rdn: binRDN, class: c, guid: guidOf("bin", head.dn()), deleted: true}
	bin.values = []held{{d.at.objectClass, c.chain}, {d.at.instanceType, []string{"4"}},
		{d.at.isDeleted, []string{"TRUE"}},
		{d.at.objectCategory, []string{d.categoryDN(c)}}, {d.at.critical, []string{"TRUE"}}}
	bin.parent = head
	if head.children == nil {
		head.children = map[string]*object{}
	}
	// Not in head.order: walks of the tree must not reach it.
	head.children[bin.rdn.key()] = bin
	d.bins[head] = bin
	d.byGUID[bin.guid] = bin
	d.touch(bin)
}

// undelete restores an object below parent and with the given name (MS-ADTS section 3.1.1.5.3.7).
// Its links are restored if the other end exists.
func (d *directory) undelete(o *object, name rdn, parent *object) *refusal {
	g := o.history.tombstone
	switch {
	case g == nil || len(o.get(d.at.isRecycled)) > 0:
		return refuse(unwilling,
			"0000207D: UpdErr: DSID-031A11D5, problem 5003 (WILL_NOT_PERFORM), data 0: the object cannot be restored")
	case !parent.alive() || parent.deleted:
		return refuse(noSuchObject,
			"0000208D: NameErr: DSID-031A11D5, problem 2001 (NO_OBJECT), data 0: the parent is deleted")
	case name.attr != o.rdn.attr:
		return refuse(namingViolation,
			"0000209B: NameErr: DSID-031B0AF6, problem 2005 (NAMING_VIOLATION), data 0, best match of:\n\t'%s'\n", o.dn())
	case parent.children[name.key()] != nil:
		return refuse(entryExists, "00002071: UpdErr: DSID-031B0C8F, problem 6005 (ENTRY_EXISTS), data 0")
	}
	account := o.get(d.at.account)
	if len(account) > 0 && d.byAccount[lower(account[0])] != nil {
		return refuse(entryExists, "00000524: UpdErr: DSID-031A11E2, problem 6005 (ENTRY_EXISTS), data 0: sAMAccountName %s",
			account[0])
	}
	d.detach(o)
	o.rdn, o.deleted = name, false
	d.attach(o, parent)
	if len(account) > 0 {
		d.byAccount[lower(account[0])] = o
	}
	changed := []*attribute{d.at.name, d.at.isDeleted}
	for _, h := range g.removed {
		o.set(h.attr, h.v...)
		changed = append(changed, h.attr)
	}
	if len(o.get(d.at.lastKnownRDN)) > 0 {
		o.set(d.at.lastKnownRDN)
		changed = append(changed, d.at.lastKnownRDN)
	}
	o.set(d.at.isDeleted)
	d.relink(o, g)
	o.history.tombstone = nil
	d.touch(o, append(changed, d.at.lastKnownParent)...)
	return nil
}

// relink restores the links in the grave. If the other end is still deleted, the link moves to that
// object's grave.
func (d *directory) relink(o *object, g *tombstone) {
	for _, l := range g.forward {
		for _, t := range l.to {
			switch {
			case t.gone || o.hasLink(l.attr, t):
			case !t.deleted:
				o.join(l.attr, t)
			case t.history.tombstone != nil:
				t.history.tombstone.back = addEnd(t.history.tombstone.back, l.attr.link, o)
			}
		}
	}
	for _, l := range g.back {
		for _, from := range l.to {
			switch {
			case from.gone || from.hasLink(l.attr.link, o):
			case !from.deleted:
				from.join(l.attr.link, o)
			case from.history.tombstone != nil:
				from.history.tombstone.forward = addEnd(from.history.tombstone.forward, l.attr.link, o)
			}
		}
	}
}

// reanimate is the modification that restores a deleted object: it removes isDeleted and replaces
// distinguishedName, possibly with other changes.
func (d *directory) reanimate(o *object, changes []change, permissive bool) *refusal {
	target, lives := "", false
	var rest []change
	for _, c := range changes {
		switch {
		case strings.EqualFold(c.attr, "isDeleted") && (c.op == changeDelete || c.op == changeReplace && len(c.values) == 0):
			lives = true
		case strings.EqualFold(c.attr, "distinguishedName") && c.op == changeReplace && len(c.values) == 1:
			target = c.values[0]
		default:
			rest = append(rest, c)
		}
	}
	parts, err := parseDN(target)
	switch {
	case !lives || target == "":
		return refuse(unwilling, "0000207D: UpdErr: DSID-031A11D5, problem 5003 (WILL_NOT_PERFORM), data 0: a deleted object")
	case err != nil || len(parts) < 2:
		return refuse(invalidDN,
			"0000208F: NameErr: DSID-03100225, problem 2006 (BAD_NAME), data 8350, best match of:\n\t'%s'\n", target)
	}
	parent, r := d.lookup(formatDN(parts[1:]))
	if r != nil {
		return r
	}
	if r := d.undelete(o, parts[0], parent); r != nil {
		return r
	}
	return d.modify(o, rest, permissive)
}
