// Package sample invents a realistic company of N people: their places in the directory's tree,
// their groups and managers, the flaws of real data, and the accounts that a cloud already has.
// Everything follows from a seed, and person i is computed alone, so a million people need no
// memory.
//
// No person in it exists. Mail addresses and host names use the domains of the options, by default
// those that RFC 2606 reserves.
//
// Start reading at New.
package sample
