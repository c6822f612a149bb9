package cloud

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"dirbridge/cloud/profile"
	"dirbridge/sync/identity"
)

// Finding is one thing that was found out about a provider.
type Finding struct {
	Subject string // "paging"
	Result  string // "by cursor"
}

// Findings are what was found out about a provider, and the profile that follows from it.
type Findings struct {
	List    []Finding
	Named   string // the embedded profile of the address; "" if there is none
	Profile profile.Profile
}

// prober finds out what a provider supports, by reading alone.
type prober struct {
	t   *Target
	ctx context.Context
	f   Findings
	err error // why the probing ended early
}

// Probe finds out what the provider supports. It writes nothing. What reading cannot show, such as
// the form of changes, is as in the profile of the address, or as in RFC 7644.
func (t *Target) Probe(ctx context.Context) (f Findings, err error) {
	defer t.client.secrets.In(&err)
	p := &prober{t: t, ctx: ctx, f: Findings{Profile: profile.Standard()}}
	p.f.Profile.Title = "provider"
	if u, err := url.Parse(t.client.base); err == nil {
		p.f.Profile.Title = u.Hostname()
		if p.f.Named = profile.ForHost(u.Hostname()); p.f.Named != "" {
			p.f.Profile = profile.Must(p.f.Named)
		}
	}
	p.published()
	user := p.users()
	p.searches(user)
	p.groups()
	return p.f, p.err
}

// say records a finding.
func (p *prober) say(subject, format string, args ...any) {
	p.f.List = append(p.f.List, Finding{subject, fmt.Sprintf(format, args...)})
}

// seenList is a listing as far as probing looks at it.
type seenList struct {
	TotalResults *int
	NextCursor   string
	Resources    []map[string]any
}

func (l seenList) id(i int) string {
	if i >= len(l.Resources) {
		return ""
	}
	id, _ := member(l.Resources[i], "id").(string)
	return id
}

// read reads an answer as JSON. status is that of a refusal, 0 for a success. Whatever is about the
// connection or the token ends the probing.
func (p *prober) read(path, query string, into any) (refused int) {
	if p.err != nil {
		return -1
	}
	a, err := p.t.client.do(p.ctx, request{method: http.MethodGet, path: path, query: query, repeatable: true})
	s := status(err)
	if s >= 400 && s != http.StatusUnauthorized && s != http.StatusForbidden && class(err) == identity.GiveUp {
		return s
	}
	if err == nil {
		err = json.Unmarshal(a.body, into)
		if err != nil {
			err = unreadable(err)
		}
	}
	if err != nil {
		p.err = err
		return -1
	}
	return 0
}

// published looks at ServiceProviderConfig and Schemas.
func (p *prober) published() {
	var c configuration
	if p.read("/ServiceProviderConfig", "", &c) != 0 {
		p.say("configuration", "not published")
		p.f.Profile.Discover = false
	} else {
		p.f.Profile.Discover = p.f.Named == "" || p.f.Profile.Discover
		p.say("configuration", "published")
		yes := map[bool]string{true: "yes", false: "no"}
		p.say("PATCH", "%s", yes[c.Patch == nil || c.Patch.Supported])
		p.say("bulk", "%s", yes[c.Bulk.Supported])
		p.say("versions (ETag)", "%s", yes[c.ETag.Supported])
	}
	var list struct{ Resources []schemaOf }
	if p.read("/Schemas", "", &list) != 0 {
		p.say("schemas", "not published")
		return
	}
	names := make([]string, 0, len(list.Resources))
	for _, s := range list.Resources {
		names = append(names, clean(s.ID))
	}
	p.say("schemas", "%s", strings.Join(names, ", "))
}

// users looks at how users are listed, and returns one of them; nil if there is none.
func (p *prober) users() map[string]any {
	var one, two seenList
	if refused := p.read("/Users", "startIndex=1&count=1", &one); refused != 0 {
		if refused == http.StatusBadRequest {
			p.say("list of users", "refused without a filter")
			p.f.Profile.List.Paging = profile.Unlisted
		}
		return nil
	}
	switch {
	case one.TotalResults == nil:
		p.say("number of users", "not announced")
	default:
		p.say("number of users", "%d", *one.TotalResults)
	}
	if len(one.Resources) == 0 {
		p.say("paging", "cannot be seen without users")
		return nil
	}
	if len(one.Resources) > 1 {
		p.say("count", "ignored: %d users for a count of 1", len(one.Resources))
	}
	second := p.read("/Users", "startIndex=2&count=1", &two)
	byIndex := second == 0 && two.id(0) != one.id(0) && one.TotalResults != nil
	var cursors seenList
	byCursor := !byIndex && p.read("/Users", "cursor=&count=1", &cursors) == 0 && cursors.NextCursor != ""
	switch {
	case byIndex:
		p.f.Profile.List.Paging = profile.Index
		p.say("paging", "by startIndex")
	case byCursor:
		p.f.Profile.List.Paging = profile.Cursor
		p.say("paging", "by cursor")
	default:
		p.say("paging", "neither startIndex nor cursor had an effect")
	}
	if member(one.Resources[0], "externalId") == nil {
		p.say("externalId", "the first user has none")
	}
	return one.Resources[0]
}

// searches looks at which attributes can be searched for.
func (p *prober) searches(user map[string]any) {
	if p.err != nil {
		return
	}
	var found []string
	for _, a := range []string{"userName", "externalId"} {
		value, _ := member(user, a).(string)
		if p.searchable("/Users", a, value) {
			found = append(found, a)
		}
	}
	p.f.Profile.Filter.Users = found
}

// searchable reports whether a search for an attribute finds what has the value, and nothing that
// has another one. Without a value, only a refusal can be seen.
func (p *prober) searchable(path, attribute, value string) bool {
	subject := "search for " + attribute + " in " + path
	var none, some seenList
	const nobody = "dirbridge-test@example.invalid"
	refused := p.read(path, "filter="+escape(attribute+" eq "+quote(nobody)), &none)
	switch {
	case p.err != nil:
		return false
	case refused != 0:
		p.say(subject, "refused (%d)", refused)
		return false
	case len(none.Resources) > 0:
		p.say(subject, "ignored: it finds what has another value")
		return false
	case value == "":
		p.say(subject, "accepted; nothing to find it by")
		return true
	}
	if p.read(path, "filter="+escape(attribute+" eq "+quote(value)), &some) != 0 || len(some.Resources) == 0 {
		p.say(subject, "finds nothing, although there is one")
		return false
	}
	p.say(subject, "works")
	return true
}

// groups looks at groups and at where their members are.
func (p *prober) groups() {
	var list seenList
	refused := p.read("/Groups", p.first(), &list)
	switch {
	case p.err != nil:
		return
	case refused == http.StatusNotFound, refused == http.StatusNotImplemented, refused == http.StatusMethodNotAllowed:
		p.say("groups", "there are none at this provider")
		p.f.Profile.Group.Supported = false
		return
	case refused != 0 && p.f.Profile.List.Paging == profile.Unlisted:
		p.say("groups", "cannot be listed either")
		return
	case refused != 0:
		p.say("groups", "refused (%d)", refused)
		return
	case len(list.Resources) == 0:
		p.say("groups", "none yet, so that members cannot be seen")
		return
	}
	p.say("groups", "there are some")
	name, _ := member(list.Resources[0], "displayName").(string)
	var found []string
	if p.searchable("/Groups", "displayName", name) {
		found = append(found, "displayName")
	}
	external, _ := member(list.Resources[0], "externalId").(string)
	if p.searchable("/Groups", "externalId", external) {
		found = append(found, "externalId")
	}
	p.f.Profile.Filter.Groups = found
	p.members(list)
}

// first is the query of a short first page.
func (p *prober) first() string {
	if p.f.Profile.List.Paging == profile.Cursor {
		return "cursor=&count=10"
	}
	return "startIndex=1&count=10"
}

// members looks at where the members of the groups are shown.
func (p *prober) members(list seenList) {
	for _, g := range list.Resources {
		if all, _ := member(g, "members").([]any); len(all) > 0 {
			p.f.Profile.Group.Members = profile.InListing
			p.say("members", "in the list of groups")
			return
		}
	}
	for i := range list.Resources {
		path := pathOf(identity.Group, identity.ResourceID(list.id(i)))
		var one map[string]any
		if p.read(path, "", &one) == 0 {
			if all, _ := member(one, "members").([]any); len(all) > 0 {
				p.f.Profile.Group.Members = profile.InGroup
				p.say("members", "in each group")
				return
			}
		}
		var users seenList
		if p.read("/Users", "filter="+escape("groups.value eq "+quote(list.id(i))), &users) == 0 && len(users.Resources) > 0 {
			p.f.Profile.Group.Members = profile.ByFilter
			p.say("members", "by a search for users in the group")
			return
		}
	}
	if p.err == nil {
		p.say("members", "none of the first %d groups shows any", len(list.Resources))
	}
}
