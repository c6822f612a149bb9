package program

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strings"

	"dirbridge/cloud"
	"dirbridge/cloud/webex"
	"dirbridge/config"
	"dirbridge/ldap"
	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/sync/schema"
)

func (g *guide) TryCloud(ctx context.Context, c control.SetupCloud,
	p *control.SetupProgress) (f control.SetupCloudFound, err error) {
	token, err := g.trialToken(ctx, c, p)
	if err != nil {
		return f, err
	}
	ctx, cancel := context.WithTimeout(ctx, trialTime)
	defer cancel()
	t, err := g.trialCloud(c, token)
	if err != nil {
		return f, err
	}
	defer t.Close()
	p.Begin("Ask for the organization")
	if f.Organization, err = t.Describe(ctx); err != nil {
		return f, cloudEntry(err)
	}
	p.Begin("Count users and groups")
	if name := t.OrganizationName(ctx); name != "" {
		f.Organization.Name = name
	}
	if f.Users, err = t.Total(ctx, identity.User); err != nil {
		return f, err
	}
	if f.Groups, err = t.Total(ctx, identity.Group); err != nil {
		if ctx.Err() != nil {
			return f, err
		}
		f.Groups = -1 // some providers have no groups
	}
	if c.Lasts() {
		g.signIn.name, g.signIn.url = f.Organization.Name, f.Organization.URL
		f.ClientSecret, err = g.keepSecret(c.ClientSecret, "client-secret")
		return f, err
	}
	f.Token, err = g.keepSecret(c.Token, "cloud-token")
	return f, err
}

// trialCloud returns the cloud that was entered.
func (g *guide) trialCloud(c control.SetupCloud, token string) (*cloud.Target, error) {
	address, err := cloudAddress(c)
	if err != nil {
		return nil, &control.EntryError{Entry: "address", Err: err}
	}
	transport, err := transportOf(config.Cloud{Proxy: c.Proxy, ProxyAuth: "auto"}, g.secrets)
	if err != nil {
		return nil, &control.EntryError{Entry: "proxy", Err: err}
	}
	t, err := cloud.New(cloud.Options{Kind: c.Kind, BaseURL: address,
		Token:     func(context.Context) (string, error) { return token, nil },
		Catalogue: catalogue(c.Kind), HTTP: transport, Secrets: g.secrets})
	if err != nil {
		return nil, &control.EntryError{Entry: "address", Err: setupFailure("Correct the address.", "%w", err)}
	}
	return t, nil
}

// cloudAddress returns the base URL that was entered, or builds it from the entered parts.
func cloudAddress(c control.SetupCloud) (string, error) {
	text := strings.TrimSpace(c.Address)
	if c.Kind == schema.KindWebex && !strings.Contains(text, "://") {
		address, ok := webex.BaseURL(text)
		if !ok {
			return "", setupFailure("Control Hub shows the id under Account: 36 characters, such as "+
				"2b1f0c8e-5d1a-4c57-9f0e-8a2f6f9d3c10. Or type the whole address.", "%q is not the id of an organization", text)
		}
		return address, nil
	}
	return text, nil
}

func (g *guide) FindDomains(ctx context.Context) ([]control.SetupDomain, error) {
	ctx, cancel := context.WithTimeout(ctx, trialTime)
	defer cancel()
	found, err := ldap.FindDomains(ctx, g.resolver, g.names())
	var all []control.SetupDomain
	for _, d := range found {
		all = append(all, control.SetupDomain{Name: d.Name, Controllers: d.Controllers})
	}
	return all, err
}

func (g *guide) TryDirectory(ctx context.Context, d control.SetupDirectory,
	p *control.SetupProgress) (f control.SetupDirectoryFound, err error) {
	ctx, cancel := context.WithTimeout(ctx, trialTime)
	defer cancel()
	if d.Encryption == control.SetupPlaintext && !d.Plaintext && !d.Local() {
		return f, setupFailure("Use LDAPS or StartTLS, or accept that the password can be read on the way.",
			"without encryption the password and all data would go over the network where others can read them")
	}
	o, err := g.trialOptions(ctx, d)
	if err != nil {
		return f, directoryEntry(d, err)
	}
	src, err := ldap.New(o)
	if err != nil {
		return f, directoryEntry(d, err)
	}
	defer src.Close()
	if f, err = describe(ctx, src, d, p); err != nil {
		return f, directoryEntry(d, trustworthy(err))
	}
	f.Password, err = g.keepSecret(d.Password, d.Name+"-bind-password")
	return f, err
}

// describe returns what the directory says about itself. If the administrator must choose a
// partition first, it returns only the partitions.
func describe(ctx context.Context, src *ldap.Source, d control.SetupDirectory,
	p *control.SetupProgress) (f control.SetupDirectoryFound, err error) {
	p.Begin("Connect and sign in")
	if f.Partitions, err = src.Partitions(ctx); err != nil {
		return f, err
	}
	if d.Kind != ldap.KindADDS && d.Partition == "" && len(f.Partitions) > 1 {
		f.Choose = true
		return f, nil
	}
	p.Begin("Read the properties of the server")
	if f.Directory, err = src.Describe(ctx); err != nil {
		return f, err
	}
	p.Begin("Check the rights of the account")
	in, err := src.SignIn(ctx)
	if err != nil {
		return f, err
	}
	f.Account, f.Encrypted, f.Warnings = in.Account, in.Encrypted, in.Warnings
	return f, nil
}

// trialOptions returns the options that a configuration with this directory would give.
func (g *guide) trialOptions(ctx context.Context, d control.SetupDirectory) (ldap.Options, error) {
	c, err := directoryConfig(d)
	if err != nil {
		return ldap.Options{}, err
	}
	c.BindPassword = config.Secret{} // it may be missing so far
	o := directoryOptions(c)
	o.Partition, o.Resolver, o.Secrets = d.Partition, g.resolver, g.secrets
	if !d.Password.IsZero() && d.Bind != ldap.BindExternal && c.Keytab == "" {
		password, err := d.Password.Resolve(ctx)
		if err != nil {
			return o, &control.EntryError{Entry: "password", Err: setupFailure("Type the password, or name where it is "+
				"kept: env:NAME, file:PATH, keyring:NAME or credential:NAME.", "the password: %w", err)}
		}
		o.BindPassword = func() (string, error) { return password, nil }
	}
	return o, nil
}

// directoryConfig returns the directory as it stands in the configuration file.
func directoryConfig(d control.SetupDirectory) (config.Directory, error) {
	c := config.DefaultDirectory()
	c.Name, c.Kind, c.Partition = d.Name, d.Kind, d.Partition
	if d.Kind == ldap.KindADDS {
		c.Kind, c.Domain = "", d.Domain // the server reports its kind
	}
	if host := strings.TrimSpace(d.Host); host != "" {
		c.Servers = []string{serverURL(d, host)}
	}
	c.StartTLS, c.CAFile = d.Encryption == control.SetupStartTLS, strings.TrimSpace(d.CAFile)
	c.AllowPlaintext = d.Encryption == control.SetupPlaintext && d.Plaintext
	c.Bind = d.Bind
	switch d.Bind {
	case ldap.BindExternal:
		c.ClientCert, c.ClientKey = strings.TrimSpace(d.Cert), strings.TrimSpace(d.Key)
	case ldap.BindKerberos:
		c.BindUser, c.Keytab = strings.TrimSpace(d.User), strings.TrimSpace(d.Keytab)
	default:
		c.BindUser = strings.TrimSpace(d.User)
	}
	if r := d.Password.Reference(); r != "" && d.Bind != ldap.BindExternal && c.Keytab == "" {
		var err error
		if c.BindPassword, err = config.ParseSecret(r); err != nil {
			return c, err
		}
	}
	return c, nil
}

// serverURL returns the URL of an entered host, which may have a port or already be a URL.
func serverURL(d control.SetupDirectory, host string) string {
	if strings.Contains(host, "://") {
		return host
	}
	u := url.URL{Scheme: "ldap", Host: host}
	if d.Encryption == control.SetupLDAPS {
		u.Scheme = "ldaps"
	}
	if port := strings.TrimSpace(d.Port); port != "" {
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		u.Host = net.JoinHostPort(strings.Trim(host, "[]"), port)
	}
	return u.String()
}

// trustworthy adds to the error of an untrusted certificate the facts that an administrator needs
// to decide whether to trust it.
func trustworthy(err error) error {
	shown, ok := ldap.Untrusted(err)
	if !ok {
		return err
	}
	u := &control.UntrustedError{Err: err}
	for _, c := range shown {
		u.Certificates = append(u.Certificates, control.Certificate{Subject: c.Subject, Issuer: c.Issuer, Names: c.Names,
			SHA256:    c.SHA256,
			NotBefore: c.NotBefore, NotAfter: c.NotAfter})
	}
	return u
}

var errNoDirectory = errors.New("no directory was confirmed yet")
