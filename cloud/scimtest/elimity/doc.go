// Package elimity is another implementation of SCIM 2.0 for tests: the library
// github.com/elimity-com/scim around a store in memory. It has no bulk, no versions and no cursors,
// and validates against the schemas of RFC 7643.
//
// Start at Start.
package elimity
