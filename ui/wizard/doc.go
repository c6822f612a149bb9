// Package wizard is the set-up as both front ends know it: its six steps, the fields that each asks
// for, the progress of a draft, and the sentences for results. It knows no screen and does no I/O.
//
// Start reading in field.go; steps.go has the steps, and the file of each step its table of fields.
package wizard
