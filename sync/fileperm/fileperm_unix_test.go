//go:build unix

package fileperm

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dirbridge/sync/identity"
)

func TestWhatOthersMayWriteIsRefused(t *testing.T) {
	t.Parallel()
	me := trust{uid: os.Geteuid(), gid: os.Getegid(), sudo: -1}
	stranger := trust{uid: 4711, gid: 4711, sudo: -1}
	for name, c := range map[string]struct {
		prepare func(t *testing.T, dir string) string
		trust   trust
		want    string // of the error; "" for none
	}{
		"private":                  {file(0o600, 0o700), me, ""},
		"read by others":           {file(0o644, 0o755), me, ""},
		"not there":                {func(_ *testing.T, dir string) string { return filepath.Join(dir, "none") }, me, ""},
		"written by others":        {file(0o602, 0o700), me, "chmod go-w"},
		"in a directory of others": {file(0o600, 0o703), me, "chmod go-w"},
		"in a shared directory":    {file(0o600, 0o777|os.ModeSticky), me, ""},
		"below one of others": {func(t *testing.T, dir string) string {
			path := file(0o600, 0o700)(t, filepath.Join(dir, "open"))
			must(t, os.Chmod(filepath.Join(dir, "open"), 0o777))
			return path
		}, me, "chmod o-w"},
		"a link of ours": {link, me, ""},
		"a link to what others write": {func(t *testing.T, dir string) string {
			must(t, os.Symlink(file(0o666, 0o700)(t, dir), filepath.Join(dir, "link")))
			return filepath.Join(dir, "link")
		}, me, "chmod go-w"},
		"a ring of links": {func(t *testing.T, dir string) string {
			must(t, os.Symlink(filepath.Join(dir, "b"), filepath.Join(dir, "a")))
			must(t, os.Symlink(filepath.Join(dir, "a"), filepath.Join(dir, "b")))
			return filepath.Join(dir, "a")
		}, me, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, err := filepath.EvalSymlinks(t.TempDir())
			must(t, err)
			err = c.trust.check(c.prepare(t, dir))
			if c.want == "" && err != nil || c.want != "" && !strings.Contains(identity.Remedy(err), c.want) {
				t.Errorf("%v\n%s", err, identity.Remedy(err))
			}
		})
	}
	t.Run("a device", func(t *testing.T) {
		t.Parallel()
		for _, path := range []string{os.DevNull, os.DevNull + "/state", os.DevNull + "/state/deeper"} {
			err := me.check(path)
			if err == nil || !strings.Contains(err.Error(), "neither a regular file") ||
				strings.Contains(identity.Remedy(err), "chmod") {
				t.Errorf("%s: %v\n%s", path, err, identity.Remedy(err))
			}
		}
	})
	t.Run("of another account", func(t *testing.T) {
		t.Parallel()
		if os.Geteuid() == 0 {
			path := file(0o600, 0o700)(t, t.TempDir())
			must(t, os.Chown(path, 4712, 4712))
			if err := stranger.check(path); !strings.Contains(identity.Remedy(err), "chown 4711") {
				t.Errorf("%v\n%s", err, identity.Remedy(err))
			}
			if err := (trust{sudo: 4712}).check(path); err != nil {
				t.Errorf("under sudo: %v", err)
			}
			planted := filepath.Join(filepath.Dir(path), "planted")
			must(t, os.Symlink(path, planted))
			must(t, os.Lchown(planted, 4713, 4713))
			if err := me.check(planted); err == nil || !strings.Contains(err.Error(), "symbolic link of the account 4713") {
				t.Errorf("a planted link: %v", err)
			}
			return
		}
		if err := stranger.check(file(0o600, 0o700)(t, t.TempDir())); err == nil {
			t.Error("it is trusted")
		}
	})
}

// file makes a file with mode in a directory with dirMode.
func file(mode, dirMode os.FileMode) func(*testing.T, string) string {
	return func(t *testing.T, dir string) string {
		t.Helper()
		holder := filepath.Join(dir, "holder")
		must(t, os.MkdirAll(holder, 0o700))
		path := filepath.Join(holder, "file")
		must(t, os.WriteFile(path, nil, 0o600))
		must(t, os.Chmod(path, mode))
		must(t, os.Chmod(holder, dirMode))
		return path
	}
}

func link(t *testing.T, dir string) string {
	t.Helper()
	must(t, os.Symlink(file(0o600, 0o700)(t, dir), filepath.Join(dir, "link")))
	return filepath.Join(dir, "link")
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
