package scratch

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"dirbridge/sync/identity"
)

// Save writes a new file, complete or not at all, which only its owner may read. Its errors are
// *identity.Failure with a remedy; a Failure from write is returned unchanged.
func Save(path string, write func(io.Writer) error) error {
	err := save(path, write)
	var known *identity.Failure
	if err == nil || errors.As(err, &known) {
		return err
	}
	f := &identity.Failure{Class: identity.GiveUp, Err: err}
	switch _, f.Remedy = Fault(err); {
	case errors.Is(err, fs.ErrExist):
		f.Err = fmt.Errorf("%s exists: it is not overwritten", path)
		f.Remedy = "Choose another name, or remove the file first."
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		f.Remedy = "Choose a folder that exists and that you may write to."
	case f.Remedy == "":
		f.Remedy = "Check the disk, then save it again."
	}
	return f
}

func save(path string, write func(io.Writer) error) error {
	if _, err := os.Lstat(path); err == nil {
		return fs.ErrExist
	}
	f, err := Create(path)
	if err != nil {
		return err
	}
	defer f.Discard()
	if err := write(f); err != nil {
		return err
	}
	return f.Place()
}
