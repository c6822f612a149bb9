package program

import (
	"os"
	"os/user"
	"strconv"
)

// operator returns the name of the user who started the program, for the record: the account of the
// operating system, or under sudo the account that called it. It is a note, not proof: a user who
// can start the program can also set its environment.
func operator() string {
	if name := os.Getenv("SUDO_USER"); name != "" {
		return name
	}
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "uid " + strconv.Itoa(os.Getuid())
}
