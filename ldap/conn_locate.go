package ldap

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Resolver looks up names. *net.Resolver implements it.
type Resolver interface {
	LookupSRV(ctx context.Context, service, proto, name string) (cname string, records []*net.SRV, err error)
	LookupHost(ctx context.Context, host string) (addresses []string, err error)
}

// locate finds the domain controllers of the domain (MS-ADTS section 6.3.6.1), those of the site
// first. Without SRV records it returns the domain's own name, which resolves to every domain
// controller; the error then says what is wrong with DNS, if anything is.
func locate(ctx context.Context, o *Options) ([]*server, error) {
	ctx, cancel := context.WithTimeout(ctx, o.DialTimeout)
	defer cancel()
	domain := strings.TrimSuffix(o.Domain, ".")
	everywhere, err := controllers(ctx, o.Resolver, "dc._msdcs."+domain)
	site := o.Site
	if site == "" {
		site = clientSite(ctx, o.Resolver, domain, everywhere)
	}
	var near []*net.SRV
	if site != "" {
		var failed error
		if near, failed = controllers(ctx, o.Resolver, site+"._sites.dc._msdcs."+domain); len(near) > 0 {
			err = nil
		} else if err == nil {
			err = failed
		}
	}
	var out []*server
	add := func(rank int, records []*net.SRV) {
		for _, r := range records {
			at := &server{url: controllerURL(o, r), rank: rank + int(r.Priority)}
			if !slices.ContainsFunc(out, func(b *server) bool { return b.url == at.url }) {
				out = append(out, at)
			}
		}
	}
	const farther = 1 << 16 // larger than any priority
	add(0, near)
	add(farther, everywhere)
	if len(out) == 0 {
		out = []*server{{url: domainURL(o, domain)}}
	} else {
		err = nil
	}
	return out, err
}

// controllers returns the SRV records of the name, in the order in which to try them. A name
// without records is no error.
func controllers(ctx context.Context, r Resolver, name string) ([]*net.SRV, error) {
	_, records, err := r.LookupSRV(ctx, "ldap", "tcp", name+".")
	records = slices.DeleteFunc(slices.Clone(records), func(r *net.SRV) bool {
		// The target "." means that the service is not offered (RFC 2782).
		return strings.TrimSuffix(r.Target, ".") == ""
	})
	if lookup, ok := errors.AsType[*net.DNSError](err); ok && lookup.IsNotFound || len(records) > 0 {
		err = nil
	}
	if err != nil {
		return nil, retry("Check this machine's DNS, or name the domain controllers in servers.",
			"looking for the domain controllers (_ldap._tcp.%s): %w", name, err)
	}
	return byPriority(records, rand.IntN), nil
}

// byPriority sorts records by priority. Within one priority the order is random, and the chance of
// a record to come next is proportional to its weight (RFC 2782).
func byPriority(records []*net.SRV, lot func(int) int) []*net.SRV {
	// Weight 0 comes first: that gives such records a small chance.
	slices.SortStableFunc(records, func(a, b *net.SRV) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), cmp.Compare(min(a.Weight, 1), min(b.Weight, 1)))
	})
	for from := 0; from < len(records); {
		to, sum := from, 0
		for to < len(records) && records[to].Priority == records[from].Priority {
			sum += int(records[to].Weight)
			to++
		}
		for ; from < to; from++ {
			drawn, i := lot(sum+1), from
			for run := int(records[i].Weight); run < drawn; run += int(records[i].Weight) {
				i++
			}
			chosen := records[i]
			copy(records[from+1:i+1], records[from:i])
			records[from] = chosen
			sum -= int(chosen.Weight)
		}
	}
	return records
}

// controllerURL is the URL of a controller. DNS has the port without TLS; the one with TLS follows
// from it. The host is the name in the record, and its certificate must match it.
func controllerURL(o *Options, r *net.SRV) string {
	host := strings.ToLower(strings.TrimSuffix(r.Target, "."))
	scheme, port := "ldap", r.Port
	if !o.StartTLS && !o.AllowPlaintext {
		scheme = "ldaps"
		if port == 389 {
			port = 636
		}
	}
	u := url.URL{Scheme: scheme, Host: host}
	if port != 636 && scheme == "ldaps" || port != 389 && scheme == "ldap" {
		u.Host = net.JoinHostPort(host, strconv.Itoa(int(port)))
	}
	return u.String()
}

func domainURL(o *Options, domain string) string {
	if o.StartTLS || o.AllowPlaintext {
		return "ldap://" + domain
	}
	return "ldaps://" + domain
}
