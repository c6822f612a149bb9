package ldap

import (
	"encoding/hex"
	"strings"

	"dirbridge/sync/identity"
)

// anchorAttributes lists the attributes that identify an object, the most important first:
// objectGUID if the object has one, else the attribute of RFC 4530 or of 389 Directory Server.
func (d *directory) anchorAttributes() []string {
	switch {
	case d.ad():
		return []string{"objectGUID"}
	case d.product == openLDAP:
		return []string{"objectGUID", "entryUUID"}
	case d.product == server389:
		// Not entryUUID, which depends on a plug-in.
		return []string{"objectGUID", "nsUniqueId"}
	}
	return []string{"objectGUID", "entryUUID", "nsUniqueId"}
}

// guidOf returns the canonical GUID of an entry, or a message that says why it has none.
func (d *directory) guidOf(e *rawEntry) (guid, attribute, problem string) {
	names := d.anchorAttributes()
	for _, name := range names {
		for i := range e.attrs {
			if len(e.attrs[i].name) != len(name) || !strings.EqualFold(string(e.attrs[i].name), name) ||
				len(e.attrs[i].values) == 0 {
				continue
			}
			v := e.attrs[i].values[0]
			guid, err := anchorText(name, v)
			if err != nil {
				return "", name, err.Error()
			}
			return guid, name, ""
		}
	}
	return "", names[len(names)-1], "is missing, without which the entry cannot be told from others"
}

func anchorText(name string, v []byte) (string, error) {
	if name == "objectGUID" && len(v) != 36 {
		return guidText(v)
	}
	b, ok := parseUUID(string(v))
	if !ok {
		return guidText(v)
	}
	return dashed(b), nil
}

// anchorFilter is a filter for the objects with these canonical GUIDs.
func (d *directory) anchorFilter(guids []string) string {
	var f strings.Builder
	f.WriteString("(|")
	for _, g := range guids {
		raw, ok := guidBytes(g)
		if !ok {
			continue
		}
		for _, name := range d.anchorAttributes() {
			f.WriteString("(" + name + "=")
			switch name {
			case "objectGUID":
				for _, b := range raw {
					f.WriteString("\\" + hex.EncodeToString([]byte{b}))
				}
			case "nsUniqueId":
				h := strings.ReplaceAll(g, "-", "")
				f.WriteString(h[:8] + "-" + h[8:16] + "-" + h[16:24] + "-" + h[24:])
			default:
				f.WriteString(g)
			}
			f.WriteString(")")
		}
	}
	f.WriteString(")")
	return f.String()
}

func (s *Source) anchor(guid string) identity.Anchor {
	if guid == "" {
		return ""
	}
	return identity.NewAnchor(s.opt.Name, guid)
}
