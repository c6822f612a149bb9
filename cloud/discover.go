package cloud

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"dirbridge/cloud/profile"
)

// configuration is the part of ServiceProviderConfig in use (RFC 7643 section 5, and RFC 9865 for
// pagination).
type configuration struct {
	Bulk struct {
		Supported                     bool
		MaxOperations, MaxPayloadSize int
	}
	Filter struct {
		Supported  bool
		MaxResults int
	}
	Patch *struct{ Supported bool }
	ETag  struct{ Supported bool }
	// Pagination is that of RFC 9865.
	Pagination *struct {
		Cursor, Index           bool
		DefaultPaginationMethod string
		MaxPageSize             int
	}
}

// largestPage is the largest page to request, whatever the cloud allows.
const largestPage = 1000

// discover reads ServiceProviderConfig and Schemas. If a provider publishes neither, the profile
// alone decides.
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
	t.useSchemas(known)
	return nil
}

func (t *Target) adopt(c configuration) {
	p := &t.profile
	p.Bulk.Operations, p.Bulk.Payload = 0, 0
	if c.Bulk.Supported {
		p.Bulk.Operations, p.Bulk.Payload = 100, c.Bulk.MaxPayloadSize
		if c.Bulk.MaxOperations > 0 {
			// More than a hundred per request gains nothing and, on some servers, takes time that
			// grows with the square.
			p.Bulk.Operations = min(c.Bulk.MaxOperations, 100)
		}
	}
	if !c.Filter.Supported {
		p.Filter = profile.Filter{}
	}
	if c.Patch != nil && !c.Patch.Supported {
		p.Write.Users, p.Write.Groups, p.Write.State = profile.Put, profile.Put, profile.Put
	}
	t.conditional = p.Write.ETag == profile.Always || p.Write.ETag == profile.AsPublished && c.ETag.Supported
	if c.Filter.MaxResults > 0 {
		t.pages = min(c.Filter.MaxResults, largestPage)
	}
	if g := c.Pagination; g != nil {
		p.List.Paging = profile.Index
		if g.Cursor && (!g.Index || strings.EqualFold(g.DefaultPaginationMethod, "cursor")) {
			p.List.Paging = profile.Cursor
		}
		if g.MaxPageSize > 0 {
			t.pages = min(g.MaxPageSize, largestPage)
		}
	}
}

// published reads one of the discovery resources; false if it does not exist.
func (t *Target) published(ctx context.Context, path string, into any) (bool, error) {
	a, err := t.client.do(ctx, request{method: http.MethodGet, path: path, repeatable: true})
	switch status(err) {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented:
		if !refusalOf(err).html {
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

// schemas are the attributes of a provider: by schema, attribute and optional sub-attribute, in
// lower case. A schema without attributes has every attribute.
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

// has reports whether the path is supported. Without schemas every path is; the common attributes
// are in no schema (RFC 7643 section 3.1).
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
		return p.urn == "" // the core schema may be left out
	}
	if len(attrs) == 0 {
		return true
	}
	subs, ok := attrs[strings.ToLower(p.attr)]
	return ok && (p.sub == "" || len(subs) == 0 || subs[strings.ToLower(p.sub)])
}
