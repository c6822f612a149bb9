//go:build !unix

package config

import (
	"io/fs"
	"os"
)

// keepOwner does nothing: the new file inherits the access list of its directory.
func keepOwner(*os.File, fs.FileInfo) error { return nil }
