// Package ldap reads people, groups and memberships from a directory: Active Directory, AD LDS, or
// any LDAP server. It never writes, and never requests password attributes.
//
// Start at Source (source.go), the adapter, and Options (options.go), its configuration. Every
// listing is complete or returns an error, and has a session of its own.
//
// File names begin with the part of the package that they belong to:
//
//   - conn_ finds a server, connects and sends requests: conn_dial.go, conn_session.go. The LDAP
//     library requests pages; entries are split off below it (conn_frames.go) and decoded here
//     (conn_decode.go). conn_bounds.go ends endless answers.
//   - auth_ signs in: auth_bind.go chooses the method.
//   - list_ yields people, groups, contacts, memberships and single objects: list_people.go shows a
//     complete listing, list_entry.go makes an identity.Entry from an LDAP entry.
//   - scope_ decides which objects are synchronized: scope_listing.go for a listing, scope_explain.go
//     for one object, condition by condition.
//   - changes_ reads what changed since a cookie: changes.go chooses between DirSync, uSNChanged,
//     RFC 4533 and modifyTimestamp.
package ldap
