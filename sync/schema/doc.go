// Package schema is the catalogue of cloud attributes: their names on screen and in the
// configuration, where they live in a SCIM resource, and what values they take. It imports nothing
// of ours and does no I/O.
//
// Start reading at Catalogue.
package schema
