// Package sample invents a believable company of N people: their places in the directory's tree,
// their groups and managers, the faults that real data has, and what a cloud already knows of them.
// Everything follows from a seed, and person i is computed alone, so that a million people need no
// memory.
//
// No person in it exists. Mail addresses and host names lie under the domains of the options, by
// default those that RFC 2606 reserves.
//
// Start reading at New.
package sample
