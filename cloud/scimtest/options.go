package scimtest

import "time"

// BulkStatus is the form of an operation's status in a bulk answer. Providers use all three.
type BulkStatus string

const (
	StatusText   BulkStatus = "text"   // "201"
	StatusNumber BulkStatus = "number" // 201
	StatusObject BulkStatus = "object" // {"code":"201"}
)

// Options configure the cloud. The zero value imitates Webex.
type Options struct {
	Addr       string // to listen on; "127.0.0.1:0"
	Token      string // the required bearer token; "sandbox-token"
	Org        string // the organization's UUID, in the URL
	OrgName    string // "Acme"
	MaxOps     int    // operations in one bulk request; 100
	MaxPayload int64  // bytes of one bulk request; 1 MiB
	PageSize   int    // resources per page, by default and at most; 100
	// Clock is for meta's times and the settling delay; time.Now. It must not run backwards.
	Clock func() time.Time
	// Seed makes ids reproducible; 0 draws one.
	Seed uint64

	// AnchorlessExternalID drops externalId from writes.
	AnchorlessExternalID bool
	// SettlingDelay is how long a new resource is absent from listings and searches. GET by id
	// shows it at once, and its name is taken at once.
	SettlingDelay time.Duration
	// UniqueGroupNames refuses a second group with the same name, case-insensitively.
	UniqueGroupNames bool
	// MembersInListing includes the members of every listed group. Without it, as in Webex, a
	// listing shows them only for includeMembers=true or attributes=members.
	MembersInListing bool
	// LooseMembers drops unknown members of a group, where Webex refuses the write: a provider need
	// not have referential integrity (RFC 7643 section 2.3.7).
	LooseMembers bool
	// Plain is a generic provider: the schemas of RFC 7643 only, errors without Webex's extension,
	// relative references, LooseMembers, PUT and circles in bulk, and user names of any form.
	Plain bool
	// CoreOnly is Plain without the enterprise extension.
	CoreOnly bool
	// AnyUserName permits user names that are not e-mail addresses.
	AnyUserName bool
	// WebexFilters refuses searches that Webex does not document: other attributes, operators such
	// as co, and pr.
	WebexFilters bool
	// RequireUserType refuses a new user without userType, as Webex documents.
	RequireUserType bool
	// SoftDelete is how long the address of a deleted user cannot be used again, 7 days at Webex; 0
	// frees it at once.
	SoftDelete time.Duration
	// WithoutRoles leaves roles out of every answer, so administrators cannot be recognized.
	WithoutRoles bool
	// ActiveAs is the JSON of a user's active in answers: 0, "true", null. nil writes true or
	// false.
	ActiveAs func(active bool) string
	// Cursors pages listings by cursor only (RFC 9865), without totalResults.
	Cursors bool
	// WithoutBulk answers 501 to bulk requests and announces that in ServiceProviderConfig.
	WithoutBulk bool
	// Departures are where the provider departs from RFC 7644.
	Departures Departures
	BulkStatus BulkStatus // StatusText
	// BulkBodies includes the resource in the bulk answer of a successful write.
	BulkBodies bool
	// QuietPatch answers PATCH with 204 and no body.
	QuietPatch bool
	// SignIn is how clients sign in by OAuth.
	SignIn SignIn
}

func (o Options) withDefaults() Options {
	text := func(p *string, def string) {
		if *p == "" {
			*p = def
		}
	}
	text(&o.Addr, "127.0.0.1:0")
	text(&o.Token, "sandbox-token")
	text(&o.Org, "0f3c2a1e-7d64-4b1f-9a55-3c2e8d7b6f10")
	text(&o.OrgName, "Acme")
	text((*string)(&o.BulkStatus), string(StatusText))
	o.SignIn = o.SignIn.withDefaults()
	if o.MaxOps <= 0 {
		o.MaxOps = 100
	}
	if o.MaxPayload <= 0 {
		o.MaxPayload = 1 << 20
	}
	if o.PageSize <= 0 {
		o.PageSize = 100
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	o.Plain = o.Plain || o.CoreOnly
	o.AnyUserName = o.AnyUserName || o.Plain
	o.LooseMembers = o.LooseMembers || o.Plain
	return o
}
