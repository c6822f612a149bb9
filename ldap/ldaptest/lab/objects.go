package lab

import (
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
)

// Object is one object of the directory, read with the LDAP library alone.
type Object struct {
	DN    string
	GUID  string // canonical; see Directory.GUID
	Attrs map[string][]string
}

// First is the first value of the attribute, or "".
func (o Object) First(attribute string) string {
	if v := o.Attrs[attribute]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// Objects reads the objects below Base that match the filter, with the given attributes, spelled as
// the server spells them.
func (d *Directory) Objects(t testing.TB, filter string, attributes ...string) []Object {
	t.Helper()
	var out []Object
	for _, e := range d.search(t, d.Base, ldap.ScopeWholeSubtree, filter,
		append([]string{"objectGUID", "nsUniqueId", "entryUUID"}, attributes...)...) {
		o := Object{DN: e.DN, GUID: guidOf(e), Attrs: map[string][]string{}}
		for _, a := range e.Attributes {
			o.Attrs[a.Name] = a.Values
		}
		out = append(out, o)
	}
	return out
}

// Same is a form of the DN that is equal for all its spellings: servers differ in what they escape,
// and how, even within one answer.
func Same(t testing.TB, dn string) string {
	t.Helper()
	parsed, err := ldap.ParseDN(dn)
	if err != nil {
		t.Fatalf("lab: %q is no DN: %v", dn, err)
	}
	return strings.ToLower(parsed.String())
}

// AddReferral creates an object that represents entries on another server (RFC 3296). Only OpenLDAP
// has them.
func (d *Directory) AddReferral(t testing.TB, parent, name, url string) (dn string) {
	t.Helper()
	dn = "cn=" + escape(name) + "," + parent
	request := ldap.NewAddRequest(dn, nil)
	request.Attribute("objectClass", []string{"referral", "extensibleObject"})
	request.Attribute("cn", []string{name})
	request.Attribute("ref", []string{url})
	if err := d.dial(t).Add(request); err != nil {
		t.Fatalf("lab: add %s: %v", dn, err)
	}
	return dn
}
