package ldaptest

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// refusal is an LDAP result other than success.
type refusal struct {
	code    int64
	matched string // the part of the DN that exists
	text    string
	refer   []string
}

func (r *refusal) Error() string { return fmt.Sprintf("LDAP result %d: %s", r.code, r.text) }

// Result codes (RFC 4511 appendix A).
const (
	operationsError    = 1
	protocolError      = 2
	timeLimitExceeded  = 3
	sizeLimitExceeded  = 4
	compareFalse       = 5
	compareTrue        = 6
	authNotSupported   = 7
	referral           = 10
	adminLimitExceeded = 11
	unavailableControl = 12
	noSuchAttribute    = 16
	undefinedAttribute = 17
	constraint         = 19
	valueExists        = 20
	invalidSyntax      = 21
	noSuchObject       = 32
	invalidDN          = 34
	invalidCredentials = 49
	insufficientRights = 50
	busy               = 51
	unavailable        = 52
	unwilling          = 53
	namingViolation    = 64
	classViolation     = 65
	notAllowedNonLeaf  = 66
	notAllowedOnRDN    = 67
	entryExists        = 68
	otherError         = 80
)

func refuse(code int64, format string, args ...any) *refusal {
	return &refusal{code: code, text: fmt.Sprintf(format, args...)}
}

// change is one modification of an attribute (RFC 4511 section 4.6).
type change struct {
	op     int // changeAdd, changeDelete, changeReplace
	attr   string
	values []string
}

const (
	changeAdd     = 0
	changeDelete  = 1
	changeReplace = 2
)

// lookup finds an object, or explains its absence as Active Directory does. Deleted objects are not
// found.
func (d *directory) lookup(dn string) (*object, *refusal) { return d.lookupVisible(dn, living) }

// locate finds an object, deleted or not.
func (d *directory) locate(dn string) (*object, *refusal) {
	if strings.HasPrefix(dn, "<") {
		return d.lookupID(dn)
	}
	parts, err := parseDN(dn)
	if err != nil {
		return nil,
			refuse(invalidDN, "0000208F: NameErr: DSID-03100231, problem 2006 (BAD_NAME), data 8350, best match of:\n\t'%s'\n",
				dn)
	}
	o, best := d.find(parts)
	switch {
	case o != nil:
		return o, nil
	case best != nil:
		matched := best.dn()
		return nil, &refusal{code: noSuchObject, matched: matched,
			text: fmt.Sprintf("0000208D: NameErr: DSID-0310028D, problem 2001 (NO_OBJECT), data 0, best match of:\n\t'%s'\n",
				matched)}
	}
	return nil, d.outside(parts)
}

// outside refers to another directory, as Windows does for a DN outside its naming contexts.
func (d *directory) outside(parts []rdn) *refusal {
	var labels []string
	for _, p := range parts {
		if p.attr == "DC" {
			labels = append(labels, p.value)
		}
	}
	if d.flavor == OpenLDAP || len(labels) == 0 {
		return refuse(noSuchObject,
			"0000208D: NameErr: DSID-0310028D, problem 2001 (NO_OBJECT), data 0, best match of:\n\t''\n")
	}
	host := strings.Join(labels, ".")
	return &refusal{code: referral, text: "0000202B: RefErr: DSID-03100835, data 0, 1 access points\n\tref 1: '" +
		host + "'\n",
		refer: []string{ldapURL("ldap://", host, parts)}}
}

// ldapURL is the URL of an entry on a host (RFC 4516).
func ldapURL(scheme, host string, dn []rdn) string {
	return scheme + host + (&url.URL{Path: "/" + formatDN(dn)}).EscapedPath()
}

// lookupID finds an object by <GUID=...>, <SID=...> or <WKGUID=...,DN>.
func (d *directory) lookupID(dn string) (*object, *refusal) {
	form, value, _ := strings.Cut(strings.Trim(dn, "<>"), "=")
	var o *object
	switch strings.ToUpper(form) {
	case "GUID":
		if g, ok := parseGUID(value); ok {
			o = d.byGUID[g]
		}
	case "WKGUID":
		o = d.wellKnownObject(value)
	case "SID":
		sid, ok := parseSID(value)
		if !ok {
			sid = unhex(value)
		}
		o = d.bySID[sid]
	}
	if o == nil {
		return nil,
			refuse(noSuchObject, "0000208D: NameErr: DSID-0310028D, problem 2001 (NO_OBJECT), data 0, best match of:\n\t''\n")
	}
	return o, nil
}

// check refuses attributes that do not exist or that clients may not write.
func (d *directory) check(name string, values []string) (*attribute, *refusal) {
	a := d.schema.find(name)
	if a == nil {
		return nil,
			refuse(noSuchAttribute,
				"00000057: LdapErr: DSID-0C090D8A, comment: Error in attribute conversion operation (%s), data 0, v1db1", name)
	}
	if a.readOnly || a.back {
		return nil,
			refuse(constraint,
				"0000209A: AtrErr: DSID-03152D83, #1: problem 1005 (CONSTRAINT_ATT_TYPE), data 0, Att %s is kept by the server",
				a.name)
	}
	if a.single && len(values) > 1 {
		return nil,
			refuse(constraint,
				"00002081: AtrErr: DSID-03151907, #1: problem 1005 (CONSTRAINT_ATT_TYPE), data 0, Att %s has one value", a.name)
	}
	for _, v := range values {
		if v == "" || !a.valid(v) {
			return nil,
				refuse(invalidSyntax,
					"00000057: LdapErr: DSID-0C091027, comment: Error in attribute conversion operation, data 0, v1db1: %s", a.name)
		}
	}
	return a, nil
}

// modify applies all changes or none.
func (d *directory) modify(o *object, changes []change, permissive bool) *refusal {
	saved := o.snapshot()
	for _, c := range changes {
		if r := d.modifyOne(o, c, permissive); r != nil {
			o.restore(saved)
			return r
		}
	}
	if v := o.get(d.at.account); len(v) > 0 {
		if other := d.byAccount[lower(v[0])]; other != nil && other != o {
			o.restore(saved)
			return refuse(entryExists, "00000524: UpdErr: DSID-031A11E2, problem 6005 (ENTRY_EXISTS), data 0: sAMAccountName %s",
				v[0])
		}
	}
	d.reindex(o, saved)
	d.commit(o, saved)
	return nil
}

func (d *directory) modifyOne(o *object, c change, permissive bool) *refusal {
	a, r := d.check(c.attr, c.values)
	if r != nil {
		return r
	}
	if a == d.schema.find(o.rdn.attr) {
		return refuse(notAllowedOnRDN, "00002016: AtrErr: DSID-031A1261, #1: problem 1000 (RDN), data 0, Att %s", a.name)
	}
	if a.link != nil {
		return d.modifyLink(o, a, c, permissive)
	}
	old := o.get(a)
	switch c.op {
	case changeReplace:
		o.set(a, c.values...)
	case changeAdd:
		return d.addValues(o, a, old, c.values, permissive)
	case changeDelete:
		return d.deleteValues(o, a, old, c.values, permissive)
	default:
		return refuse(protocolError, "no such modification")
	}
	return nil
}

func (d *directory) addValues(o *object, a *attribute, old, values []string, permissive bool) *refusal {
	now := slices.Clone(old)
	for _, v := range values {
		switch {
		case !slices.ContainsFunc(now, func(w string) bool { return a.equal(v, w) }):
			now = append(now, v)
		case !permissive:
			return refuse(valueExists, "00002083: AtrErr: DSID-031519F7, #1: problem 1006 (ATT_OR_VALUE_EXISTS), data 0, Att %s",
				a.name)
		}
	}
	if a.single && len(now) > 1 {
		return refuse(constraint,
			"00002081: AtrErr: DSID-03151907, #1: problem 1005 (CONSTRAINT_ATT_TYPE), data 0, Att %s has one value", a.name)
	}
	o.set(a, now...)
	return nil
}

func (d *directory) deleteValues(o *object, a *attribute, old, values []string, permissive bool) *refusal {
	if len(values) == 0 {
		if len(old) == 0 && !permissive {
			return noValue(a)
		}
		o.set(a)
		return nil
	}
	now := slices.Clone(old)
	for _, v := range values {
		i := slices.IndexFunc(now, func(w string) bool { return a.equal(v, w) })
		switch {
		case i >= 0:
			now = slices.Delete(now, i, i+1)
		case !permissive:
			return noValue(a)
		}
	}
	o.set(a, now...)
	return nil
}

func noValue(a *attribute) *refusal {
	return refuse(noSuchAttribute,
		"00002085: AtrErr: DSID-03152D2C, #1: problem 1001 (NO_ATTRIBUTE_OR_VAL), data 0, Att %s", a.name)
}

// modifyLink resolves the DNs: a linked attribute holds objects, not names.
func (d *directory) modifyLink(o *object, a *attribute, c change, permissive bool) *refusal {
	targets := make([]*object, 0, len(c.values))
	for _, v := range c.values {
		t, r := d.lookup(v)
		if r != nil {
			return refuse(noSuchObject,
				"00000525: NameErr: DSID-031A1219, problem 2001 (NO_OBJECT), data 0, best match of:\n\t'%s'\n", v)
		}
		targets = append(targets, t)
	}
	if c.op == changeReplace || c.op == changeDelete && len(targets) == 0 {
		for _, t := range slices.Clone(o.ends(a)) {
			o.part(a, t)
		}
		if c.op == changeDelete {
			return nil
		}
	}
	for _, t := range targets {
		has := o.hasLink(a, t)
		switch {
		case c.op == changeDelete && has:
			o.part(a, t)
		case c.op == changeDelete && !permissive:
			return noValue(a)
		case c.op != changeDelete && !has:
			o.join(a, t)
		case c.op == changeAdd && !permissive:
			return refuse(entryExists, "00000562: UpdErr: DSID-031A1254, problem 6005 (ENTRY_EXISTS), data 0")
		}
	}
	if a.single && len(o.ends(a)) > 1 {
		return refuse(constraint,
			"00002081: AtrErr: DSID-03151907, #1: problem 1005 (CONSTRAINT_ATT_TYPE), data 0, Att %s has one value", a.name)
	}
	return nil
}
