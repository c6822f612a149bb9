// Package profile has the profiles of cloud providers: what a provider that speaks SCIM 2.0 expects,
// and where it departs from RFC 7644. A profile is a TOML file; those of known providers are
// embedded, and an operator may write one.
//
// Start at Profile. Load finds one by its name or its path; named/*.toml are the embedded ones, with
// their sources.
package profile
