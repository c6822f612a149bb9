package scimtest

import "net/http"

// allowed lists the methods of a kind of path, "" for an unknown one.
func allowed(kind string) string {
	switch kind {
	case "Users", "Groups":
		return "GET, POST"
	case "Users/{id}", "Groups/{id}":
		return "GET, PUT, PATCH, DELETE"
	case "Users/.search", "Groups/.search", "Bulk":
		return "POST"
	case "Groups/{id}/Members", "ServiceProviderConfig", "ResourceTypes", "ResourceTypes/{id}", "Schemas", "Schemas/{id}",
		"organizations/{id}", "ArchivedUser/{id}":
		return "GET"
	}
	return ""
}

func (s *Server) route(e *exchange) (answer, error) {
	switch e.method + " " + e.kind {
	case "GET Users", "GET Groups":
		return s.list(e)
	case "POST Users/.search", "POST Groups/.search":
		return s.search(e)
	case "POST Users", "POST Groups":
		return s.create(e)
	case "GET Users/{id}", "GET Groups/{id}":
		return s.read(e)
	case "PUT Users/{id}", "PUT Groups/{id}":
		return s.replace(e)
	case "PATCH Users/{id}", "PATCH Groups/{id}":
		return s.patch(e)
	case "DELETE Users/{id}", "DELETE Groups/{id}":
		return s.delete(e)
	case "GET Groups/{id}/Members":
		return s.listMembers(e)
	case "POST Bulk":
		return s.bulk(e)
	case "GET ServiceProviderConfig":
		return s.providerConfig(), nil
	case "GET ResourceTypes", "GET ResourceTypes/{id}":
		return s.resourceTypes(e)
	case "GET Schemas", "GET Schemas/{id}":
		return s.schemas(e)
	case "GET organizations/{id}":
		return s.organization(e)
	case "GET ArchivedUser/{id}":
		return s.archivedUser(e)
	}
	if m := allowed(e.kind); m != "" {
		return answer{}, refuse(http.StatusMethodNotAllowed, "", "%s is not allowed here; allowed: %s", e.method, m)
	}
	if s.opt.Plain && e.kind == "Me" {
		return answer{}, refuse(http.StatusNotImplemented, "", "the client has no resource of its own") // section 3.11
	}
	return answer{}, refuse(http.StatusNotFound, "", "there is no such endpoint")
}
