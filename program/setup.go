package program

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"dirbridge/config"
	"dirbridge/ldap"
	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/sync/redact"
	"dirbridge/sync/scratch"
)

// guide sets up a configuration file.
type guide struct {
	path     string
	usual    string // the path of the file if the user names none
	stateDir string
	resolver ldap.Resolver   // nil is the system's
	names    func() []string // of this machine and its domains
	mine     map[string]bool // secret files that this setup wrote
	secrets  *redact.Secrets // of the connections that are tried; nil gives each its own
	signIn   setupSignIn     // that the last test of the cloud made
}

var _ control.Setup = (*guide)(nil)

// setup returns the setup of a program whose libraries log to l.
func (l *LibraryLog) setup(path string) control.Setup {
	return &guide{path: path, usual: config.DefaultPath(), stateDir: config.DefaultStateDir(), names: localNames,
		mine: map[string]bool{}, secrets: &l.secrets}
}

// trialTime limits one connection test.
const trialTime = 40 * time.Second

// draftPath is where the draft is kept: beside the future configuration file.
func (g *guide) draftPath() string { return g.path + ".setup" }

// secretsPath is the folder for secrets that the administrator types.
func (g *guide) secretsPath() string { return filepath.Join(g.stateDir, "secrets") }

func (g *guide) Resume(context.Context) (control.SetupState, error) {
	s := control.SetupState{Path: g.path, StateDir: g.stateDir, SecretIn: g.secretsPath(), Account: ownAccount()}
	_, err := os.Stat(g.path)
	exists := err == nil
	if s.Named = !exists && g.path != g.usual; s.Named {
		s.Near = g.near()
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return s, fmt.Errorf("configuration: %w", err)
	}
	scratch.Sweep(g.draftPath())
	text, err := os.ReadFile(g.draftPath())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		s.Needed = !exists
		return s, nil
	case err != nil && exists: // the file exists and is usable without the draft
		return s, nil
	case err != nil:
		return s, fmt.Errorf("set-up: %w", err)
	}
	// A key that only another version knows is dropped: its step asks again.
	if err := json.Unmarshal(text, &s.Draft); err != nil {
		s.Draft = control.SetupDraft{}
		if exists { // the file is usable without the draft
			return s, setupFailure("Remove that file. What is missing can be set on the pages of the console.",
				"the entries of an earlier start, in %s, cannot be read: %w", g.draftPath(), err)
		}
		s.Lost, s.LostPath = lostWords(err), g.draftPath()
	}
	for _, r := range append([]control.Secret{s.Draft.Cloud.Token, s.Draft.Cloud.ClientSecret}, passwordsOf(s.Draft)...) {
		if path, ok := strings.CutPrefix(r.Reference(), "file:"); ok && filepath.Dir(path) == g.secretsPath() {
			g.mine[path] = true
		}
	}
	// A configuration file from elsewhere needs no setup; a missing one needs all of it.
	s.Needed = !exists || s.Draft.Written
	s.Draft.Written = s.Draft.Written && exists
	return s, nil
}

// lostWords says why a draft cannot be read, without the names of the program's types.
func lostWords(err error) string {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fmt.Sprintf("%s is not what this version expects.", wrong.Field)
	}
	return err.Error() + "."
}

func (g *guide) Keep(_ context.Context, d control.SetupDraft) error {
	text, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return err
	}
	if err := writePrivate(g.draftPath(), append(text, '\n')); err != nil {
		return setupFailure("Start Dirbridge as a user who may write there, or with another configuration file.",
			"what was entered cannot be kept: %w", err)
	}
	return nil
}

func (g *guide) Finish(context.Context) error {
	if err := os.Remove(g.draftPath()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func passwordsOf(d control.SetupDraft) (all []control.Secret) {
	for _, dir := range d.Directories {
		all = append(all, dir.Password)
	}
	if d.Editing != nil {
		all = append(all, d.Editing.Password)
	}
	return all
}

// keepSecret writes a typed secret to a file that only its owner can read, and returns the
// reference. A secret kept elsewhere stays there. It overwrites the file of an earlier attempt of
// the same setup, but never the file of another configuration. TestSetupOverwritesNoSecretOfAnother
// pins this.
func (g *guide) keepSecret(s control.Secret, name string) (control.Secret, error) {
	if s.Typed() == "" {
		return s, nil
	}
	path := filepath.Join(g.secretsPath(), name)
	for n := 2; !g.mine[path]; n++ {
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			break
		}
		path = filepath.Join(g.secretsPath(), fmt.Sprintf("%s-%d", name, n))
	}
	if err := writePrivate(path, []byte(s.Typed()+"\n")); err != nil {
		return control.Secret{},
			setupFailure("Start Dirbridge as a user who may write there, or keep the secret elsewhere and type where: "+
				"env:NAME, file:PATH.", "the secret cannot be kept: %w", err)
	}
	g.mine[path] = true
	return control.SecretOf("file:" + path), nil
}

// writePrivate writes a file that only its owner can read, and creates its folder.
func writePrivate(path string, text []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := scratch.Create(path)
	if err != nil {
		return err
	}
	defer f.Discard()
	if _, err := f.Write(text); err != nil {
		return err
	}
	return f.Replace()
}

func setupFailure(remedy, format string, args ...any) error {
	return &identity.Failure{Class: identity.GiveUp, Remedy: remedy, Err: fmt.Errorf(format, args...)}
}

// localNames returns names that suggest which domains this machine belongs to: its host name, the
// resolver's search domains, and the Windows logon domain.
func localNames() []string {
	var names []string
	if host, err := os.Hostname(); err == nil {
		if _, domain, ok := strings.Cut(host, "."); ok {
			names = append(names, domain)
		}
	}
	if domain := os.Getenv("USERDNSDOMAIN"); domain != "" {
		names = append(names, domain)
	}
	text, err := os.ReadFile("/etc/resolv.conf")
	if err != nil {
		return names // Windows has no such file
	}
	return append(names, searchList(string(text))...)
}

// searchList returns the domains in a resolv.conf.
func searchList(text string) (names []string) {
	for line := range strings.Lines(text) {
		if f := strings.Fields(line); len(f) > 1 && (f[0] == "search" || f[0] == "domain") {
			names = append(names, f[1:]...)
		}
	}
	return names
}
