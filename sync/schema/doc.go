// Package schema is the catalogue of cloud attributes: their names on screen and in the
// configuration, their place in a SCIM resource, and the values that they accept. It imports no
// other package of Dirbridge and does no I/O.
//
// Start reading at Catalogue.
package schema
