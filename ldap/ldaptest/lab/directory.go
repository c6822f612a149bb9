package lab

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"

	"dirbridge/sync/identity"
)

// Directory is a running directory server with an administrator's session: each method makes one
// change over LDAP, or fails the test. Returned DNs have the server's spelling.
type Directory struct {
	Kind     string // ad-ds or ldap: the object classes of its people
	Server   string // for display
	URL      string // ldap://
	TLSURL   string // ldaps://; "" without TLS
	Hostname string // in its certificate, besides its address
	CA       string // file; "" without one
	Base     string // the naming context
	User     string
	Password string
	// AssignGUID gives new people and groups an objectGUID, for a server that assigns none; without
	// it their entryUUID is their GUID.
	AssignGUID bool
	// Relink updates references to an object after it is renamed, moved or deleted, as Active
	// Directory does by itself.
	Relink bool

	session *session
	restart func(t testing.TB, env ...string)
}

type session struct {
	sync.Mutex
	conn *ldap.Conn
}

func newDirectory(d Directory) *Directory {
	d.session = &session{}
	return &d
}

// Editor edits a server that was started elsewhere. Kind, URL, Base, User and Password of d must be
// set.
func Editor(d Directory) *Directory { return newDirectory(d) }

func (d *Directory) dial(t testing.TB) *ldap.Conn {
	t.Helper()
	d.session.Lock()
	defer d.session.Unlock()
	if d.session.conn != nil && !d.session.conn.IsClosing() {
		return d.session.conn
	}
	conn, err := ldap.DialURL(d.URL)
	if err != nil {
		t.Fatalf("lab: %v", err)
	}
	if err := conn.Bind(d.User, d.Password); err != nil {
		t.Fatalf("lab: bind as %s: %v", d.User, err)
	}
	d.session.conn = conn
	return conn
}

// Close ends the administrator's session. The next change opens another one.
func (d *Directory) Close() {
	d.session.Lock()
	defer d.session.Unlock()
	if d.session.conn != nil {
		d.session.conn.Close()
		d.session.conn = nil
	}
}

// AddContainer creates an organizational unit.
func (d *Directory) AddContainer(t testing.TB, parent, name string) string {
	t.Helper()
	return d.add(t, "OU="+escape(name)+","+parent,
		map[string][]string{"objectClass": {"organizationalUnit"}, "ou": {name}})
}

// Scratch creates a container for the test directly below Base.
func (d *Directory) Scratch(t testing.TB) string {
	t.Helper()
	return d.AddContainer(t, d.Base, "Scratch, "+hex.EncodeToString(random(6)))
}

// AddPerson creates a person who may sign in. attrs are mail, displayName and so on; sn defaults to
// the name, and sAMAccountName to a random one.
func (d *Directory) AddPerson(t testing.TB, parent, name string, attrs map[string][]string) string {
	t.Helper()
	all := map[string][]string{
		"cn": {name}, "sn": {name}, "sAMAccountName": {account("u")},
		"userAccountControl": {strconv.Itoa(normalAccount | passwordNotRequired)},
		"objectClass":        {"top", "person", "organizationalPerson", "user"},
	}
	if d.Kind == "ldap" {
		all["objectClass"] = []string{"user"}
	}
	if d.AssignGUID {
		all["objectGUID"] = []string{newGUID()}
	}
	maps.Copy(all, attrs)
	return d.add(t, "CN="+escape(name)+","+parent, all)
}

// AddGroup creates a group without members.
func (d *Directory) AddGroup(t testing.TB, parent, name string) string {
	t.Helper()
	attrs := map[string][]string{"cn": {name}, "sAMAccountName": {account("g")}, "objectClass": {"group"}}
	if d.Kind != "ldap" {
		attrs["objectClass"] = []string{"top", "group"}
	}
	if d.AssignGUID {
		attrs["objectGUID"] = []string{newGUID()}
	}
	return d.add(t, "CN="+escape(name)+","+parent, attrs)
}

func (d *Directory) add(t testing.TB, dn string, attrs map[string][]string) string {
	t.Helper()
	request := ldap.NewAddRequest(dn, nil)
	for _, name := range slices.Sorted(maps.Keys(attrs)) {
		if len(attrs[name]) > 0 {
			request.Attribute(name, attrs[name])
		}
	}
	if err := d.dial(t).Add(request); err != nil {
		t.Fatalf("lab: add %s: %v", dn, err)
	}
	return d.spelling(t, dn)
}

// Rename gives the object another name with the same attribute type (CN, OU).
func (d *Directory) Rename(t testing.TB, dn, name string) string {
	t.Helper()
	kind, _, _ := strings.Cut(dn, "=")
	rdn := kind + "=" + escape(name)
	if err := d.dial(t).ModifyDN(ldap.NewModifyDNRequest(dn, rdn, true, "")); err != nil {
		t.Fatalf("lab: rename %s: %v", dn, err)
	}
	return d.relink(t, dn, d.spelling(t, rdn+","+Parent(dn)))
}

// Move moves the object, with everything below it, into another container.
func (d *Directory) Move(t testing.TB, dn, parent string) string {
	t.Helper()
	rdn := strings.TrimSuffix(dn, ","+Parent(dn))
	if err := d.dial(t).ModifyDN(ldap.NewModifyDNRequest(dn, rdn, true, parent)); err != nil {
		t.Fatalf("lab: move %s: %v", dn, err)
	}
	return d.relink(t, dn, d.spelling(t, rdn+","+parent))
}

// Set replaces all values of the attribute; without values it is removed.
func (d *Directory) Set(t testing.TB, dn, attribute string, values ...string) {
	t.Helper()
	request := ldap.NewModifyRequest(dn, nil)
	request.Replace(attribute, values)
	d.modify(t, request)
}

// Swap exchanges the values of an attribute between two objects.
func (d *Directory) Swap(t testing.TB, a, b, attribute string) {
	t.Helper()
	va, vb := d.Values(t, a, attribute), d.Values(t, b, attribute)
	d.Set(t, a, attribute, vb...)
	d.Set(t, b, attribute, va...)
}

// Disable sets the account-disabled bit of userAccountControl.
func (d *Directory) Disable(t testing.TB, dn string) {
	t.Helper()
	d.Set(t, dn, "userAccountControl", strconv.Itoa(d.accountControl(t, dn)|accountDisable))
}

// Enable permits the person to sign in again.
func (d *Directory) Enable(t testing.TB, dn string) {
	t.Helper()
	d.Set(t, dn, "userAccountControl", strconv.Itoa(d.accountControl(t, dn)&^accountDisable))
}

// Bits of userAccountControl (MS-ADTS 2.2.16).
const (
	accountDisable      = 0x2
	passwordNotRequired = 0x20
	normalAccount       = 0x200
)

func (d *Directory) accountControl(t testing.TB, dn string) int {
	t.Helper()
	values := d.Values(t, dn, "userAccountControl")
	if len(values) != 1 {
		t.Fatalf("lab: %s has userAccountControl %q", dn, values)
	}
	uac, err := strconv.Atoi(values[0])
	if err != nil {
		t.Fatalf("lab: %s: %v", dn, err)
	}
	return uac
}

// AddMember adds the members to the group.
func (d *Directory) AddMember(t testing.TB, group string, members ...string) {
	t.Helper()
	request := ldap.NewModifyRequest(group, nil)
	request.Add("member", members)
	d.modify(t, request)
}

// RemoveMember removes the members from the group.
func (d *Directory) RemoveMember(t testing.TB, group string, members ...string) {
	t.Helper()
	request := ldap.NewModifyRequest(group, nil)
	request.Delete("member", members)
	d.modify(t, request)
}

func (d *Directory) modify(t testing.TB, request *ldap.ModifyRequest) {
	t.Helper()
	if err := d.dial(t).Modify(request); err != nil {
		t.Fatalf("lab: modify %s: %v", request.DN, err)
	}
}

// Delete deletes the object and everything below it.
func (d *Directory) Delete(t testing.TB, dn string) {
	t.Helper()
	below := d.search(t, dn, ldap.ScopeWholeSubtree, "(objectClass=*)", "1.1")
	// the deepest first: a container must be empty
	sort.SliceStable(below, func(i, j int) bool { return depth(below[i].DN) > depth(below[j].DN) })
	for _, e := range below {
		if err := d.dial(t).Del(ldap.NewDelRequest(e.DN, nil)); err != nil {
			t.Fatalf("lab: delete %s: %v", e.DN, err)
		}
	}
	d.relink(t, dn, "")
}

// Undelete restores the object with the GUID at its former DN, if the server keeps deleted objects
// (MS-ADTS 3.1.1.5.3.7.1).
func (d *Directory) Undelete(t testing.TB, guid, dn string) {
	t.Helper()
	const showDeleted, showRecycled = "1.2.840.113556.1.4.417", "1.2.840.113556.1.4.2064"
	controls := []ldap.Control{ldap.NewControlString(showDeleted, true, ""), ldap.NewControlString(showRecycled, true, "")}
	found, err := d.dial(t).Search(ldap.NewSearchRequest("<GUID="+guid+">", ldap.ScopeBaseObject, ldap.NeverDerefAliases,
		0, 0, false,
		"(objectClass=*)", []string{"1.1"}, controls))
	if err != nil || len(found.Entries) != 1 {
		t.Fatalf("lab: the deleted object %s: %v", guid, err)
	}
	request := ldap.NewModifyRequest(found.Entries[0].DN, controls)
	request.Delete("isDeleted", nil)
	request.Replace("distinguishedName", []string{dn})
	d.modify(t, request)
}

// Values returns the values of the object's attribute.
func (d *Directory) Values(t testing.TB, dn, attribute string) []string {
	t.Helper()
	found := d.search(t, dn, ldap.ScopeBaseObject, "(objectClass=*)", attribute)
	if len(found) != 1 {
		t.Fatalf("lab: %s is not there", dn)
	}
	return found[0].GetEqualFoldAttributeValues(attribute)
}

// Find lists the DNs below Base that match the filter, in the server's order.
func (d *Directory) Find(t testing.TB, filter string) []string {
	t.Helper()
	var dns []string
	for _, e := range d.search(t, d.Base, ldap.ScopeWholeSubtree, filter, "1.1") {
		dns = append(dns, e.DN)
	}
	return dns
}

// One returns the only DN below Base that matches the filter.
func (d *Directory) One(t testing.TB, filter string) string {
	t.Helper()
	dns := d.Find(t, filter)
	if len(dns) != 1 {
		t.Fatalf("lab: %s is met by %d objects", filter, len(dns))
	}
	return dns[0]
}

// Await returns when an object matches the filter, by replication from another domain controller.
// It fails the test after two minutes.
func (d *Directory) Await(t testing.TB, filter string) {
	t.Helper()
	deadline := time.After(2 * time.Minute)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for len(d.Find(t, filter)) == 0 {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("lab: no object at %s ever met %s", d.URL, filter)
		}
	}
}

// GUID is the canonical form of the object's objectGUID, or of its nsUniqueId or entryUUID.
func (d *Directory) GUID(t testing.TB, dn string) string {
	t.Helper()
	found := d.search(t, dn, ldap.ScopeBaseObject, "(objectClass=*)", "objectGUID", "nsUniqueId", "entryUUID")
	if len(found) != 1 {
		t.Fatalf("lab: %s is not there", dn)
	}
	return guidOf(found[0])
}

func guidOf(e *ldap.Entry) string {
	b := e.GetRawAttributeValue("objectGUID")
	if h := strings.ReplaceAll(e.GetAttributeValue("nsUniqueId"), "-", ""); len(b) != 16 && len(h) == 32 {
		return strings.ToLower(h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:])
	}
	if len(b) != 16 {
		return strings.ToLower(e.GetAttributeValue("entryUUID"))
	}
	// the first three parts are little endian (MS-DTYP 2.3.4)
	return fmt.Sprintf("%x-%x-%x-%x-%x", []byte{b[3], b[2], b[1], b[0]}, []byte{b[5], b[4]}, []byte{b[7], b[6]},
		b[8:10], b[10:])
}

func (d *Directory) search(t testing.TB, base string, scope int, filter string, attributes ...string) []*ldap.Entry {
	t.Helper()
	request := ldap.NewSearchRequest(base, scope, ldap.NeverDerefAliases, 0, 0, false, filter, attributes, nil)
	found, err := d.dial(t).SearchWithPaging(request, 500)
	if err != nil {
		t.Fatalf("lab: search %s %s: %v", base, filter, err)
	}
	return found.Entries
}

func (d *Directory) spelling(t testing.TB, dn string) string {
	t.Helper()
	found := d.search(t, dn, ldap.ScopeBaseObject, "(objectClass=*)", "1.1")
	if len(found) != 1 {
		t.Fatalf("lab: %s is not there", dn)
	}
	return found[0].DN
}

// escape makes an RDN value from a name (RFC 4514). Samba requires = to be escaped too.
func escape(name string) string { return strings.ReplaceAll(ldap.EscapeDN(name), "=", `\=`) }

// Parent is the DN of the container, spelled as in dn.
func Parent(dn string) string {
	_, parent := identity.SplitDN(dn)
	return parent
}

func depth(dn string) int {
	n := 0
	for dn != "" {
		n++
		dn = Parent(dn)
	}
	return n
}

func random(n int) []byte {
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		panic(err)
	}
	return b
}

func account(prefix string) string { return prefix + hex.EncodeToString(random(6)) }

func newGUID() string { return string(random(16)) }
