package ldaptest

import (
	"fmt"
	"maps"
	"slices"
)

// traits is the immutable part of a directory.
type traits struct {
	config     []rdn // DN of the configuration
	lds        bool  // AD LDS instead of a domain controller
	readOnly   bool  // an RODC
	partitions []string
}

// traitsOf reads the options.
func traitsOf(opts Options, base []rdn) (ch traits, partitions [][]rdn, err error) {
	ch = traits{lds: opts.Flavor == ADLDS, readOnly: opts.ReadOnly}
	ch.config = append([]rdn{{"CN", "Configuration"}}, base...)
	if ch.lds {
		id := guidOf("configuration", formatDN(base))
		ch.config = []rdn{{"CN", "Configuration"}, {"CN", "{" + id.String() + "}"}}
	}
	for _, dn := range opts.Partitions {
		parts, err := parseDN(dn)
		if err != nil || len(parts) == 0 {
			return ch, nil, fmt.Errorf("partition %q: %w", dn, errDN)
		}
		ch.partitions = append(ch.partitions, dnKey(parts))
		partitions = append(partitions, parts)
	}
	return ch, partitions, nil
}

func (d *directory) schemaDN() string { return "CN=Schema," + formatDN(d.config) }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// plantPartitions creates further naming contexts: application partitions of AD LDS, or other
// domains of the forest.
func (d *directory) plantPartitions(partitions [][]rdn) {
	for _, dn := range partitions {
		d.plantHead(dn, headClass(dn[0].attr))
	}
}

// headClass is the class of a naming context's head, by its RDN attribute.
func headClass(attr string) string {
	switch attr {
	case "DC":
		return "domainDNS"
	case "O":
		return "organization"
	case "OU":
		return "organizationalUnit"
	}
	return "container"
}

// plantLDS creates the initial objects of an AD LDS instance: roles in each application partition,
// and no accounts.
func (d *directory) plantLDS(partitions [][]rdn) {
	d.plantHead(d.base, headClass(d.base[0].attr))
	d.plantPartitions(partitions)
	d.plantHead(d.config, "configuration")
	d.plantHead(append([]rdn{{"CN", "Schema"}}, d.config...), "dMD")
	for _, h := range d.heads {
		if h.class.name == "configuration" || h.class.name == "dMD" {
			continue
		}
		dn := h.dn()
		d.plantPath(dn, "CN=LostAndFound", "lostAndFound")
		d.plantPath(dn, "CN=Roles", "container")
		for _, role := range []string{"Administrators", "Readers", "Users"} {
			d.plantPath("CN=Roles,"+dn, "CN="+role, "group")
		}
	}
}

// writable refers a write to a writable domain controller.
func (c *conn) writable() *refusal {
	d := c.server.dir
	if !d.readOnly && !c.global {
		return nil
	}
	return &refusal{code: referral, text: "0000202B: RefErr: DSID-0310082F, data 0, 1 access points\n\tref 1: '" +
		d.domain + "'\n\x00",
		refer: []string{ldapURL("ldap://", d.domain, d.base)}}
}

// ldsAccount turns a person of a domain into one of AD LDS, which has neither account control nor
// account names.
func ldsAccount(attrs map[string][]string) {
	const disabled = "514"
	if v := attrs["userAccountControl"]; len(v) > 0 {
		attrs["msDS-UserAccountDisabled"] = []string{truthText(v[0] == disabled)}
	}
	delete(attrs, "userAccountControl")
	delete(attrs, "sAMAccountName")
}
