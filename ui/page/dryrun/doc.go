// Package dryrun is the current plan of any type: what it does, leaving out, applying. Start reading at Model.
package dryrun
