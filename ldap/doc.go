// Package ldap reads people, groups and memberships from a directory: Active
// Directory, AD LDS, or any LDAP server. It only ever reads, and never asks for
// password attributes.
//
// Start at Source (source.go), the adapter, and Options (options.go), what it is made of.
// Every listing is whole or an error, and runs on a session of its own.
//
// File names begin with the part of the package that they belong to:
//
//   - conn_ finds a server, connects and talks: conn_dial.go, conn_session.go. The LDAP
//     library asks for pages; entries are split off below it (conn_frames.go) and decoded
//     here (conn_decode.go). conn_bounds.go ends answers that have no end.
//   - auth_ signs in: auth_bind.go chooses the way.
//   - list_ yields people, groups, contacts, memberships and single objects: list_people.go
//     shows the whole of a listing, list_entry.go makes an identity.Entry of an entry.
//   - scope_ decides which objects are synchronized: scope_reach.go for a listing,
//     scope_explain.go for one object, condition by condition.
//   - changes_ tells what changed since a position: changes.go chooses between DirSync,
//     uSNChanged, RFC 4533 and modifyTimestamp.
package ldap
