//go:build unix

package fileperm

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// maxLinks ends a cycle of symbolic links, as the system does (path_resolution(7)).
const maxLinks = 40

// trust is the set of accounts that may write the files of this process.
type trust struct {
	uid, gid int
	sudo     int // the account that called sudo; -1 for none
}

func check(path string) error {
	t := trust{uid: os.Geteuid(), gid: os.Getegid(), sudo: -1}
	// No other account can set the environment of a process of root.
	if caller, err := strconv.Atoi(os.Getenv("SUDO_UID")); err == nil && t.uid == 0 {
		t.sudo = caller
	}
	return t.check(path)
}

func (t trust) check(path string) error {
	abs, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	return t.walk(abs, maxLinks)
}

// walk checks each name of an absolute path in turn. Checking only the last one would miss a link,
// or a directory on the way that any account may replace.
func (t trust) walk(path string, links int) error {
	names := strings.Split(strings.Trim(path, "/"), "/")
	at := "/"
	for i, name := range names {
		at = filepath.Join(at, name)
		info, err := os.Lstat(at)
		if err != nil {
			return nil
		}
		if info.Mode()&fs.ModeSymlink != 0 {
			return t.follow(at, info, names[i+1:], links)
		}
		switch len(names) - 1 - i {
		case 0:
			err = t.checkOne(at, info, false)
		case 1:
			err = t.checkOne(at, info, info.Mode()&fs.ModeSticky != 0)
		default:
			err = t.passable(at, info)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (t trust) follow(link string, info fs.FileInfo, rest []string, links int) error {
	if links == 0 {
		return nil
	}
	if uid, _ := owner(info); !t.owns(uid) {
		return refuse(link, fmt.Sprintf("it is a symbolic link of the account %d", uid),
			"Remove the link, and look at what it led to.")
	}
	target, err := os.Readlink(link)
	if err != nil {
		return nil
	}
	if !filepath.IsAbs(target) {
		target = filepath.Join(filepath.Dir(link), target)
	}
	return t.walk(filepath.Join(append([]string{target}, rest...)...), links-1)
}

// checkOne checks that a trusted account owns a file or directory, and no other may write it. shared
// is a directory in which each account can change only its own files.
func (t trust) checkOne(path string, info fs.FileInfo, shared bool) error {
	uid, gid := owner(info)
	if !t.owns(uid) && adjustable(info) {
		return refuse(path, fmt.Sprintf("it belongs to the account %d", uid),
			fmt.Sprintf("Look at what it holds; then make it your own: chown %d %q.", t.uid, path))
	}
	perm := info.Mode().Perm()
	group := perm&0o020 != 0 && !t.private(uid, gid)
	switch {
	case shared || t.owns(uid) && perm&0o002 == 0 && !group:
		return nil
	case !adjustable(info):
		return refuse(path, notAFile, nameAnother)
	}
	return refuse(path, "other accounts may write to it",
		fmt.Sprintf("Look at what it holds; then take that right away: chmod go-w %q.", path))
}

// passable checks that no account can replace another account's entry in a parent directory.
func (t trust) passable(path string, info fs.FileInfo) error {
	if info.Mode().Perm()&0o002 == 0 || info.Mode()&fs.ModeSticky != 0 {
		return nil
	}
	if !info.IsDir() {
		return refuse(path, notAFile, nameAnother)
	}
	return refuse(path, "every account may exchange what is in it",
		fmt.Sprintf("Take that right away: chmod o-w %q.", path))
}

const (
	notAFile    = "it is neither a regular file nor a directory"
	nameAnother = "Name a regular file or directory, and leave the rights to this one as they are."
)

// adjustable reports whether the remedy may change the rights of it. Those of a device belong to
// the system: other programs need them.
func adjustable(info fs.FileInfo) bool { return info.Mode().IsRegular() || info.IsDir() }

func (t trust) owns(uid int) bool { return uid == 0 || uid == t.uid || uid == t.sudo }

// private reports whether a group has only trusted members: the group of root, and the group of one
// account, with the same number.
func (t trust) private(uid, gid int) bool {
	return gid == 0 || gid == uid || gid == t.gid && gid == t.uid
}

func owner(info fs.FileInfo) (uid, gid int) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return -1, -1
	}
	return int(st.Uid), int(st.Gid)
}
