package program

import (
	"context"
	"slices"
	"strings"

	"dirbridge/config"
	"dirbridge/ldap"
	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/sync/mapping"
	"dirbridge/sync/port"
	"dirbridge/sync/stage"
)

// directory is a source that also answers the questions of setup and the console (see
// control.Explorer).
type directory struct{ *ldap.Source }

func (d directory) Schema(ctx context.Context) ([]control.Attribute, error) {
	all, err := d.Source.Schema(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]control.Attribute, 0, len(all))
	for _, a := range all {
		out = append(out, control.Attribute{Name: a.Name, Also: a.Also, Syntax: string(a.Syntax), Single: a.Single,
			Constructed: a.Constructed, Secret: a.Secret})
	}
	return out, nil
}

func (d directory) TryFilter(ctx context.Context, kind identity.Kind, filter string) (control.Trial, error) {
	t, err := d.Source.TryFilter(ctx, kind, filter)
	return control.Trial{Matches: t.Matches, Sample: t.Sample, Known: t.Known, Unknown: t.UnknownAttributes}, err
}

func (d directory) Lookup(ctx context.Context, text string, attributes []string, limit int) ([]control.Found, error) {
	all, err := d.Source.Lookup(ctx, text, attributes, limit)
	out := make([]control.Found, 0, len(all))
	for _, s := range all {
		out = append(out, control.Found{How: s.How, Candidate: control.Candidate{Kind: s.Kind, Anchor: s.Anchor, DN: s.DN,
			Name: s.Name, Mail: s.Mail}})
	}
	return out, err
}

func (d directory) Judge(ctx context.Context, a identity.Anchor) (control.Judgement, error) {
	j, err := d.Source.ExplainScope(ctx, a)
	out := control.Judgement{Found: j.Found, Deleted: j.Deleted, DN: j.DN, Parent: j.Parent, Kind: j.Kind}
	if j.Room {
		out.Kind = identity.Room
	}
	for _, s := range j.Steps {
		out.Steps = append(out.Steps, control.ScopeStep{What: s.What, Pass: s.Pass, Text: s.Text, DN: s.DN, Via: s.Via,
			Filter: s.Filter})
	}
	return out, err
}

// Source returns the source for one directory of a draft.
func (c *connector) Source(d config.Directory) (port.Source, error) {
	src, err := c.source(d, d.Rules(rules(c.cat, c.config().Mapping)))
	if err != nil {
		return nil, err
	}
	return directory{src}, nil
}

// source returns the source for one directory, reading the attributes that the rules need.
func (c *connector) source(d config.Directory, rules map[string]string) (*ldap.Source, error) {
	m, err := mapping.New(c.cat, rules, func(string) bool { return true })
	if err != nil {
		return nil, err
	}
	o := directoryOptions(d)
	o.Secrets = c.secrets
	o.Partition, o.BaseDNs, o.ExcludeDNs = d.Partition, d.BaseDNs, d.ExcludeDNs
	o.SyncUsers, o.UserFilter, o.MemberOf, o.RoomFilter = d.SyncUsers, d.UserFilter, d.MemberOf, d.RoomFilter
	o.SyncGroups, o.GroupFilter = d.SyncGroups, d.GroupFilter
	if d.GroupTypes != "all" {
		o.GroupTypes = d.GroupTypes
	}
	attributes := append(m.Attributes(), "displayName", "mail", "sn")
	o.Attributes = distinct(slices.Concat(attributes, m.GroupAttributes(), stage.AlwaysRead()))
	return ldap.New(o)
}

// directoryOptions returns how to find the directory and sign in to it.
func directoryOptions(d config.Directory) ldap.Options {
	o := ldap.Options{Name: d.Name, Kind: d.Kind, Servers: d.Servers, Bind: d.Bind, BindUser: d.BindUser,
		BindDomain: d.BindDomain,
		Keytab:     d.Keytab, CredentialCache: d.CredentialCache, KerberosConfig: d.KerberosConfig, Realm: d.Realm,
		ServicePrincipal: d.ServicePrincipal,
		ClientCert:       d.ClientCert, ClientKey: d.ClientKey, StartTLS: d.StartTLS, CAFile: d.CAFile,
		AllowPlaintext: d.AllowPlaintext}
	if len(d.Servers) == 0 {
		// If the configuration names servers, no other server is contacted: a firewall may block
		// the others, or the named one may be a lab beside the real domain.
		o.Domain, o.Site = d.Domain, d.Site
	}
	// A function that fails differs from no function: with no function, Kerberos takes its tickets
	// from the default cache.
	if !d.BindPassword.IsZero() {
		o.BindPassword = func() (string, error) { return d.BindPassword.Resolve(context.Background()) }
	}
	return o
}

func distinct(names []string) []string {
	var out []string
	for _, n := range names {
		if !slices.ContainsFunc(out, func(o string) bool { return strings.EqualFold(o, n) }) {
			out = append(out, n)
		}
	}
	return out
}
