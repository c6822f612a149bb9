package ldap

import (
	"context"
	"errors"
	"slices"
	"strings"

	"dirbridge/sync/identity"
)

// Partitions lists the naming contexts that may have people, for the operator to choose from: not
// those of configuration, schema, changelog and DNS. The options for partition, base DNs and scope
// do not matter, so it works before they are right.
func (s *Source) Partitions(ctx context.Context) (names []string, err error) {
	defer s.secrets.In(&err)
	o := s.opt
	o.Partition, o.BaseDNs, o.ExcludeDNs, o.MemberOf, o.GroupTypes = "", nil, nil, nil, ""
	o.Secrets = s.secrets
	plain, err := New(o)
	if err != nil {
		return nil, err
	}
	defer plain.Close()
	var all []string
	err = plain.with(ctx, func(c *session) error { all = c.dir.partitions; return nil })
	var several *noPartitionError
	if errors.As(err, &several) {
		return several.partitions, nil
	}
	return all, err
}

// noPartitionError is the error of a server with several partitions and no default.
type noPartitionError struct{ partitions []string }

func (e *noPartitionError) Error() string {
	return "the server has several partitions: " + strings.Join(e.partitions, "; ")
}

// partitions lists the naming contexts that may have people.
func partitions(root rootDSE) []string {
	var all []string
	for _, nc := range root["namingcontexts"] {
		dn, err := identity.CanonicalDN(nc)
		folded := identity.FoldDN(dn)
		if err != nil || dn == "" || strings.HasPrefix(folded, "dc=domaindnszones,") ||
			strings.HasPrefix(folded, "dc=forestdnszones,") {
			continue
		}
		if slices.ContainsFunc([]string{"configurationNamingContext", "schemaNamingContext", "changeLog"},
			func(of string) bool {
				not := identity.FoldDN(identity.DisplayDN(root.first(of)))
				return not != "" && identity.UnderDN(folded, not)
			}) {
			continue
		}
		all = append(all, dn)
	}
	return all
}
