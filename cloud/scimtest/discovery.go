package scimtest

import (
	"encoding/base64"
	"net/http"
	"strings"
)

func encoded(v any) answer { return ok(http.StatusOK, appendJSON(nil, v)) }

func listOf(items []any) map[string]any {
	return map[string]any{"schemas": []any{listURN}, "totalResults": len(items), "startIndex": 1,
		"itemsPerPage": len(items), "Resources": items}
}

func (s *Server) providerConfig() answer {
	supported := func(yes bool) map[string]any { return map[string]any{"supported": yes} }
	config := map[string]any{
		"schemas":        []any{"urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"},
		"patch":          supported(!s.opt.Departures.NoPatch),
		"changePassword": supported(false), "sort": supported(true), "etag": supported(true),
		"bulk": map[string]any{"supported": !s.opt.WithoutBulk, "maxOperations": s.opt.MaxOps,
			"maxPayloadSize": s.opt.MaxPayload},
		"filter": map[string]any{"supported": true, "maxResults": s.opt.PageSize},
		"authenticationSchemes": []any{map[string]any{"type": "oauthbearertoken", "name": "OAuth Bearer Token",
			"description": "The bearer token of the sandbox", "primary": true}},
		"meta": map[string]any{"resourceType": "ServiceProviderConfig", "location": s.url + "/ServiceProviderConfig"},
	}
	if s.opt.Cursors {
		config["pagination"] = map[string]any{"cursor": true, "index": false, "maxPageSize": s.opt.PageSize}
	}
	return encoded(config)
}

func (s *Server) resourceTypes(e *exchange) (answer, error) {
	var items []any
	for _, rt := range []*resourceType{s.store.cat.users, s.store.cat.groups} {
		exts := []any{}
		for _, x := range rt.extensions {
			exts = append(exts, map[string]any{"schema": x.id, "required": false})
		}
		item := map[string]any{
			"schemas": []any{"urn:ietf:params:scim:schemas:core:2.0:ResourceType"},
			"id":      rt.name, "name": rt.name, "endpoint": rt.endpoint, "schema": rt.core.id, "schemaExtensions": exts,
			"meta": map[string]any{"resourceType": "ResourceType", "location": s.url + "/ResourceTypes/" + rt.name},
		}
		if strings.EqualFold(e.id, rt.name) {
			return encoded(item), nil
		}
		items = append(items, item)
	}
	if e.id != "" {
		return answer{}, notFound("ResourceType", e.id)
	}
	return encoded(listOf(items)), nil
}

func (s *Server) schemas(e *exchange) (answer, error) {
	var items []any
	for _, sc := range s.store.cat.schemas {
		item := map[string]any{
			"schemas": []any{"urn:ietf:params:scim:schemas:core:2.0:Schema"},
			"id":      sc.id, "name": sc.name, "description": sc.about, "attributes": described(sc.attrs),
			"meta": map[string]any{"resourceType": "Schema", "location": s.url + "/Schemas/" + sc.id},
		}
		if strings.EqualFold(e.id, sc.id) {
			return encoded(item), nil
		}
		items = append(items, item)
	}
	if e.id != "" {
		return answer{}, notFound("Schema", e.id)
	}
	return encoded(listOf(items)), nil
}

func described(attrs []*attribute) []any {
	out := []any{}
	for _, a := range attrs {
		unique, returned := "none", "default"
		if a.unique {
			unique = "server"
		}
		if a.mutable == writeOnly {
			returned = "never"
		}
		m := map[string]any{"name": a.name, "type": string(a.kind), "multiValued": a.multi, "description": a.name,
			"required":  a.required,
			"caseExact": a.exact, "mutability": string(a.mutable), "returned": returned, "uniqueness": unique}
		if a.kind == kindRef {
			types := []any{}
			for _, t := range a.refs {
				types = append(types, t)
			}
			m["referenceTypes"] = types
		}
		if len(a.subs) > 0 {
			m["subAttributes"] = described(a.subs)
		}
		out = append(out, m)
	}
	return out
}

// organization is Webex's GET /v1/organizations/{id}, by UUID or by the base64 id of its other
// APIs.
func (s *Server) organization(e *exchange) (answer, error) {
	long := base64.RawStdEncoding.EncodeToString([]byte("ciscospark://us/ORGANIZATION/" + s.opt.Org))
	if e.id != s.opt.Org && strings.TrimRight(e.id, "=") != long {
		return answer{}, notFound("Organization", e.id)
	}
	return encoded(map[string]any{"id": long, "displayName": s.opt.OrgName}), nil
}
