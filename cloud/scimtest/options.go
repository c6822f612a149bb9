package scimtest

import "time"

// BulkStatus is the form in which a bulk answer gives the status of an operation.
// All three are seen in the wild.
type BulkStatus string

const (
	StatusText   BulkStatus = "text"   // "201"
	StatusNumber BulkStatus = "number" // 201
	StatusObject BulkStatus = "object" // {"code":"201"}
)

// Options are how the cloud behaves. The zero value is a Webex look.
type Options struct {
	Addr       string // to listen on; "127.0.0.1:0"
	Token      string // the bearer token asked for; "sandbox-token"
	Org        string // the organization's UUID, in the URL
	OrgName    string // "Acme"
	MaxOps     int    // operations in one bulk request; 100
	MaxPayload int64  // bytes of one bulk request; 1 MiB
	PageSize   int    // resources on a page, by default and at most; 100
	// Clock gives meta's times and the settling delay; time.Now. It must not run backwards.
	Clock func() time.Time
	// Seed makes ids repeatable; 0 draws one.
	Seed uint64

	// AnchorlessExternalID drops externalId from what is written.
	AnchorlessExternalID bool
	// SettlingDelay is how long a new resource is absent from listings and searches.
	// GET by id shows it at once, and its name is taken at once.
	SettlingDelay time.Duration
	// UniqueGroupNames refuses a second group of one name, without regard to case.
	UniqueGroupNames bool
	// MembersInListing puts members into every group that is listed. Without it, as
	// at Webex, a listing shows them only for includeMembers=true or attributes=members.
	MembersInListing bool
	// LooseMembers leaves a member that names no resource out of the group, where Webex
	// refuses the write: a provider may do without referential integrity (RFC 7643
	// section 2.3.7).
	LooseMembers bool
	// Plain is a provider of no particular kind: the schemas of RFC 7643 alone, errors
	// without Webex's part, relative references, LooseMembers, PUT and circles in bulk, and
	// user names of any form.
	Plain bool
	// CoreOnly is Plain without the enterprise extension either.
	CoreOnly bool
	// AnyUserName allows user names that are no e-mail addresses.
	AnyUserName bool
	// WebexFilters refuses searches that Webex does not document: other attributes,
	// operators such as co, and pr.
	WebexFilters bool
	// RequireUserType refuses a new user without userType, as Webex documents.
	RequireUserType bool
	// WithoutRoles leaves roles out of every answer, so that nobody can tell who is
	// an administrator.
	WithoutRoles bool
	// ActiveAs is how a user's active is written in answers, as JSON: 0, "true", null.
	// nil writes true or false.
	ActiveAs func(active bool) string
	// Cursors pages listings by cursor alone (RFC 9865), without totalResults.
	Cursors bool
	// WithoutBulk answers 501 to bulk requests and says so in ServiceProviderConfig.
	WithoutBulk bool
	BulkStatus  BulkStatus // StatusText
	// BulkBodies puts the resource into the bulk answer of a write that succeeded.
	BulkBodies bool
	// QuietPatch answers PATCH with 204 and no body.
	QuietPatch bool
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
