package ldap

import (
	"context"
	"net"
	"slices"
	"strings"
)

// Domain is an Active Directory domain found in DNS.
type Domain struct {
	Name        string
	Controllers []string // host names, in the order of preference
}

// FindDomains returns those of the names, and of their parent domains, that are Active Directory
// domains: DNS has records of their controllers (MS-ADTS section 6.3.6.1). The order is kept, and
// each domain comes once. If no domain is found, the error is the last one from DNS.
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

// above lists the names, each followed by its parents that may be domains; each once.
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
