package scratch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

const (
	unfinishedSuffix = ".unfinished"
	// unlockedSuffix marks a file on a file system without locks, where the file of a running
	// process looks like that of a dead one. Sweeps ignore this name.
	unlockedSuffix = ".unlocked"
)

// File is a file that appears at its path complete or not at all. Until then it is beside that path
// as .NAME.NUMBER.unfinished, and locked.
type File struct {
	*os.File
	path string // final path
	temp string // present path; "" at the end
}

// Create starts a file for path, which only its owner may read. It removes unfinished files of
// killed processes. The file ends with Replace, Place or Discard.
func Create(path string) (*File, error) { return create(path, tryLock) }

func create(path string, lock locking) (*File, error) {
	dir, name := filepath.Split(path)
	if dir == "" {
		dir = "."
	}
	Sweep(path)
	suffix := unfinishedSuffix
	for range attempts {
		made, err := os.CreateTemp(dir, "."+name+".*"+suffix)
		if err != nil {
			return nil, err
		}
		f := &File{File: made, path: path, temp: made.Name()}
		if suffix == unlockedSuffix {
			return f, nil
		}
		held, err := holds(made, lock)
		if held {
			return f, nil
		}
		if err != nil {
			suffix = unlockedSuffix
		}
		f.Discard() // a sweep came before the lock, or there are no locks
	}
	return nil, fmt.Errorf("%s: another process removes each file that is made there", dir)
}

// Temp is the path of the unfinished file. It may be written there too.
func (f *File) Temp() string { return f.temp }

// Replace makes the file durable and moves it to its path, replacing an existing file, in one step.
// After an error nothing is left of it.
func (f *File) Replace() error { return f.finish(os.Rename) }

// Place is Replace without replacing: it fails with fs.ErrExist if the path exists.
func (f *File) Place() error { return f.finish(place) }

func place(temp, path string) error {
	err := os.Link(temp, path)
	if err == nil {
		return os.Remove(temp)
	}
	if errors.Is(err, fs.ErrExist) {
		return err
	}
	// A file system without links: reserve the name first.
	taken, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(taken.Close(), os.Rename(temp, path)); err != nil {
		os.Remove(path)
		return err
	}
	return nil
}

func (f *File) finish(move func(temp, path string) error) error {
	err := f.Sync()
	// Keep the lock until the file is at its path; Windows cannot move an open file.
	if runtime.GOOS == "windows" {
		err = errors.Join(err, f.Close())
	}
	if err == nil {
		err = move(f.temp, f.path)
	}
	if err != nil {
		f.Discard() // the first error matters more
		return err
	}
	f.temp = ""
	f.Close()
	// Not every system can sync a directory; without that, moving a file is as durable as the
	// system makes it.
	if dir, err := os.Open(filepath.Dir(f.path)); err == nil {
		dir.Sync()
		dir.Close()
	}
	return nil
}

// Discard removes the file, unless it is at its path already.
func (f *File) Discard() error {
	if f.temp == "" {
		return nil
	}
	err := os.Remove(f.temp)
	f.Close()
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // Windows cannot remove an open file
		err = os.Remove(f.temp)
	}
	f.temp = ""
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Sweep removes unfinished files for path that killed processes left. The name "*" sweeps all files
// of a directory.
func Sweep(path string) {
	dir, name := filepath.Split(path)
	if dir == "" {
		dir = "."
	}
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if of, ok := unfinished(e.Name()); ok && e.Type().IsRegular() && (of == name || name == "*") {
			sweepFile(filepath.Join(dir, e.Name()), filepath.Join(dir, of))
		}
	}
}

// unfinished returns the file that an unfinished file's name belongs to.
func unfinished(name string) (of string, ok bool) {
	rest, ok := strings.CutSuffix(name, unfinishedSuffix)
	if !ok || !strings.HasPrefix(rest, ".") {
		return "", false
	}
	dot := strings.LastIndexByte(rest, '.')
	if dot < 2 || strings.Trim(rest[dot+1:], "0123456789") != "" || dot == len(rest)-1 {
		return "", false
	}
	return rest[1:dot], true
}

func sweepFile(temp, path string) {
	// Another name of the file itself is not opened: closing it would release the locks that this
	// process has on it (fcntl(2)).
	if is, err := os.Lstat(temp); err != nil {
		return
	} else if stands, err := os.Lstat(path); err == nil && os.SameFile(is, stands) {
		os.Remove(temp)
		return
	}
	f, err := os.OpenFile(temp, os.O_RDWR, 0)
	if err != nil {
		return
	}
	if held, _ := holds(f, tryLock); !held {
		f.Close()
		return
	}
	(&File{File: f, temp: temp}).Discard()
}
