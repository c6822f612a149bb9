package webex

import (
	"encoding/base64"
	"testing"
)

// An id is understood in each form that a person may paste.
func TestIDsOfTheOlderAPIs(t *testing.T) {
	const uuid = "2b1f0c8e-5d1a-4c57-9f0e-8a2f6f9d3c10"
	const old = "ciscospark://us/ORGANIZATION/" + uuid
	for _, text := range []string{uuid, "2B1F0C8E-5D1A-4C57-9F0E-8A2F6F9D3C10", " " + uuid + "\n", old,
		base64.StdEncoding.EncodeToString([]byte(old)), base64.RawStdEncoding.EncodeToString([]byte(old)),
		base64.URLEncoding.EncodeToString([]byte(old)), base64.RawURLEncoding.EncodeToString([]byte(old)),
		base64.RawURLEncoding.EncodeToString([]byte("ciscospark://us/PEOPLE/" + uuid)),
		base64.RawURLEncoding.EncodeToString([]byte("ciscospark://urn:TEAM:eu-central-1_k/ORGANIZATION/" + uuid)),
	} {
		if id, ok := ID(text); !ok || id != uuid {
			t.Errorf("%q is read as %q, %v", text, id, ok)
		}
		if base, ok := BaseURL(text); !ok || base != "https://webexapis.com/identity/scim/"+uuid+"/v2" {
			t.Errorf("%q has the base %q, %v", text, base, ok)
		}
	}
	for _, text := range []string{"", "acme", uuid[1:], uuid + "0", "g" + uuid[1:], "ciscospark://us/" + uuid,
		base64.StdEncoding.EncodeToString([]byte("ciscospark://us/ORGANIZATION/acme"))} {
		if id, ok := ID(text); ok || ReadID(text) != text {
			t.Errorf("%q is read as the id %q", text, id)
		}
	}
}

// Both bases are accepted, with the id in any form, and keep their host.
func TestBases(t *testing.T) {
	const uuid = "2b1f0c8e-5d1a-4c57-9f0e-8a2f6f9d3c10"
	old := base64.StdEncoding.EncodeToString([]byte("ciscospark://us/ORGANIZATION/" + uuid))
	for from, to := range map[string]string{
		"https://webexapis.com/identity/scim/" + old + "/v2":  "https://webexapis.com/identity/scim/" + uuid + "/v2",
		"https://webexapis.com/identity/scim/" + uuid + "/v2": "https://webexapis.com/identity/scim/" + uuid + "/v2",
		"https://api.ciscospark.com/v1/scim/" + old:           "https://api.ciscospark.com/v1/scim/" + uuid,
		"https://api.ciscospark.com/v1/scim/" + uuid:          "https://api.ciscospark.com/v1/scim/" + uuid,
		"https://scim.example.com/v2":                         "https://scim.example.com/v2",
	} {
		if got := Address(from); got != to {
			t.Errorf("%s becomes %s", from, got)
		}
		want := uuid
		if from == to && to == "https://scim.example.com/v2" {
			want = ""
		}
		if got := Organization(from); got != want && want != "" {
			t.Errorf("%s is of the organization %q", from, got)
		}
	}
}
