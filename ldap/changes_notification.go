package ldap

import (
	"strings"

	"dirbridge/sync/identity"
)

// notificationMaker makes change notifications from the entries of one naming context.
type notificationMaker struct {
	source      *Source
	dir         *directory
	root        string        // folded
	kind        identity.Kind // of all entries; "" if objectClass decides
	membersTold bool          // the server reports which members were added and removed
}

// notification converts an entry. ok is false if the object is not synchronized, or belongs to a nested
// naming context, of which only the head is visible here.
func (m *notificationMaker) notification(raw *rawEntry) (t identity.ChangeNotification, ok bool) {
	t.DN = identity.DisplayDN(plainPart(string(raw.dn)))
	folded := identity.FoldDN(t.DN)
	guid, _, problem := m.dir.guidOf(raw)
	if problem != "" || folded == deletedObjects(m.root) || m.dir.foreign(folded, m.root) {
		return t, false
	}
	t.Anchor = m.source.anchor(guid)
	t.Kind = m.kind
	withMembers, made, placed := m.membersTold, false, false
	l := &memberships{source: m.source, dir: m.dir}
	for i := range raw.attrs {
		a := &raw.attrs[i]
		name, _, _ := strings.Cut(string(a.name), ";")
		switch strings.ToLower(name) {
		case "objectclass":
			made = true
			if m.kind != "" {
				continue
			}
			if t.Kind, ok = kindOf(a.values); !ok {
				return t, false
			}
		case "isdeleted":
			t.Deleted = len(a.values) == 1 && strings.EqualFold(string(a.values[0]), "TRUE")
			placed = placed || !t.Deleted
		case "parentguid":
			placed = true
		case "member":
			removed, incremental := memberChange(string(a.name))
			if !incremental {
				withMembers = false
				continue
			}
			for _, v := range a.values {
				t.Members = append(t.Members, identity.MemberChange{To: l.ref(string(v)), Removed: removed})
			}
		}
	}
	// A recycled object comes without isDeleted, because that did not change.
	t.Deleted = t.Deleted || deletedDN(t.DN, guid)
	// A restored object looks like a moved one, and its links, which are restored too, are not
	// reported.
	t.MembersTold = withMembers && (made || !placed) && !t.Deleted && t.Kind == identity.Group
	if !t.MembersTold {
		t.Members = nil
	}
	return t, true
}

// memberChange reads the option by which DirSync marks added (1-1) and removed (0-0) members
// (MS-ADTS section 3.1.1.3.4.1.3). incremental is false for a list of all members.
func memberChange(description string) (removed, incremental bool) {
	_, option, _ := strings.Cut(description, ";")
	switch strings.ToLower(option) {
	case "range=0-0":
		return true, true
	case "range=1-1":
		return false, true
	}
	return false, false
}

// kindOf returns the kind of an object by its classes; rooms are users. ok is false if the object
// is not synchronized.
func kindOf(classes [][]byte) (k identity.Kind, ok bool) {
	for _, class := range classes {
		switch strings.ToLower(string(class)) {
		case "computer":
			return "", false
		case "group":
			return identity.Group, true
		case "contact":
			return identity.Contact, true
		case "user", "person", "inetorgperson", "userproxy", "userproxyfull":
			k = identity.User // unless it is a computer or a contact
		case "organizationalunit", "container", "builtindomain", "domain", "domaindns", "dcobject", "organization",
			"lostandfound", "locality", "country":
			if k == "" {
				k = identity.Unit
			}
		}
	}
	return k, k != ""
}

// deletedObjects is the container of the deleted objects of the naming context, folded.
func deletedObjects(root string) string { return "cn=deleted objects," + identity.FoldDN(root) }

// deletedDN reports whether dn is the DN that the object with this GUID gets by deletion: its name,
// a line feed, DEL: and its GUID (MS-ADTS section 3.1.1.5.5.1.1). An administrator can give any
// object such a name, but not with its own GUID by accident.
func deletedDN(dn, guid string) bool {
	rdns, err := identity.ParseDN(dn)
	if err != nil || len(rdns) == 0 || len(rdns[0]) == 0 {
		return false
	}
	const mark = "\ndel:"
	v := strings.ToLower(rdns[0][0].Value)
	return guid != "" && strings.HasSuffix(v, mark+strings.ToLower(guid))
}
