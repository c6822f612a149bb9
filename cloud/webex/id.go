package webex

import (
	"encoding/base64"
	"net/url"
	"strings"
)

// Host is where the documented API is.
const Host = "webexapis.com"

// ID is the UUID of an id as a person may paste it: the UUID itself, or the id of Webex's older
// APIs, which is ciscospark://us/ORGANIZATION/uuid in base64, in either alphabet, with or without
// padding. ok is false for any other text.
func ID(text string) (id string, ok bool) {
	text = strings.TrimSpace(text)
	if isUUID(text) {
		return strings.ToLower(text), true
	}
	plain, encoded := text, strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimRight(text, "="))
	if raw, err := base64.RawURLEncoding.DecodeString(encoded); err == nil {
		plain = string(raw)
	}
	rest, ok := strings.CutPrefix(plain, "ciscospark://")
	if parts := strings.Split(rest, "/"); ok && len(parts) == 3 && isUUID(parts[2]) {
		return strings.ToLower(parts[2]), true
	}
	return "", false
}

// ReadID is ID, or the text itself if it is no id.
func ReadID(text string) string {
	if id, ok := ID(text); ok {
		return id
	}
	return text
}

func isUUID(text string) bool {
	if len(text) != 36 {
		return false
	}
	for i, c := range text {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (c == '-') || !dash && !strings.ContainsRune("0123456789abcdefABCDEF", c) {
			return false
		}
	}
	return true
}

// BaseURL is the SCIM base URL of an organization, by its id in Control Hub or by the id of Webex's
// older APIs; false if it is neither.
func BaseURL(org string) (string, bool) {
	id, ok := ID(org)
	if !ok {
		return "", false
	}
	return "https://" + Host + "/identity/scim/" + id + "/v2", true
}

// Organization is the id of the organization in a SCIM base URL, or "". Both bases are read:
// https://webexapis.com/identity/scim/ORG/v2, and https://api.ciscospark.com/v1/scim/ORG, which
// Entra's gallery application uses.
func Organization(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return ""
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	for i, p := range parts {
		if strings.EqualFold(p, "scim") && i+1 < len(parts) {
			return ReadID(parts[i+1])
		}
	}
	return ""
}

// Address is a SCIM base URL with the id of its organization in the form that the service expects.
func Address(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return base
	}
	parts := strings.Split(u.Path, "/")
	for i, p := range parts {
		if i > 0 && strings.EqualFold(parts[i-1], "scim") {
			parts[i] = ReadID(p)
		}
	}
	u.Path, u.RawPath = strings.Join(parts, "/"), ""
	return u.String()
}
