package program

import (
	"os"
	"os/user"
	"strconv"
)

// operator names whoever started the program, for the record: the account of the
// operating system, or, under sudo, the one behind it. It is a note, not a proof: whoever
// may start the program may also set the environment.
func operator() string {
	if name := os.Getenv("SUDO_USER"); name != "" {
		return name
	}
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "uid " + strconv.Itoa(os.Getuid())
}
