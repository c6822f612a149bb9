package cloud

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"dirbridge/cloud/clock"
	"dirbridge/cloud/profile"
	"dirbridge/cloud/webex"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
	"dirbridge/sync/redact"
	"dirbridge/sync/schema"
)

// Options configure a target.
type Options struct {
	Kind    string // webex, scim
	BaseURL string // https, or http on loopback
	// Token returns the bearer token. It is called before every request, from several goroutines,
	// and should answer from memory. The token is never shown.
	Token func(context.Context) (string, error)
	// Renew returns the token to use after the cloud refused one, the same if there is no other;
	// nil calls Token again. Accepted learns each token with which a request succeeded; nil for
	// none.
	Renew    func(ctx context.Context, refused string) (string, error)
	Accepted func(token string)
	// Catalogue has the provider's attributes, Managed the names of the mapped ones: only these are
	// read and written.
	Catalogue schema.Catalogue
	Managed   []string

	Concurrency       int              // concurrent requests while writing; 4
	RequestsPerSecond float64          // 0: as the server allows
	Timeout           time.Duration    // of one request, including its answer; 60 s
	HTTP              *http.Transport  // nil: no proxy, and the authorities of the system
	Profile           *profile.Profile // nil: that of the kind, webex or generic
	// Settling overrides the profile's; a negative value means none.
	Settling time.Duration
	Clock    Clock // nil: the real clock
	// Secrets learns every token in use; nil: the target has its own. No
	// error, outcome or value of the target contains them.
	Secrets *redact.Secrets
	// Known passes the ids of the resources of a kind that are remembered. It is needed for a
	// provider that lists nothing, see profile.Unlisted.
	Known func(ctx context.Context, kind identity.Kind, fn func(identity.ResourceID) error) error
	// MostUnannounced bounds a listing that announces no total; 3 million.
	MostUnannounced int
}

// Target is one cloud directory. Describe must be called first, and not concurrently with other
// methods; the others may be called from several goroutines.
type Target struct {
	kind    string
	profile profile.Profile
	client  *client
	known   func(ctx context.Context, kind identity.Kind, fn func(identity.ResourceID) error) error
	// conditional: changes carry the version that they are based on.
	conditional bool
	transport   *http.Transport
	workers     int

	places  map[string]place // of supported user attributes, by name
	all     []place          // of the whole catalogue, except attributes without a path
	managed map[string]bool
	pages   int // resources per page
	// unannounced bounds a listing without a total.
	unannounced int
	mail        *path // Profile.MailPath; nil without one

	users, user, groups, groupsWithMembers, members *layout

	noBulk atomic.Bool // the cloud turned out to lack bulk
}

// place is a cloud attribute with its path.
type place struct {
	name      string
	path      path
	single    bool
	reference bool
	boolean   bool
	mail      bool // it is the profile's MailPath
	format    schema.Format
}

// profileOf returns the profile of a configured kind.
func profileOf(kind string) (profile.Profile, bool) {
	switch kind {
	case schema.KindWebex:
		return profile.Must("webex"), true
	case schema.KindSCIM:
		return profile.Must("generic"), true
	}
	return profile.Profile{}, false
}

// New validates the options; it does not connect.
func New(o Options) (*Target, error) {
	p, ok := profileOf(o.Kind)
	if !ok {
		return nil, fmt.Errorf("unknown kind of cloud %q: it must be webex or scim", o.Kind)
	}
	if o.Profile != nil {
		p = *o.Profile
	}
	if o.Kind == schema.KindWebex {
		o.BaseURL = webex.Address(o.BaseURL)
	}
	if p.List.Paging == profile.Unlisted && o.Known == nil {
		return nil, fmt.Errorf("%s lists nothing, and the accounts that are known are missing", p.Title)
	}
	base, err := checkBase(o.BaseURL)
	if err != nil {
		return nil, err
	}
	if o.Token == nil {
		return nil, errors.New("the cloud needs a token")
	}
	if o.Settling != 0 {
		p.Settling = max(o.Settling, 0)
	}
	t := &Target{kind: o.Kind, profile: p, known: o.Known, conditional: p.Write.ETag == profile.Always,
		workers: o.Concurrency, pages: p.List.Page, managed: make(map[string]bool)}
	if t.unannounced = o.MostUnannounced; t.unannounced <= 0 {
		t.unannounced = mostUnannounced
	}
	if t.workers <= 0 {
		t.workers = 4
	}
	if t.pages <= 0 {
		t.pages = 100
	}
	if err := t.readCatalogue(o.Catalogue, o.Managed); err != nil {
		return nil, err
	}
	t.client = newClient(o, base, t)
	return t, nil
}

func newClient(o Options, base string, t *Target) *client {
	if o.HTTP != nil {
		t.transport = o.HTTP.Clone()
	} else {
		t.transport = &http.Transport{
			DialContext:           (&net.Dialer{Timeout: 15 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
			TLSHandshakeTimeout:   15 * time.Second,
			ForceAttemptHTTP2:     true,
			MaxIdleConnsPerHost:   t.workers,
			IdleConnTimeout:       60 * time.Second,
			ExpectContinueTimeout: time.Second,
			// More is not the header of a cloud.
			MaxResponseHeaderBytes: 256 << 10,
		}
	}
	c := &client{base: base, token: o.Token, renew: o.Renew, accepted: o.Accepted, timeout: o.Timeout,
		limit: &rateLimit{clock: o.Clock}, secrets: o.Secrets}
	if c.renew == nil {
		c.renew = func(ctx context.Context, _ string) (string, error) { return c.token(ctx) }
	}
	if c.accepted == nil {
		c.accepted = func(string) {}
	}
	if c.secrets == nil {
		c.secrets = &redact.Secrets{}
	}
	c.circuit.limit = c.limit
	c.http = &http.Client{Transport: t.transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // a redirect could send the token elsewhere
	}}
	if c.timeout <= 0 {
		c.timeout = time.Minute
	}
	if c.limit.clock == nil {
		c.limit.clock = clock.Wall{}
	}
	if o.RequestsPerSecond > 0 {
		c.limit.limiter = rate.NewLimiter(rate.Limit(o.RequestsPerSecond), max(1, int(o.RequestsPerSecond/4)))
	}
	return c
}

// checkBase refuses a URL that would send the token without encryption (P12).
func checkBase(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return "", fmt.Errorf("base_url %q is not an address such as https://webexapis.com/identity/scim/ORG/v2", clean(text))
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("base_url must be an address alone, without user, query or fragment")
	}
	if u.Scheme == "http" && !isLoopback(u.Hostname()) {
		return "", fmt.Errorf("base_url %s would send the token unencrypted: it must begin with https", u.Redacted())
	}
	return strings.TrimRight(u.String(), "/"), nil
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func (t *Target) readCatalogue(c schema.Catalogue, managed []string) error {
	for _, a := range c.Users {
		if a.Path == "" {
			continue
		}
		p, err := parsePath(a.Path)
		if err != nil {
			return fmt.Errorf("cloud attribute %s: %w", a.Name, err)
		}
		t.all = append(t.all, place{name: a.Name, path: p, single: a.Single, reference: a.Reference,
			boolean: a.Format == schema.Disabled,
			mail:    p.String() == t.profile.User.Mail, format: a.Format})
	}
	for _, name := range managed {
		if _, ok := c.User(name); !ok {
			return fmt.Errorf("%q is no cloud attribute", name)
		}
		t.managed[name] = true
	}
	if t.profile.User.Mail != "" {
		p, err := parsePath(t.profile.User.Mail)
		if err != nil {
			return err
		}
		t.mail = &p
	}
	t.useSchemas(nil)
	return nil
}

// useSchemas makes places and layouts, without what the provider's schemas lack.
func (t *Target) useSchemas(s *schemas) {
	t.places = make(map[string]place, len(t.all))
	for _, p := range t.all {
		if s.has(p.path) && t.keeps(p.path) {
			t.places[p.name] = p
		}
	}
	t.makeUserLayout()
	t.groups = groupLayout(false)
	t.groupsWithMembers = groupLayout(true)
	t.members = memberLayout()
}

// keeps reports whether the profile says that the provider keeps the attribute.
func (t *Target) keeps(p path) bool {
	if len(t.profile.User.Attributes) == 0 {
		return true
	}
	return slices.ContainsFunc(t.profile.User.Attributes, func(one string) bool {
		return strings.EqualFold(one, p.String()) || strings.EqualFold(one, p.top()) || strings.EqualFold(one, p.urn)
	})
}

// makeUserLayout makes the layout of users from the managed attributes.
func (t *Target) makeUserLayout() {
	var read []place
	for _, p := range t.all {
		if _, has := t.places[p.name]; has && t.managed[p.name] && p.name != schema.State {
			read = append(read, p)
		}
	}
	role := t.profile.User.Administrator
	t.users, t.user = userLayout(read, role), userLayout(read, role).single()
}

// Follow adds attributes to read from now on, besides the mapped ones. It must not be called
// concurrently with other methods.
func (t *Target) Follow(attributes []string) {
	for _, name := range attributes {
		t.managed[name] = true
	}
	t.makeUserLayout()
}

// Describe signs in and discovers what the provider supports.
func (t *Target) Describe(ctx context.Context) (org identity.Organization, err error) {
	defer t.client.secrets.In(&err)
	t.client.circuit.reset()
	org = identity.Organization{Kind: t.kind, URL: t.client.base, ID: t.client.base}
	if t.profile.Discover {
		if err := t.discover(ctx); err != nil {
			return identity.Organization{}, fmt.Errorf("signing in to the cloud at %s: %w", t.client.base, err)
		}
	}
	// A page of one resource proves the token: a service may publish its configuration without one.
	if _, err := t.first(ctx, identity.User); err != nil {
		return identity.Organization{}, fmt.Errorf("signing in to the cloud at %s: %w", t.client.base, err)
	}
	if u, err := url.Parse(t.client.base); err == nil {
		org.Name = u.Hostname()
	}
	if id := webex.Organization(t.client.base); id != "" && t.kind == schema.KindWebex {
		org.ID, org.Name = id, id
	}
	return org, nil
}

// Supports reports whether the provider has the cloud attribute.
func (t *Target) Supports(attribute string) bool {
	_, ok := t.places[attribute]
	return ok || attribute == schema.Active
}

// Normalize converts values to the form in which they are compared and written. It is pure, keeps
// the order, and drops empty values.
func (t *Target) Normalize(attribute string, values []string) []string {
	var out []string
	p := t.places[attribute]
	for _, v := range values {
		v = strings.TrimSpace(v)
		switch p.format {
		case schema.Language:
			v = t.language(v)
		case schema.GUID:
			v = strings.ToLower(v)
		}
		if v != "" {
			out = append(out, v)
		}
	}
	return out
}

// language spells a tag as the provider does: en_US for Webex, en-US (RFC 5646) elsewhere. A text
// that is not a tag of one or two parts stays unchanged.
func (t *Target) language(v string) string {
	lang, region, ok := strings.Cut(strings.ReplaceAll(v, "_", "-"), "-")
	switch {
	case len(lang) != 2 || strings.ContainsRune(region, '-') || ok && len(region) != 2:
		return v
	case !ok:
		return strings.ToLower(lang)
	case t.kind == schema.KindWebex:
		return strings.ToLower(lang) + "_" + strings.ToUpper(region)
	}
	return strings.ToLower(lang) + "-" + strings.ToUpper(region)
}

// batchRounds is how many requests each worker has in a batch: at the end of a batch, workers wait for the
// slowest one, and for the disk.
const batchRounds = 4

// Limits are the limits of the provider for the engine.
func (t *Target) Limits() record.Limits {
	return record.Limits{
		Batch:              batchRounds * t.workers * max(t.profile.Bulk.Operations, 25),
		Settling:           t.profile.Settling,
		Anchorless:         !t.profile.User.ExternalID,
		DeactivateDestroys: t.profile.User.Deactivate == profile.Destroys,
		DeleteDeactivates:  t.profile.User.Delete == profile.Deactivates,
		UniqueGroupNames:   t.profile.Group.UniqueNames,
		ForeignIDs:         t.kind == schema.KindWebex,
	}
}

// Waiting describes what the target is waiting for, or is "".
func (t *Target) Waiting() string { return t.client.limit.Waiting() }

// Close closes idle connections.
func (t *Target) Close() error {
	t.transport.CloseIdleConnections()
	return nil
}

// decoder makes a decoder, which belongs to the calling goroutine.
func (t *Target) decoder(kind identity.Kind, l *layout) *decoder {
	return &decoder{layout: l, admin: t.profile.User.Administrator, doubt: t.profile.User.RolesUnknown ||
		kind != identity.User, kind: kind,
		secrets: t.client.secrets}
}
