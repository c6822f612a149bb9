package cloud

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"dirbridge/cloud/webex"
	"dirbridge/sync/identity"
)

// Verdicts on an assumption.
const (
	Holds     = "holds"
	Fails     = "does not hold"
	NotTested = "not tested"
)

// Checked is an assumption as it was found.
type Checked struct {
	webex.Assumption
	Verdict string `json:"verdict"`
	Detail  string `json:"detail"`
}

// survey tests assumptions on a sample of the organization, by reading alone.
type survey struct {
	t      *Target
	ctx    context.Context
	page   seenList // the first users
	header http.Header
}

// CheckAssumptions tests what is taken for granted about Webex with this organization. It writes
// nothing.
func (t *Target) CheckAssumptions(ctx context.Context) (all []Checked, err error) {
	defer t.client.secrets.In(&err)
	s := &survey{t: t, ctx: ctx}
	var ans response
	if ans, err = t.client.do(ctx, request{method: http.MethodGet, path: "/Users", query: "startIndex=1&count=100",
		repeatable: true}); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(ans.body, &s.page); err != nil {
		return nil, tracked(unreadable(err), t.client.tracking(ans.header))
	}
	s.header = ans.header
	tests := map[string]func() (string, string, error){"paging": s.paging, "tracking-id": s.trackingID, "roles": s.roles,
		"work-address": s.workAddress, "user-type": s.userType, "name-search": s.nameSearch,
		"external-id-search": s.externalIDSearch, "members": s.members, "provision-source": s.provisionSource,
		"archive": s.archive, "second-base": s.secondBase}
	for _, a := range webex.Assumptions() {
		c := Checked{Assumption: a, Verdict: NotTested, Detail: a.Untestable}
		if test := tests[a.ID]; test != nil {
			verdict, detail, err := test()
			if class(err) == identity.Hold && err != nil || ctx.Err() != nil {
				return nil, err
			}
			if err != nil {
				verdict, detail = NotTested, err.Error()
			}
			c.Verdict, c.Detail = verdict, t.client.secrets.Said(clean(detail))
		}
		all = append(all, c)
	}
	return all, nil
}

// get reads a list of the sample's kind; refused is the status of a refusal.
func (s *survey) get(path, query string) (l seenList, refused int, err error) {
	ans, err := s.t.client.do(s.ctx, request{method: http.MethodGet, path: path, query: query, repeatable: true})
	if r := refusalOf(err); r != nil && class(err) == identity.GiveUp && !r.html {
		return l, r.status, nil
	}
	if err == nil {
		err = json.Unmarshal(ans.body, &l)
	}
	return l, 0, err
}

func (s *survey) paging() (string, string, error) {
	if s.page.TotalResults == nil {
		return Fails, "totalResults is missing", nil
	}
	if *s.page.TotalResults < 2 {
		return NotTested, "there are fewer than two users", nil
	}
	second, refused, err := s.get("/Users", "startIndex=2&count=1")
	switch {
	case err != nil:
		return "", "", err
	case refused != 0:
		return Fails, fmt.Sprintf("a page of one user was refused (%d)", refused), nil
	case len(second.Resources) != 1 || second.id(0) == "" || second.id(0) == s.page.id(0):
		return Fails, "the second page is not the second user", nil
	}
	return Holds, fmt.Sprintf("%d of %d users came at once", len(s.page.Resources), *s.page.TotalResults), nil
}

func (s *survey) trackingID() (string, string, error) {
	if id := webex.TrackingID(s.header, nil); id != "" {
		return Holds, "such as " + id, nil
	}
	return Fails, "the header has none", nil
}

func (s *survey) roles() (string, string, error) {
	shown := 0
	for _, u := range s.page.Resources {
		if member(u, "roles") != nil {
			shown++
		}
	}
	if shown == 0 {
		return Fails, fmt.Sprintf("none of %d users shows roles", len(s.page.Resources)), nil
	}
	return Holds, fmt.Sprintf("%d of %d users show roles", shown, len(s.page.Resources)), nil
}

func (s *survey) workAddress() (string, string, error) {
	for _, u := range s.page.Resources {
		var work []string
		emails, _ := member(u, "emails").([]any)
		for _, e := range emails {
			one, _ := e.(map[string]any)
			if kind, _ := member(one, "type").(string); strings.EqualFold(kind, "work") {
				value, _ := member(one, "value").(string)
				work = append(work, value)
			}
		}
		name, _ := member(u, "userName").(string)
		if len(work) != 1 || !strings.EqualFold(work[0], name) {
			return Fails, fmt.Sprintf("%s has the work addresses %q", name, work), nil
		}
	}
	return s.ofSample("has one")
}

func (s *survey) ofSample(what string) (string, string, error) {
	if len(s.page.Resources) == 0 {
		return NotTested, "there are no users", nil
	}
	return Holds, fmt.Sprintf("each of %d users %s", len(s.page.Resources), what), nil
}

func (s *survey) userType() (string, string, error) {
	known := []string{"user", "room", "external_calling", "calling_service"}
	for _, u := range s.page.Resources {
		if kind, _ := member(u, "userType").(string); !slices.Contains(known, kind) {
			return Fails, fmt.Sprintf("%v has the userType %q", member(u, "userName"), kind), nil
		}
	}
	return s.ofSample("has one of them")
}

// search looks for a user of the sample by an attribute, in another spelling.
func (s *survey) search(attribute string, spelled func(string) string) (string, string, error) {
	for i, u := range s.page.Resources {
		value, _ := member(u, attribute).(string)
		if value == "" {
			continue
		}
		found, refused, err := s.get("/Users", "startIndex=1&count=10&filter="+escape(attribute+" eq "+quote(spelled(value))))
		switch {
		case err != nil:
			return "", "", err
		case refused != 0:
			return Fails, fmt.Sprintf("the search was refused (%d)", refused), nil
		case !slices.ContainsFunc(found.Resources, func(r map[string]any) bool { return member(r, "id") == s.page.id(i) }):
			return Fails, "the user that has it was not found", nil
		}
		return Holds, "one user was found by it", nil
	}
	return NotTested, "no user among the first has " + attribute, nil
}

func (s *survey) nameSearch() (string, string, error) { return s.search("userName", strings.ToUpper) }

func (s *survey) externalIDSearch() (string, string, error) {
	return s.search("externalId", func(v string) string { return v })
}

func (s *survey) members() (string, string, error) {
	groups, refused, err := s.get("/Groups", "startIndex=1&count=1")
	if err != nil || refused != 0 || groups.id(0) == "" {
		return NotTested, "no group can be seen", err
	}
	_, refused, err = s.get("/Groups/"+url.PathEscape(groups.id(0))+"/Members", "startIndex=1&count=1")
	if refused != 0 {
		return Fails, fmt.Sprintf("it was refused (%d)", refused), nil
	}
	return Holds, "those of one group were read", err
}

func (s *survey) provisionSource() (string, string, error) {
	count := map[string]int{}
	for _, u := range s.page.Resources {
		ext, _ := member(u, webex.UserSchema).(map[string]any)
		if source, _ := member(ext, "provisionSource").(string); source != "" {
			count[source]++
		}
	}
	if len(count) == 0 {
		return NotTested, "no user among the first shows it", nil
	}
	var found []string
	for source, n := range count {
		means := "no other program"
		if name := webex.Provisioner(source); name != "" {
			means = name
		}
		found = append(found, fmt.Sprintf("%q with %d users, which is taken for %s", source, n, means))
	}
	slices.Sort(found)
	return Holds, strings.Join(found, "; "), nil
}

func (s *survey) archive() (string, string, error) {
	const nobody = "00000000-0000-4000-8000-000000000000"
	_, err := s.t.client.do(s.ctx, request{method: http.MethodGet, fromRoot: true, repeatable: true,
		path: webex.ArchivedUser(webex.Organization(s.t.client.base), nobody)})
	switch {
	case gone(err):
		return Holds, "it answers that it has no such user", nil
	case status(err) == http.StatusForbidden:
		return Fails, "the token may not read it", nil
	case err == nil:
		return Fails, "it answers for a user that never was", nil
	}
	return "", "", err
}

func (s *survey) secondBase() (string, string, error) {
	if u, err := url.Parse(s.t.client.base); err == nil && strings.Contains(u.Path, "/v1/scim/") {
		return Holds, "users are read by it", nil
	}
	return NotTested, "base_url is the documented address", nil
}
