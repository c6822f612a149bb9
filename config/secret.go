package config

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/zalando/go-keyring"

	"dirbridge/sync/scratch"
)

// Secret refers to a secret that is kept elsewhere. Printing, formatting and encoding it shows
// nothing (TestSecretsAreRedacted). Reference says where the secret is kept, which is not
// confidential. The zero value refers to none.
type Secret struct {
	scheme string // env, file, keyring, credential
	name   string
	dir    string // base of a relative path
}

const redacted = "[redacted]"

// keyringService is the service name of secrets in the system's keyring.
const keyringService = "dirbridge"

// maxSecret limits the size of a secret file, in bytes.
const maxSecret = 64 << 10

var errSecretForm = errors.New("must be a reference to a secret, not the secret itself: env:NAME, file:PATH, " +
	"keyring:NAME or credential:NAME")

// ParseSecret parses a reference. Its error does not quote the text, which may be a misplaced
// secret.
func ParseSecret(ref string) (Secret, error) {
	scheme, name, ok := strings.Cut(ref, ":")
	if !ok || name == "" || strings.ContainsFunc(name, func(c rune) bool { return c < ' ' }) {
		return Secret{}, errSecretForm
	}
	switch scheme {
	case "env":
		if !isEnvName(name) {
			return Secret{}, errors.New("what follows env: is not the name of an environment variable: letters, digits and " +
				"underscores")
		}
	case "credential":
		if name == "." || name == ".." || strings.ContainsAny(name, `/\`) {
			return Secret{}, errors.New("what follows credential: is not the name of a systemd credential")
		}
	case "file", "keyring":
	default:
		return Secret{}, errSecretForm
	}
	return Secret{scheme: scheme, name: name}, nil
}

// SecretSchemes returns the prefixes of references.
func SecretSchemes() []string { return []string{"env:", "file:", "keyring:", "credential:"} }

func isEnvName(s string) bool {
	for i, c := range s {
		letter := c == '_' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// IsZero reports whether s refers to no secret.
func (s Secret) IsZero() bool { return s.scheme == "" }

// Reference returns where the secret is kept, as written in the file; "" for none.
func (s Secret) Reference() string {
	if s.IsZero() {
		return ""
	}
	return s.scheme + ":" + s.name
}

// Resolve fetches the secret. Its error names the reference and the remedy, never the contents.
func (s Secret) Resolve(ctx context.Context) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	value, err := s.fetch()
	if err == nil && value == "" {
		err = errors.New("it is empty")
	}
	if err != nil {
		return "", fmt.Errorf("secret %s: %w", s.Reference(), err)
	}
	return value, nil
}

func (s Secret) fetch() (string, error) {
	switch s.scheme {
	case "env":
		v, ok := os.LookupEnv(s.name)
		if !ok {
			return "", fmt.Errorf("the environment variable %s is not set; set it for the user that runs dirbridge", s.name)
		}
		return v, nil
	case "file":
		return readSecret(s.path(), true)
	case "credential":
		dir := os.Getenv("CREDENTIALS_DIRECTORY")
		if dir == "" {
			return "", errors.New("CREDENTIALS_DIRECTORY is not set: systemd gives credentials to a service whose unit has " +
				"LoadCredential")
		}
		return readSecret(filepath.Join(dir, s.name), false)
	case "keyring":
		v, err := keyring.Get(keyringService, s.name)
		if errors.Is(err, keyring.ErrNotFound) {
			return "", fmt.Errorf("the keyring of this user has no entry %q of the service %q", s.name, keyringService)
		}
		if err != nil {
			return "", fmt.Errorf("the keyring of this user cannot be read: %w", err)
		}
		return v, nil
	}
	return "", errors.New("no secret is configured")
}

// Replaceable reports whether Replace can work: not for what others keep.
func (s Secret) Replaceable() bool { return s.scheme == "file" || s.scheme == "keyring" }

// Replace stores another secret where s refers to, whole or not at all.
func (s Secret) Replace(ctx context.Context, value string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	var err error
	switch s.scheme {
	case "file":
		err = replaceSecret(s.path(), value)
	case "keyring":
		err = keyring.Set(keyringService, s.name, value)
	default:
		err = errors.New("it is kept where only its owner can write it")
	}
	if err != nil {
		return fmt.Errorf("secret %s: %w", s.Reference(), err)
	}
	return nil
}

func (s Secret) path() string {
	if filepath.IsAbs(s.name) {
		return s.name
	}
	return filepath.Join(s.dir, s.name)
}

// replaceSecret replaces a file, and keeps its owner and a symbolic link to it.
func replaceSecret(path, value string) error {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	f, err := scratch.Create(path)
	if err != nil {
		return err
	}
	defer f.Discard()
	if old, err := os.Stat(path); err == nil {
		if err := keepOwner(f.File, old); err != nil {
			return err
		}
	}
	if _, err := f.WriteString(value + "\n"); err != nil {
		return err
	}
	return f.Replace()
}

// readSecret reads a file and drops one line end, which editors add. private requires that other
// users cannot read it; below /run, where containers and systemd mount secrets, directory
// permissions protect them.
func readSecret(path string, private bool) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", errors.New("it is not a regular file")
	}
	if private && runtime.GOOS != "windows" && info.Mode().Perm()&0o006 != 0 &&
		!strings.HasPrefix(filepath.Clean(path), "/run/") {
		return "", fmt.Errorf("every user of this host can read or write it: chmod 600 %s", path)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	if err != nil {
		return "", err
	}
	if len(data) > maxSecret {
		return "", fmt.Errorf("it is larger than %d bytes", maxSecret)
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r"), nil
}

// The methods below keep the reference out of logs, too: fmt, encoders and slog find them on the
// value.

func (s Secret) String() string {
	if s.IsZero() {
		return ""
	}
	return redacted
}

func (s Secret) GoString() string { return `config.Secret{` + s.String() + `}` }

func (s Secret) Format(f fmt.State, _ rune) { io.WriteString(f, s.String()) }

func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + s.String() + `"`), nil }

func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
