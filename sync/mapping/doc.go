// Package mapping turns what was read of the directory into what the cloud should hold, by the
// administrator's rules. It is pure: no I/O, no clock, no state.
//
// Start reading at New and Mapper.Person.
package mapping
