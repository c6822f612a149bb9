package config

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/zalando/go-keyring"
)

func mustSecret(t *testing.T, ref string) Secret {
	t.Helper()
	s, err := ParseSecret(ref)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func writeSecret(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func TestResolve(t *testing.T) {
	dir := t.TempDir()
	keyring.MockInit()
	if err := keyring.Set("dirbridge", "webex", "from keyring"); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DIRBRIDGE_TEST_SECRET", "from env")
	t.Setenv("DIRBRIDGE_TEST_EMPTY", "")
	t.Setenv("CREDENTIALS_DIRECTORY", dir)
	writeSecret(t, filepath.Join(dir, "cred"), "from credential\n", 0o444)
	writeSecret(t, filepath.Join(dir, "one"), "from file\n", 0o600)
	writeSecret(t, filepath.Join(dir, "crlf"), "from file\r\n", 0o400)
	writeSecret(t, filepath.Join(dir, "two"), " kept \n\n", 0o600)
	writeSecret(t, filepath.Join(dir, "empty"), "\n", 0o600)
	writeSecret(t, filepath.Join(dir, "open"), "hunter2", 0o644)
	writeSecret(t, filepath.Join(dir, "big"), strings.Repeat("hunter2", 20000), 0o600)

	tests := []struct{ ref, want, err string }{
		{"env:DIRBRIDGE_TEST_SECRET", "from env", ""},
		{"env:DIRBRIDGE_TEST_UNSET", "", "is not set"},
		{"env:DIRBRIDGE_TEST_EMPTY", "", "is empty"},
		{"file:" + filepath.Join(dir, "one"), "from file", ""},
		{"file:one", "from file", ""},
		{"file:crlf", "from file", ""},
		{"file:two", " kept \n", ""},
		{"file:empty", "", "is empty"},
		{"file:none", "", "file:none"},
		{"file:.", "", "not a regular file"},
		{"file:big", "", "larger"},
		{"keyring:webex", "from keyring", ""},
		{"keyring:other", "", "has no entry"},
		{"credential:cred", "from credential", ""},
		{"credential:none", "", "credential:none"},
	}
	if runtime.GOOS != "windows" {
		tests = append(tests, struct{ ref, want, err string }{"file:open", "", "chmod 600"})
	}
	for _, tt := range tests {
		s := mustSecret(t, tt.ref)
		s.dir = dir
		got, err := s.Resolve(context.Background())
		if got != tt.want || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: %q, %v", tt.ref, got, err)
		}
		if err != nil && (strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), tt.ref)) {
			t.Errorf("%s: the error is %v", tt.ref, err)
		}
	}
	if _, err := (Secret{}).Resolve(context.Background()); err == nil {
		t.Error("no secret was resolved")
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := mustSecret(t, "env:DIRBRIDGE_TEST_SECRET").Resolve(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of the context: %v", err)
	}
	t.Setenv("CREDENTIALS_DIRECTORY", "")
	if _, err := mustSecret(t, "credential:cred").Resolve(context.Background()); err == nil ||
		!strings.Contains(err.Error(), "LoadCredential") {
		t.Errorf("without systemd: %v", err)
	}
}

func TestLiteralSecretsAreRefusedAndNotShown(t *testing.T) {
	for _, ref := range []string{"hunter2", "env:", "env:hunter2 x", "env:1hunter2", "ENV:hunter2", "file:",
		"credential:../hunter2", "credential:..", "file:hunter2\n", "pass:hunter2", ":hunter2", " env:hunter2"} {
		s, err := ParseSecret(ref)
		if err == nil || !s.IsZero() || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v, %v", ref, s.Reference(), err)
		}
	}
}

// TestSecretsAreRedacted checks P11: a secret that is printed, logged or encoded, alone or within
// the configuration, shows nothing.
func TestSecretsAreRedacted(t *testing.T) {
	t.Setenv("HUNTER2", "hunter2")
	s := mustSecret(t, "env:HUNTER2")
	c := Config{Cloud: Cloud{Token: s}}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "secret", s, "cloud", c.Cloud)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", s, "cloud", c.Cloud)
	encoded, err := json.Marshal(struct {
		S Secret
		P *Secret
		C Cloud
		M map[string]Secret
	}{s, &s, c.Cloud, map[string]Secret{"a": s}})
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]string{"log": log.String(), "json": string(encoded)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		shown[verb] = fmt.Sprintf(verb, s) + fmt.Sprintf(verb, &s) + fmt.Sprintf(verb, c.Cloud) +
			fmt.Sprintf(verb, []Secret{s})
	}
	for how, text := range shown {
		if strings.Contains(strings.ToUpper(text), "HUNTER2") || strings.Contains(text, "48554E54") ||
			!strings.Contains(text, redacted) {
			t.Errorf("%s shows %s", how, text)
		}
	}
	if text, err := s.MarshalText(); err != nil || string(text) != redacted {
		t.Errorf("%s, %v", text, err)
	}
	if s.Reference() != "env:HUNTER2" {
		t.Errorf("the reference is %q", s.Reference())
	}
}

// TestASecretIsReplaced where it can be written, and only for its owner to read.
func TestASecretIsReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte("old\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for ref, can := range map[string]bool{"file:" + path: true, "env:X": false, "credential:X": false} {
		s, err := ParseSecret(ref)
		if err != nil || s.Replaceable() != can {
			t.Errorf("%s: %v, %v", ref, s.Replaceable(), err)
		}
		if err := s.Replace(t.Context(), "new"); (err == nil) != can {
			t.Errorf("%s: %v", ref, err)
		}
		if got, err := s.Resolve(t.Context()); can && (got != "new" || err != nil) {
			t.Errorf("%s: %v", ref, err)
		}
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}
