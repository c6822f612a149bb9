package read

import (
	"context"
	"strings"

	"dirbridge/sync/identity"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
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
func ResolveForeign(ctx context.Context, d *stage.Draft, of workdb.Memberships) error {
	met := map[string]string{} // SIDs by DN
	err := d.Work.EachForeignDN(ctx, of, foreignPrincipals, func(dn string) error {
		if sid := ForeignSID(dn); sid != "" {
			met[dn] = sid
		}
		return nil
	})
	if err != nil || len(met) == 0 {
		return err
	}
	if err := d.Work.IndexSIDs(ctx); err != nil {
		return err
	}
	for dn, sid := range met {
		if err := d.Work.NameForeign(ctx, of, sid, dn); err != nil {
			return err
		}
	}
	return nil
}
