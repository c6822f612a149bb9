package webex

// Assumption is something about Webex that Dirbridge relies on and that Cisco's description does not
// promise. All of them are in Assumptions.
type Assumption struct {
	ID     string `json:"id"`
	Says   string `json:"says"`
	Source string `json:"source"`
	// Otherwise is what happens where it does not hold.
	Otherwise string `json:"otherwise"`
	// Untestable is why reading alone cannot test it; "" if doctor tests it.
	Untestable string `json:"untestable,omitempty"`
}

// Sources of assumptions.
const (
	fromDescription = "Cisco's OpenAPI description of the Webex admin APIs (webex-openapi-specs, webex-admin.json)"
	fromSDK         = "wxc_sdk (jeokrohn/wxc_sdk), its SCIM client and the tests that it runs with an organization"
	fromHelp        = "help.webex.com, on Cisco Directory Connector"
	onlyByWriting   = "only a write would show it"
)

// Assumptions lists them; doctor --cloud tests those that reading can test.
func Assumptions() []Assumption {
	return []Assumption{
		{ID: "paging", Says: "Lists are paged by startIndex and count, and say how many there are",
			Source: fromDescription + "; no largest page is documented", Otherwise: "a list is refused as incomplete"},
		{ID: "tracking-id", Says: "Each answer has a tracking id in its header", Source: fromSDK,
			Otherwise: "errors have none"},
		{ID: "roles", Says: "Lists show the roles of administrators", Source: fromDescription,
			Otherwise: "each account may be an administrator's, and is never removed"},
		{ID: "work-address", Says: "Each user has one work address, and it is userName", Source: fromDescription,
			Otherwise: "a change of the address may change another one of the same type"},
		{ID: "user-type", Says: "Users have the userType user, room, external_calling or calling_service",
			Source: fromDescription, Otherwise: "accounts of another type are treated as people's"},
		{ID: "name-search", Says: "A search for userName ignores letter case", Source: fromDescription + " and RFC 7643",
			Otherwise: "each spelling is searched"},
		{ID: "external-id-search", Says: "A search for externalId works", Source: fromSDK + " (its tests hint at it)",
			Otherwise: "all users are listed instead"},
		{ID: "members", Says: "The members of a group are at /Groups/ID/Members", Source: fromDescription,
			Otherwise: "they are read from the group itself, which shows 500 at most"},
		{ID: "provision-source", Says: "provisionSource names the program that made an account", Source: fromSDK,
			Otherwise: "another program is noticed by its externalId alone"},
		{ID: "archive", Says: "Deleted users can be looked up in the archive", Source: fromDescription,
			Otherwise: "explain and undo cannot say when an account was deleted"},
		{ID: "address-held", Says: "The address of a deleted user cannot be used again for 7 days", Source: fromHelp,
			Otherwise: "it can be used earlier or later than a message says", Untestable: onlyByWriting},
		{ID: "settling", Says: "A new user is in lists after 15 seconds at most", Source: fromSDK,
			Otherwise: "a lost answer is looked for in vain, and the next run links the account", Untestable: onlyByWriting},
		{ID: "bulk", Says: "Requests in bulk say operations, fail by failOnErrors, and may have 1 MiB", Source: fromSDK,
			Otherwise: "each change is sent singly", Untestable: onlyByWriting},
		{ID: "alternative-address", Says: "An alternative address may have the type other", Source: fromDescription,
			Otherwise: "mapping emails;type-work is refused or without effect", Untestable: onlyByWriting},
		{ID: "refused-words", Says: "Refusals name a claimed domain, a user who could not be converted, or a deleted one",
			Source:    "the guide of Cisco Directory Connector",
			Otherwise: "the remedy is that of any other naming conflict", Untestable: onlyByWriting},
		{ID: "beside-directory-sync", Says: "Users can be written while directory synchronization is on in Control Hub",
			Source: "not documented for SCIM; the People API refuses it", Otherwise: "writes are refused, with the reason",
			Untestable: onlyByWriting},
		{ID: "second-base", Says: "https://api.ciscospark.com/v1/scim/ORG answers as the documented address",
			Source: "Microsoft's tutorial of Entra's gallery application", Otherwise: "use the documented address"},
	}
}
