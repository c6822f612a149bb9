// Package mapping turns directory entries into what the cloud should have, by the administrator's
// rules. It is pure: no I/O, no clock, no state.
//
// Start reading at New and Mapper.Person.
package mapping
