// Package seal writes the work database into a plan file, with what the run leaves for the
// next one. Start reading at Plan.
package seal
