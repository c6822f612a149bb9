package ldaptest

import (
	"slices"
	"strings"
)

// entry is the input for a new object.
type entry struct {
	dn    string
	attrs map[string][]string
	guid  *guid  // otherwise the next one
	sid   string // text; otherwise the next one of the domain
}

// add creates an object, fills in the attributes that the server maintains, and links it.
func (d *directory) add(e entry) (*object, *refusal) {
	parts, err := parseDN(e.dn)
	if err != nil || len(parts) < 2 {
		return nil,
			refuse(invalidDN, "0000208F: NameErr: DSID-03100225, problem 2006 (BAD_NAME), data 8350, best match of:\n\t'%s'\n",
				e.dn)
	}
	if o, _ := d.find(parts); o != nil {
		return nil, refuse(entryExists, "00002071: UpdErr: DSID-031A1190, problem 6005 (ENTRY_EXISTS), data 0")
	}
	parent, r := d.lookup(formatDN(parts[1:]))
	if r != nil {
		return nil, r
	}
	cls, r := d.classOf(e)
	if r != nil {
		return nil, r
	}
	if !d.rdnFits(cls, parts[0].attr) {
		return nil,
			refuse(namingViolation,
				"00002099: NameErr: DSID-0305109C, problem 2005 (NAMING_VIOLATION), data 0, best match of:\n\t'%s'\n",
				formatDN(parts[1:]))
	}
	o := &object{rdn: parts[0], class: cls}
	if r := d.fill(o, e); r != nil {
		return nil, r
	}
	if r := d.claim(o, e); r != nil {
		return nil, r
	}
	d.attach(o, parent)
	if r := d.linkAll(o, e); r != nil {
		d.erase(o)
		return nil, r
	}
	d.touch(o)
	return o, nil
}

func (d *directory) rdnFits(cls *class, attr string) bool {
	return attr == cls.rdn || d.flavor == OpenLDAP && (attr == "CN" || attr == "uid")
}

// classOf returns the most specific of the named classes.
func (d *directory) classOf(e entry) (*class, *refusal) {
	var best *class
	for name, values := range e.attrs {
		if !strings.EqualFold(name, "objectClass") {
			continue
		}
		for _, v := range values {
			if c := d.classes[strings.ToLower(v)]; c != nil && (best == nil || len(c.chain) > len(best.chain)) {
				best = c
			}
		}
	}
	if best == nil {
		return nil, refuse(classViolation, "0000207D: UpdErr: DSID-0315166D, problem 6002 (OBJ_CLASS_VIOLATION), data 590432")
	}
	return best, nil
}

// fill sets the given values, in the order of the schema, and the defaults.
func (d *directory) fill(o *object, e entry) *refusal {
	given := make([]held, 0, len(e.attrs))
	for name, values := range e.attrs {
		if strings.EqualFold(name, "objectClass") || len(values) == 0 {
			continue
		}
		a, r := d.check(name, values)
		if r != nil {
			return r
		}
		if a.link == nil && !strings.EqualFold(a.name, o.rdn.attr) {
			given = append(given, held{a, values})
		}
	}
	slices.SortFunc(given, func(a, b held) int { return a.attr.id - b.attr.id })
	o.values = append(o.values, held{d.at.objectClass, o.class.chain})
	o.values = append(o.values, given...)
	if d.flavor == AD {
		o.set(d.at.instanceType, "4")
		o.set(d.at.objectCategory, d.categoryDN(o.class))
		d.securityDefaults(o)
	}
	return nil
}

// securityDefaults sets what Active Directory adds to accounts and groups.
func (d *directory) securityDefaults(o *object) {
	def := func(a *attribute, v string) {
		if len(o.get(a)) == 0 {
			o.set(a, v)
		}
	}
	if d.lds {
		if o.class.name == "group" {
			def(d.at.groupType, "-2147483646")
		}
		return
	}
	switch o.class.name {
	case "user", "inetOrgPerson":
		def(d.at.account, o.rdn.value)
		def(d.at.uac, "512")
		def(d.at.accountType, "805306368")
		def(d.at.primaryGroup, "513")
	case "computer":
		def(d.at.account, strings.ToUpper(o.rdn.value)+"$")
		def(d.at.uac, "4096")
		def(d.at.accountType, "805306369")
		def(d.at.primaryGroup, "515")
	case "group":
		def(d.at.account, o.rdn.value)
		def(d.at.groupType, "-2147483646") // global security group
		def(d.at.accountType, "268435456")
	}
}

func (d *directory) hasSID(c *class) bool {
	return d.flavor == AD &&
		slices.Contains([]string{"user", "inetOrgPerson", "computer", "group", "domainDNS", "userProxy", "userProxyFull"},
			c.name)
}

// claim registers the object's identifiers, which must be unique.
func (d *directory) claim(o *object, e entry) *refusal {
	account := ""
	if v := o.get(d.at.account); len(v) > 0 {
		account = strings.ToLower(v[0])
		if d.byAccount[account] != nil {
			return refuse(entryExists, "00000524: UpdErr: DSID-031A11E2, problem 6005 (ENTRY_EXISTS), data 0: sAMAccountName %s",
				v[0])
		}
	}
	if e.guid != nil {
		o.guid = *e.guid
		if d.byGUID[o.guid] != nil {
			return refuse(entryExists, "000020E7: UpdErr: DSID-031A11E2, problem 6005 (ENTRY_EXISTS), data 0: objectGUID")
		}
	} else {
		o.guid = d.newGUID()
	}
	if d.hasSID(o.class) {
		sid, ok := parseSID(e.sid)
		if !ok {
			sid = d.newSID()
		}
		if d.bySID[sid] != nil {
			return refuse(entryExists, "000020E7: UpdErr: DSID-031A11E2, problem 6005 (ENTRY_EXISTS), data 0: objectSid")
		}
		o.set(d.at.sid, sid)
		d.bySID[sid] = o
	}
	d.byGUID[o.guid] = o
	if account != "" {
		d.byAccount[account] = o
	}
	return nil
}

func (d *directory) linkAll(o *object, e entry) *refusal {
	for name, values := range e.attrs {
		a := d.schema.find(name)
		if a == nil || a.link == nil || len(values) == 0 {
			continue
		}
		if r := d.modifyLink(o, a, change{op: changeAdd, attr: name, values: values}, false); r != nil {
			return r
		}
	}
	return nil
}

// categoryDN is the class's defaultObjectCategory.
func (d *directory) categoryDN(c *class) string {
	return "CN=" + c.category + "," + d.schemaDN()
}
