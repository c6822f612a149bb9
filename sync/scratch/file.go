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
	// unlockedSuffix: where the file system keeps no locks, nothing tells the file of a
	// living process from that of a dead one. No sweep takes this name.
	unlockedSuffix = ".unlocked"
)

// File is a file in the making that takes its place as a whole, or is never seen. While
// it is made it stands beside that place as .NAME.NUMBER.unfinished, and is locked.
type File struct {
	*os.File
	path string // where it will stand
	temp string // where it stands; "" once it ended
}

// Create begins a file that is to stand at path; only its owner may read it. What killed
// processes left of earlier ones is removed. It ends with Replace, Place or Discard.
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
		f.Discard() // a sweep came between its making and its locking, or there are no locks
	}
	return nil, fmt.Errorf("%s: another process removes each file that is made there", dir)
}

// Temp is where the file stands until it takes its place. It may be written there too.
func (f *File) Temp() string { return f.temp }

// Replace makes the file durable and puts it in the place of what stands there, in one
// step. On an error nothing is left of it.
func (f *File) Replace() error { return f.finish(os.Rename) }

// Place is Replace where nothing may stand yet: it fails with fs.ErrExist then.
func (f *File) Place() error { return f.finish(place) }

func place(temp, path string) error {
	err := os.Link(temp, path)
	if err == nil {
		return os.Remove(temp)
	}
	if errors.Is(err, fs.ErrExist) {
		return err
	}
	// A file system without links: the name is taken first.
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
	// The lock is kept until it stands in its place; Windows moves no file that is open.
	if runtime.GOOS == "windows" {
		err = errors.Join(err, f.Close())
	}
	if err == nil {
		err = move(f.temp, f.path)
	}
	if err != nil {
		f.Discard() // the error that led here is the one worth telling
		return err
	}
	f.temp = ""
	f.Close()
	// Not every system lets a directory be synced; where it does not, moving a file is as
	// durable as it makes it.
	if dir, err := os.Open(filepath.Dir(f.path)); err == nil {
		dir.Sync()
		dir.Close()
	}
	return nil
}

// Discard removes the file, unless it stands in its place.
func (f *File) Discard() error {
	if f.temp == "" {
		return nil
	}
	err := os.Remove(f.temp)
	f.Close()
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // Windows removes no file that is open
		err = os.Remove(f.temp)
	}
	f.temp = ""
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Sweep removes what killed processes left of files that were to stand at path. Those of
// all files of a directory of ours go by the name "*".
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

// unfinished says of which file a name is the unfinished one.
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
	// Another name of the file itself is not opened: closing it would drop the locks that
	// this process holds on it (fcntl(2)).
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
