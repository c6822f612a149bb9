package cloud

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
)

// configuration is what is used of ServiceProviderConfig (RFC 7643 section 5, and
// RFC 9865 for the pagination).
type configuration struct {
	Bulk struct {
		Supported                     bool
		MaxOperations, MaxPayloadSize int
	}
	Filter struct {
		Supported  bool
		MaxResults int
	}
	Pagination *struct {
		Cursor, Index bool
		MaxPageSize   int
	}
}

// largestPage is the most resources asked for in one page, whatever the cloud
// allows: a page is held in memory while it is read.
const largestPage = 1000

// discover reads ServiceProviderConfig and Schemas. A provider that publishes
// neither is taken at the profile's word.
func (t *Target) discover(ctx context.Context) error {
	var c configuration
	ok, err := t.published(ctx, "/ServiceProviderConfig", &c)
	if err != nil {
		return err
	}
	if ok {
		t.adopt(c)
	}
	var list struct{ Resources []schemaOf }
	if ok, err = t.published(ctx, "/Schemas", &list); err != nil {
		return err
	}
	known := &schemas{}
	if ok {
		for _, s := range list.Resources {
			known.add(s)
		}
	}
	if !known.any() {
		known.add(schemaOf{ID: enterpriseUser})
	}
	t.settle(known)
	return nil
}

func (t *Target) adopt(c configuration) {
	p := &t.profile
	p.BulkOperations, p.BulkPayload = 0, 0
	if c.Bulk.Supported {
		p.BulkOperations, p.BulkPayload = 100, c.Bulk.MaxPayloadSize
		if c.Bulk.MaxOperations > 0 {
			// More than a hundred in one request gains nothing and, at some servers, costs
			// time that grows with the square.
			p.BulkOperations = min(c.Bulk.MaxOperations, 100)
		}
	}
	p.NoFilter = p.NoFilter || !c.Filter.Supported
	if c.Filter.MaxResults > 0 {
		t.pages = min(c.Filter.MaxResults, largestPage)
	}
	if g := c.Pagination; g != nil {
		p.Cursor = g.Cursor && !g.Index
		if g.MaxPageSize > 0 {
			t.pages = min(g.MaxPageSize, largestPage)
		}
	}
}

// published reads one of the discovery resources; false where there is none.
func (t *Target) published(ctx context.Context, path string, into any) (bool, error) {
	a, err := t.client.do(ctx, request{method: http.MethodGet, path: path, again: true})
	switch status(err) {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented:
		if !refused(err).html {
			return false, nil
		}
	}
	if err != nil {
		return false, err
	}
	if isHTML(a.header, a.body) {
		return false, (&refusal{status: a.status, html: true}).failure()
	}
	if err := json.Unmarshal(a.body, into); err != nil {
		return false, unreadable(err)
	}
	return true, nil
}

// schemaOf is one of /Schemas.
type schemaOf struct {
	ID         string
	Attributes []struct {
		Name          string
		SubAttributes []struct{ Name string }
	}
}

// schemas are the attributes that a provider has: by schema, attribute and, where
// there are any, sub-attribute, in lower case. A schema without attributes has all.
type schemas struct {
	known map[string]map[string]map[string]bool
}

func (s *schemas) any() bool { return s != nil && len(s.known) > 0 }

func (s *schemas) add(of schemaOf) {
	if s.known == nil {
		s.known = make(map[string]map[string]map[string]bool)
	}
	attrs := make(map[string]map[string]bool)
	for _, a := range of.Attributes {
		subs := make(map[string]bool)
		for _, sub := range a.SubAttributes {
			subs[strings.ToLower(sub.Name)] = true
		}
		attrs[strings.ToLower(a.Name)] = subs
	}
	s.known[strings.ToLower(of.ID)] = attrs
}

// has says whether there is a place for the path. Without any schemas there is; the
// common attributes stand in no schema (RFC 7643 section 3.1).
func (s *schemas) has(p path) bool {
	if !s.any() {
		return true
	}
	if p.urn == "" && strings.EqualFold(p.attr, "externalId") {
		return true
	}
	urn := p.urn
	if urn == "" {
		urn = coreUser
	}
	attrs, ok := s.known[strings.ToLower(urn)]
	if !ok {
		return p.urn == "" // the core schema goes without saying
	}
	if len(attrs) == 0 {
		return true
	}
	subs, ok := attrs[strings.ToLower(p.attr)]
	return ok && (p.sub == "" || len(subs) == 0 || subs[strings.ToLower(p.sub)])
}
