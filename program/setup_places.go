package program

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strings"

	"dirbridge/sync/control"
)

// ownAccount returns the account of this process; "" if the system does not tell.
func ownAccount() string {
	u, err := user.Current()
	if err != nil {
		return ""
	}
	return u.Username
}

// near returns configuration files that may have been meant: the usual one, and those in the folder
// of the named one.
func (g *guide) near() []string {
	found, _ := filepath.Glob(filepath.Join(filepath.Dir(g.path), "*.toml")) // the pattern is not malformed
	if g.usual != "" {
		found = append(found, g.usual)
	}
	found = slices.DeleteFunc(found, func(path string) bool {
		info, err := os.Stat(path)
		return err != nil || !info.Mode().IsRegular()
	})
	slices.Sort(found)
	return slices.Compact(found)
}

func (g *guide) Places(_ context.Context, account string) []control.SetupPlace {
	all := []control.SetupPlace{
		{What: "Configuration", Path: g.path},
		{What: "State", Path: g.stateDir},
		{What: "Secrets", Path: g.secretsPath()},
	}
	for i := range all {
		p := &all[i]
		folder := p.Path
		if i == 0 {
			folder = filepath.Dir(p.Path)
		}
		if account == "" || account == ownAccount() {
			p.Problem, p.Remedy = writable(folder)
		} else {
			p.Problem, p.Remedy = usableBy(account, p.Path)
		}
	}
	return all
}

// writable tells why this process cannot write a file in a folder, which may not exist yet.
func writable(folder string) (problem, remedy string) {
	remedy = "Start Dirbridge as a user who may write there."
	for {
		info, err := os.Stat(folder)
		switch {
		case errors.Is(err, fs.ErrNotExist) && filepath.Dir(folder) != folder:
			folder = filepath.Dir(folder)
			continue
		case err != nil:
			return err.Error(), remedy
		case !info.IsDir():
			return folder + " is not a folder", remedy
		}
		break
	}
	f, err := os.CreateTemp(folder, ".dirbridge-*")
	if err != nil {
		return "nothing can be written in " + folder + ": " + reason(err), remedy
	}
	_ = f.Close() // it is empty
	if err := os.Remove(f.Name()); err != nil {
		return err.Error(), remedy
	}
	return "", ""
}

// reason is an error without the path that it is about.
func reason(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return strings.TrimSpace(p.Err.Error())
	}
	return err.Error()
}
