// Package scratch makes directories for temporary files, and files that appear complete or not at
// all, and removes those that killed processes left behind. A directory is in use while a lock on a
// file beside it is held, an unfinished file while it is locked itself; the operating system
// releases the lock when the process ends, however it ends.
//
// Start reading in scratch.go for directories, in file.go for files, and in database.go for temporary
// databases.
package scratch
