package cloud

import (
	"time"

	"dirbridge/cloud/webex"
)

// Profile describes how a provider departs from RFC 7644. The zero Profile is a conforming provider
// without bulk; discovery adds what the provider publishes.
type Profile struct {
	// Discover reads ServiceProviderConfig and Schemas.
	Discover bool
	// UserType is sent with every new user; "" sends none.
	UserType string
	// MailPath is an e-mail address that must always equal userName; "" for none.
	MailPath string

	Page     int  // resources per page
	NoFilter bool // filters do not work; look-ups read the complete list
	Cursor   bool // paging by cursor (RFC 9865) instead of startIndex

	BulkOperations int // most operations in one bulk request; 0 without bulk
	BulkPayload    int // most bytes of its body; 0 for no limit
	BulkKey        string
	BulkFailOn     bool // failOnErrors is required

	MembersPage  int  // members per page of /Groups/{id}/Members; 0 if it does not exist
	MembersChunk int  // members changed by one PATCH
	MemberType   bool // members are written with their type

	NoValuePath bool // paths with a filter are not supported: arrays are replaced completely
	NoPath      bool // operations have their attributes in the value, without a path

	// AdminRole is the value of roles that makes a user a full administrator.
	AdminRole string
	// AdminUnknown: a listed user without roles may still be an administrator.
	AdminUnknown bool

	Settling           time.Duration
	Anchorless         bool
	DeactivateDestroys bool
	UniqueGroupNames   bool
}

// Generic is any SCIM 2.0 provider, with discovery.
func Generic() Profile {
	return Profile{
		Discover:     true,
		Page:         100,
		BulkKey:      "Operations",
		MembersChunk: 100,
		AdminRole:    webex.FullAdmin,
		Settling:     3 * time.Second,
	}
}

// Webex is the identity service of Webex, which publishes no configuration.
func Webex() Profile {
	return Profile{
		UserType:       webex.UserType,
		MailPath:       webex.WorkMail,
		Page:           webex.Page,
		BulkOperations: webex.BulkOperations,
		BulkPayload:    webex.BulkPayload,
		BulkKey:        webex.BulkKey,
		BulkFailOn:     true,
		MembersPage:    webex.MembersPage,
		MembersChunk:   webex.MemberChunk,
		MemberType:     true,
		AdminRole:      webex.FullAdmin,
		AdminUnknown:   true,
		Settling:       webex.Settling,
		// Control Hub and its group-based settings find groups by name.
		UniqueGroupNames: true,
	}
}

// GitHub is the SCIM interface of a GitHub organization, where active=false removes the member for
// good and paths with filters are not supported.
func GitHub() Profile {
	p := Generic()
	p.Discover = false
	p.NoValuePath = true
	p.NoPath = true
	p.DeactivateDestroys = true
	return p
}

// profileOf returns the profile of a configured kind.
func profileOf(kind string) (Profile, bool) {
	switch kind {
	case "webex":
		return Webex(), true
	case "scim":
		return Generic(), true
	}
	return Profile{}, false
}
