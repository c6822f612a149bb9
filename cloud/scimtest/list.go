package scimtest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const (
	listURN   = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
	searchURN = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
	// maxMembersPage is the most that Groups/{id}/Members returns at a time, as in Webex.
	maxMembersPage = 500
)

// page is the requested part of a list (RFC 7644 section 3.4.2.4).
type page struct {
	start, count int
	firstAlways  bool // a fault: always the first page
	cursors      bool // start is the cursor
}

// pageOf reads startIndex and count. It limits values out of range; a text that is no number is a
// 400.
func pageOf(q url.Values, most int) (page, error) {
	p := page{start: 1, count: most}
	for name, to := range map[string]*int{"startIndex": &p.start, "count": &p.count} {
		v := q.Get(name)
		if v == "" {
			continue
		}
		n, err := strconv.Atoi(v)
		if err != nil {
			return p, refuse(http.StatusBadRequest, "invalidValue", "%s must be a number, not %q", name, v)
		}
		*to = n
	}
	p.start, p.count = max(p.start, 1), min(max(p.count, 0), most)
	return p, nil
}

// window is the half-open range of the page in a list of n.
func (p page) window(n int) (int, int) {
	from := min(p.start-1, n)
	if p.firstAlways {
		from = 0
	}
	return from, min(from+p.count, n)
}

func (s *Server) list(e *exchange) (answer, error) {
	if s.opt.Cursors {
		e.query.Set("startIndex", e.query.Get("cursor"))
	}
	p, err := pageOf(e.query, s.opt.PageSize)
	if err != nil {
		return answer{}, err
	}
	p.cursors = s.opt.Cursors
	s.store.mu.RLock()
	defer s.store.mu.RUnlock()
	found, err := s.store.query(e.rt, e.query.Get("filter"), e.query.Get("sortBy"), e.query.Get("sortOrder"))
	if err != nil {
		return answer{}, err
	}
	total, found, p := e.faults.list(found, p)
	from, to := p.window(len(found))
	next := ""
	if to < len(found) {
		next = strconv.Itoa(to + 1)
	}
	return ok(http.StatusOK, s.listBody(found[from:to], total, next, p, selectionOf(e.query))), nil
}

// listBody joins the encoded resources; a plain listing decodes nothing.
func (s *Server) listBody(found []*resource, total int, next string, p page, l attributeSelection) []byte {
	size := 256
	parts := make([][]byte, len(found))
	for i, r := range found {
		parts[i] = s.store.encodeSelected(r, l)
		size += len(parts[i]) + 1
	}
	b := make([]byte, 0, size)
	b = append(b, '{')
	b = field(b, "schemas", []any{listURN})
	if !p.cursors {
		b = field(b, "totalResults", total)
		b = field(b, "startIndex", p.start)
	} else if next != "" {
		b = field(b, "nextCursor", next)
	}
	b = field(b, "itemsPerPage", len(found))
	b = append(b, `,"Resources":[`...)
	for i, part := range parts {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, part...)
	}
	return append(b, "]}"...)
}

// query returns the visible resources, in order. The caller holds the lock.
func (s *store) query(rt *resourceType, filter, sortBy, order string) ([]*resource, error) {
	found := s.visible(rt)
	if filter != "" {
		e, err := parseFilter(filter)
		if err != nil {
			return nil, err
		}
		if s.opt.WebexFilters {
			if err := s.cat.documented(rt, e); err != nil {
				return nil, err
			}
		}
		if found, err = s.search(rt, e, found); err != nil {
			return nil, err
		}
	}
	if sortBy == "" {
		return found, nil
	}
	return s.sort(rt, found, filter == "", sortBy, strings.EqualFold(order, "descending")), nil
}

func (s *store) search(rt *resourceType, e expr, among []*resource) ([]*resource, error) {
	match, err := rt.bind(e)
	if err != nil {
		return nil, err
	}
	if c, ok := e.(compareExpr); ok && c.op == "eq" {
		if few, ok := s.lookUp(rt, c); ok {
			among = few
		}
	}
	var out []*resource
	v := view{}
	for _, r := range among {
		v = view{r: r}
		if match(&v) {
			out = append(out, r)
		}
	}
	return out, nil
}

// lookUp answers the most common searches from an index; the filter is still applied.
func (s *store) lookUp(rt *resourceType, c compareExpr) ([]*resource, bool) {
	want, isText := c.value.(string)
	if !isText {
		return nil, false
	}
	t, err := rt.resolve(c.name)
	if err != nil || t.ext != nil || t.attr == nil || t.sub != nil {
		return nil, false
	}
	var few []*resource
	switch {
	case t.attr.name == "id":
		if r := s.byID[want]; r != nil && r.rt == rt {
			few = append(few, r)
		}
	case t.attr.name == "userName":
		if r := s.byName[strings.ToLower(want)]; r != nil {
			few = append(few, r)
		}
	case t.attr.name == "externalId" && rt == s.cat.users:
		few = s.byExt[want]
	case t.attr.name == "displayName" && rt == s.cat.groups:
		few = s.byGroup[strings.ToLower(want)]
	default:
		return nil, false
	}
	now := s.opt.Clock()
	few = slices.Clone(few)
	few = slices.DeleteFunc(few, func(r *resource) bool { return !s.isVisible(r, now) })
	slices.SortFunc(few, func(a, b *resource) int { return int(a.seq) - int(b.seq) })
	return few, true
}

// search is a query by POST (RFC 7644 section 3.4.3).
func (s *Server) search(e *exchange) (answer, error) {
	var req struct {
		Schemas            []string `json:"schemas"`
		Attributes         []string `json:"attributes"`
		ExcludedAttributes []string `json:"excludedAttributes"`
		Filter             string   `json:"filter"`
		SortBy             string   `json:"sortBy"`
		SortOrder          string   `json:"sortOrder"`
		StartIndex         *int     `json:"startIndex"`
		Count              *int     `json:"count"`
	}
	if err := json.Unmarshal(e.body, &req); err != nil {
		return answer{}, refuse(http.StatusBadRequest, "invalidSyntax", "the body is not a search request: %v", err)
	}
	if !slices.Contains(req.Schemas, searchURN) {
		return answer{}, refuse(http.StatusBadRequest, "invalidSyntax", "schemas must name %s", searchURN)
	}
	q := url.Values{}
	q.Set("filter", req.Filter)
	q.Set("sortBy", req.SortBy)
	q.Set("sortOrder", req.SortOrder)
	q.Set("attributes", strings.Join(req.Attributes, ","))
	q.Set("excludedAttributes", strings.Join(req.ExcludedAttributes, ","))
	if req.StartIndex != nil {
		q.Set("startIndex", strconv.Itoa(*req.StartIndex))
	}
	if req.Count != nil {
		q.Set("count", strconv.Itoa(*req.Count))
	}
	e.query = q
	return s.list(e)
}

// listMembers is Webex's own endpoint to page through the members of a group.
func (s *Server) listMembers(e *exchange) (answer, error) {
	p, err := pageOf(e.query, maxMembersPage)
	if err != nil {
		return answer{}, err
	}
	s.store.mu.RLock()
	defer s.store.mu.RUnlock()
	g, err := s.store.get(s.store.cat.groups, e.id)
	if err != nil {
		return answer{}, err
	}
	total, members, p := e.faults.list(g.members.all(), p)
	from, to := p.window(len(members))
	b := []byte{'{'}
	b = field(b, "schemas", []any{GroupURN})
	b = field(b, "id", g.id)
	b = field(b, "displayName", g.display)
	b = field(b, "totalResults", total)
	b = field(b, "startIndex", p.start)
	b = field(b, "itemsPerPage", to-from)
	b = field(b, "memberSize", total)
	b = field(b, "members", s.store.memberList(members[from:to], maxMembersPage))
	return ok(http.StatusOK, append(b, '}')), nil
}
