package site

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"testing"

	"dirbridge/cloud/scimtest"
	"dirbridge/ldap/ldaptest/lab"
	"dirbridge/sync/schema"
)

// Writes returns the number of write requests to the cloud so far.
func (p Cloud) Writes(t *testing.T) int {
	t.Helper()
	if p.Sandbox != nil {
		return p.Sandbox.Stats().Writes
	}
	u, err := url.Parse(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = ""
	var stats struct{ Writes int }
	Parse(t, string(Get(t, Cloud{URL: u.String(), Token: p.Token}, "/_stats")), &stats)
	return stats.Writes
}

// Patch replaces one attribute of an account without the connector.
func (p Cloud) Patch(t *testing.T, id, path, value string) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:PatchOp"},
		"Operations": []any{map[string]any{"op": "replace", "path": path, "value": value}}})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, p.URL+"/Users/"+id, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.Token)
	req.Header.Set("Content-Type", "application/scim+json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode/100 != 2 {
		t.Fatalf("PATCH: %s", res.Status)
	}
}

// EmbeddedCloud returns the embedded cloud, which behaves like Webex.
func EmbeddedCloud(t *testing.T) Cloud {
	t.Helper()
	s, err := scimtest.Start(t.Context(), scimtest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return Cloud{schema.KindWebex, s.URL(), s.Token(), s}
}

// SCIMMY is an organization of a real SCIM server.
func SCIMMY(c lab.Cloud) Cloud {
	return Cloud{Kind: schema.KindSCIM, URL: c.URL, Token: c.Token}
}

func Get(t *testing.T, p Cloud, path string) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.Token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s %v %s", path, res.Status, err, body)
	}
	return body
}
