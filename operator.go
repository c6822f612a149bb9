package main

import (
	"os"
	"os/user"
	"strconv"
)

// operator names whoever started the program, for the record: the account of the
// operating system, or, under sudo, the one behind it. It proves nothing to anybody but
// who may become that account.
func operator() string {
	if name := os.Getenv("SUDO_USER"); name != "" && os.Geteuid() == 0 {
		return name
	}
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "uid " + strconv.Itoa(os.Getuid())
}
