package webex

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// Facts of the service. It publishes no ServiceProviderConfig, so they are fixed here.
const (
	// UserType must be sent with every new user.
	UserType = "user"
	// FullAdmin is the value in `roles` that makes a user a full administrator.
	FullAdmin = "id_full_admin"
	// WorkMail is the path of the e-mail address that must equal userName.
	WorkMail = `emails[type eq "work"].value`

	Page        = 100 // users and groups per page; no maximum is documented
	MembersPage = 500 // members per page of /Groups/{id}/Members
	MemberChunk = 100 // members changed by one PATCH

	BulkOperations = 100
	BulkPayload    = 1 << 20 // bytes; none is documented
	// BulkKey is the name of the operations in a bulk request. Answers spell it in either case.
	BulkKey = "operations"

	// Settling is how long a new user may be absent from listings.
	Settling = 15 * time.Second

	// UserSchema is the extension of a user, MessagesSchema that of an error.
	UserSchema     = "urn:scim:schemas:extension:cisco:webexidentity:2.0:User"
	MessagesSchema = "urn:scim:schemas:extension:cisco:webexidentity:api:messages:2.0:Error"
)

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
