package read

import (
	"context"
	"strings"

	"dirbridge/sync/identity"
	"dirbridge/sync/stage"
)

// A member from another forest is in a group as a foreign security principal: an object of the
// group's own domain that has only the security identifier of the member, which is its name
// (MS-ADTS section 6.1.1.4.10).

const foreignPrincipals = "cn=foreignsecurityprincipals,"

// ForeignSID returns the security identifier that the folded DN of such an object names, "" for any
// other DN.
func ForeignSID(dnf string) string {
	rdn, parent := identity.SplitDN(dnf)
	sid, isName := strings.CutPrefix(rdn, "cn=s-1-")
	if !isName || !strings.HasPrefix(parent, foreignPrincipals) {
		return ""
	}
	return "S-1-" + sid
}

// ForeignDNs returns the folded DNs that a person may have in the groups of the other directories.
func ForeignDNs(d *stage.Draft, a identity.Anchor, sid string) []string {
	if sid == "" {
		return nil
	}
	var dns []string
	for _, dir := range d.Header.Directories {
		if dir.Name != a.Directory() && dir.BaseDN != "" {
			dns = append(dns, identity.Fold("CN="+sid+","+foreignPrincipals+dir.BaseDN))
		}
	}
	return dns
}

// ResolveForeign finds the people of other forests in a table of memberships.
func ResolveForeign(ctx context.Context, d *stage.Draft, table, anchor, dn string) error {
	met := map[string]string{} // SIDs by DN
	query := `SELECT DISTINCT ` + dn + ` FROM ` + table + ` WHERE ` + anchor + `='' AND ` + dn + ` LIKE 'cn=s-1-%,` + foreignPrincipals + `%'`
	err := d.Work.Each(ctx, query, func(scan func(...any) error) error {
		var dnf string
		err := scan(&dnf)
		if sid := ForeignSID(dnf); sid != "" {
			met[dnf] = sid
		}
		return err
	})
	if err != nil || len(met) == 0 {
		return err
	}
	if err := d.Work.Exec(ctx, `CREATE INDEX IF NOT EXISTS src_sid ON entry(sid)`); err != nil {
		return err
	}
	update := `UPDATE OR REPLACE ` + table + ` SET ` + anchor + `=(SELECT min(x.anchor) FROM entry x WHERE x.sid=?1)
		WHERE ` + anchor + `='' AND ` + dn + `=?2 AND EXISTS(SELECT 1 FROM entry x WHERE x.sid=?1)`
	for dnf, sid := range met {
		if err := d.Work.Exec(ctx, update, sid, dnf); err != nil {
			return err
		}
	}
	return nil
}
