package webex

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Facts of the service that are not in its profile.
const (
	// AddressHeld is how long the address of a deleted account cannot be used again.
	AddressHeld = 7 * 24 * time.Hour

	// UserSchema is the extension of a user, MessagesSchema that of an error.
	UserSchema     = "urn:scim:schemas:extension:cisco:webexidentity:2.0:User"
	MessagesSchema = "urn:scim:schemas:extension:cisco:webexidentity:api:messages:2.0:Error"
)

// ArchivedUser is the path of a deleted user, below the root of the host.
func ArchivedUser(org, id string) string {
	return "/identity/organizations/" + url.PathEscape(org) + "/v1/ArchivedUser/" + url.PathEscape(id)
}

// TrackingID is the id by which Cisco's support finds a request, or "". It is in the extension of a
// SCIM error, at the top of another error, or in a header.
func TrackingID(h http.Header, body []byte) string {
	var top map[string]json.RawMessage
	if json.Unmarshal(body, &top) == nil {
		for key, raw := range top {
			if strings.EqualFold(key, MessagesSchema) {
				var m struct{ TrackingID string }
				if json.Unmarshal(raw, &m) == nil && m.TrackingID != "" {
					return m.TrackingID
				}
			}
		}
		var id string
		if json.Unmarshal(top["trackingId"], &id) == nil && id != "" {
			return id
		}
	}
	return h.Get("Trackingid")
}

// Claimed reports whether a refusal of a user is about a domain of another organization. There is
// no code for it, and 403 alone may be a missing right.
func Claimed(status int, detail string) bool {
	words := strings.ToLower(detail)
	return status == http.StatusForbidden && strings.Contains(words, "domain") &&
		(strings.Contains(words, "claim") || strings.Contains(words, "verif"))
}

// Unconverted reports whether a refusal of a user is about an account of another organization, in
// the guide's words.
func Unconverted(status int, detail string) bool {
	words := strings.ToLower(detail)
	return (status == http.StatusConflict || status == http.StatusForbidden || status == http.StatusBadRequest) &&
		(strings.Contains(words, "could not be converted") || strings.Contains(words, "consumer org"))
}

// SoftDeleted reports whether a refusal of an address says that a deleted account has it.
func SoftDeleted(detail string) bool { return strings.Contains(strings.ToLower(detail), "deleted") }

// AfterForeign is the remedy if an account of another organization has the address: the guide's
// procedure for converted and sideboarded accounts.
const AfterForeign = "The address belongs to an account outside this organization: of a person who signed up for " +
	"the free version or was invited to a space, or one that was deleted here and keeps its address for 7 days. " +
	"Nothing is deleted, and it is planned again with each run. To take the account over: 1. dirbridge disable. 2. " +
	"Convert the user to your organization in Control Hub. " +
	"3. Make a dry run, and check that converted people are matched: neither added nor removed. 4. dirbridge enable. " +
	"See docs/converting.md."

// AfterClaim is the remedy if the domain belongs to another organization.
const AfterClaim = "Claim and verify the domain of the address for this organization in Control Hub, or ask the " +
	"organization that has claimed it to release it. Until then the person gets no account; nothing is deleted, and it " +
	"is planned again " +
	"with each run."
