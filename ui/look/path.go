package look

import (
	"os"
	"path/filepath"
	"strings"
)

// HomePath returns a path in which a leading ~ stands for the home folder.
func HomePath(path string) string {
	rest, ok := strings.CutPrefix(path, "~")
	if home := Home(); ok && home != "" && (rest == "" || rest[0] == '/' || rest[0] == '\\') {
		return home + rest
	}
	return path
}

// Home returns the home folder; "" if there is none.
func Home() string {
	dir, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return dir
}

// FullPath returns the whole path of a file that a person named, with its folder.
func FullPath(path string) string {
	path = HomePath(strings.TrimSpace(path))
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}
