package profile

import "time"

// Profile says what a provider expects. Its fields are the keys of a profile's file, which leaves
// out what is as in Standard. docs/providers.md explains each.
type Profile struct {
	Name     string        `toml:"-"`
	Title    string        `toml:"title"`
	Note     string        `toml:"note"`     // what its operator should know
	Hosts    []string      `toml:"hosts"`    // of its base URLs; *.example.com is any host below
	Discover bool          `toml:"discover"` // it publishes what it supports
	Settling time.Duration `toml:"-"`
	// SettlingText is how long a new resource may be absent from listings: Settling, as a text.
	SettlingText string `toml:"settling"`

	List   List   `toml:"list"`
	Filter Filter `toml:"filter"`
	User   User   `toml:"user"`
	Group  Group  `toml:"group"`
	Write  Write  `toml:"write"`
	Bulk   Bulk   `toml:"bulk"`
}

// List says how users and groups are listed.
type List struct {
	Paging Paging `toml:"paging"`
	Page   int    `toml:"page"` // resources per page
}

// Paging is how a listing continues.
type Paging string

const (
	Index  Paging = "index"  // startIndex (RFC 7644 section 3.4.2.4)
	Cursor Paging = "cursor" // RFC 9865
	// Unlisted: nothing is listed without a filter. The resources that are known are read one by
	// one.
	Unlisted Paging = "none"
)

// Filter has the attributes that a search may compare by eq. Empty lists mean that the complete
// list is searched.
type Filter struct {
	Users  []string `toml:"users"`
	Groups []string `toml:"groups"`
}

// User says what is special about users.
type User struct {
	Type string `toml:"type"` // userType of every new user; "" sends none
	Mail string `toml:"mail"` // path of an e-mail address that must equal userName; "" for none
	// Attributes are the paths that the provider keeps; empty for all, or for those that it
	// publishes.
	Attributes []string   `toml:"attributes"`
	ExternalID bool       `toml:"external_id"` // it keeps externalId
	Deactivate Deactivate `toml:"deactivate"`
	Delete     Delete     `toml:"delete"`
	// Administrator is the value of roles that makes a user a full administrator.
	Administrator string `toml:"administrator"`
	// RolesUnknown: a user without roles may still be an administrator.
	RolesUnknown bool `toml:"roles_unknown"`
}

// Deactivate is what active=false does.
type Deactivate string

const (
	Disables Deactivate = "disables"
	Destroys Deactivate = "destroys" // the account is gone for good
)

// Delete is what DELETE does to a user.
type Delete string

const (
	Deletes Delete = "deletes"
	// Deactivates: the account stays in the listing, inactive. So Dirbridge never deletes it.
	Deactivates Delete = "deactivates"
)

// Group says what is special about groups.
type Group struct {
	Supported   bool    `toml:"supported"`
	Nested      bool    `toml:"nested"` // a group may be a member
	UniqueNames bool    `toml:"unique_names"`
	Members     Members `toml:"members"`
	MembersPage int     `toml:"members_page"` // for Members of Endpoint
	Chunk       int     `toml:"chunk"`        // members changed by one request
	Payload     int     `toml:"payload"`      // most bytes of such a request; 0 for no limit
	MemberType  bool    `toml:"member_type"`  // members are written with their type
	Remove      Remove  `toml:"remove"`
}

// Members is where the members of a group are read.
type Members string

const (
	InListing Members = "listing"  // of groups; if it shows none, in each group
	InGroup   Members = "group"    // GET /Groups/ID
	Endpoint  Members = "endpoint" // GET /Groups/ID/Members, in pages
	ByFilter  Members = "filter"   // GET /Users?filter=groups.value eq "ID"
)

// Remove is how members are removed by PATCH.
type Remove string

const (
	ByPath  Remove = "path"  // members[value eq "ID"]
	ByValue Remove = "value" // members, with the value [{"value": "ID"}]
)

// Write says how resources are changed.
type Write struct {
	Users  Method `toml:"users"`
	Groups Method `toml:"groups"`
	State  Method `toml:"state"` // of active
	// Path: operations name their attribute in the path. Otherwise it is in the value.
	Path bool `toml:"path"`
	// ValueFilter: a path may have a filter, such as emails[type eq "work"].value. Otherwise an
	// attribute with several values is replaced completely.
	ValueFilter bool     `toml:"value_filter"`
	Ops         Ops      `toml:"ops"`
	Booleans    Booleans `toml:"booleans"`
	ETag        ETag     `toml:"etag"`
}

// ETag is whether changes carry If-Match.
type ETag string

const (
	AsPublished ETag = "auto" // if the provider publishes that it supports it
	Always      ETag = "always"
	Never       ETag = "never"
)

// Method is the method of a change.
type Method string

const (
	Patch Method = "PATCH"
	Put   Method = "PUT"
)

// Ops is how the operations of a PATCH are spelled.
type Ops string

const (
	Lower   Ops = "lower"   // replace (RFC 7644)
	Capital Ops = "capital" // Replace
)

// Booleans is how true is written in a PATCH.
type Booleans string

const (
	JSON Booleans = "json" // true
	Text Booleans = "text" // "True"
)

// Bulk says how several changes are sent with one request.
type Bulk struct {
	Operations   int    `toml:"operations"` // most in one request; 0 without bulk
	Payload      int    `toml:"payload"`    // most bytes of its body; 0 for no limit
	Key          string `toml:"key"`        // of the operations in the body
	FailOnErrors bool   `toml:"fail_on_errors"`
}

// Standard is a provider that conforms to RFC 7644, without bulk and without discovery.
func Standard() Profile {
	return Profile{
		Settling:     3 * time.Second,
		SettlingText: "3s",
		List:         List{Paging: Index, Page: 100},
		Filter:       Filter{Users: []string{"userName", "externalId"}, Groups: []string{"displayName", "externalId"}},
		User:         User{ExternalID: true, Deactivate: Disables, Delete: Deletes, Administrator: "id_full_admin"},
		Group:        Group{Supported: true, Nested: true, Members: InListing, Chunk: 100, Remove: ByPath},
		Write: Write{Users: Patch, Groups: Patch, State: Patch, Path: true, ValueFilter: true, Ops: Lower,
			Booleans: JSON, ETag: AsPublished},
		Bulk: Bulk{Key: "Operations"},
	}
}
