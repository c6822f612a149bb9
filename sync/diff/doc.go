// Package diff compares each object with its account and adds the changes to the work database:
// Objects for attributes, Removals for what is missing, Members for groups. Start reading there.
package diff
