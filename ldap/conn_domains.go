package ldap

import (
	"context"
	"net"
	"slices"
	"strings"
)

// Domain is an Active Directory domain as DNS knows it.
type Domain struct {
	Name        string
	Controllers []string // their hosts, in the order in which they would be tried
}

// FindDomains looks which of the names, and of those above each, are Active Directory
// domains: DNS names their controllers (MS-ADTS section 6.3.6.1). The order stays, a
// domain comes once. The error is the last one of DNS, where no domain was found.
func FindDomains(ctx context.Context, r Resolver, names []string) ([]Domain, error) {
	if r == nil {
		r = net.DefaultResolver
	}
	var found []Domain
	var failed error
	for _, name := range above(names) {
		records, err := controllers(ctx, r, "dc._msdcs."+name)
		if ctx.Err() != nil {
			return found, ctx.Err()
		}
		if err != nil {
			failed = err
			continue
		}
		d := Domain{Name: name}
		for _, c := range records {
			if host := strings.ToLower(strings.TrimSuffix(c.Target, ".")); !slices.Contains(d.Controllers, host) {
				d.Controllers = append(d.Controllers, host)
			}
		}
		if len(d.Controllers) > 0 {
			found = append(found, d)
		}
	}
	if len(found) > 0 {
		failed = nil
	}
	return found, failed
}

// above are the names, each followed by those above it that may be domains; each once.
func above(names []string) (all []string) {
	for _, name := range names {
		name = strings.ToLower(strings.Trim(name, ". "))
		for strings.Contains(name, ".") && net.ParseIP(name) == nil {
			valid := !slices.ContainsFunc(strings.Split(name, "."), func(label string) bool { return !siteName(label) })
			if valid && !slices.Contains(all, name) {
				all = append(all, name)
			}
			_, name, _ = strings.Cut(name, ".")
		}
	}
	return all
}
