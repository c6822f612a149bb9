package webex

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDomainsAreNeverClaimed: no code names the request that takes a domain, and accounts with it, away
// from other organizations.
func TestDomainsAreNeverClaimed(t *testing.T) {
	t.Parallel()
	read := 0
	err := filepath.WalkDir("../..", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "never_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		read++
		if bytes.Contains(bytes.ToLower(text), []byte("claimdomain")) {
			t.Errorf("%s names it", path)
		}
		return err
	})
	if err != nil || read < 500 {
		t.Fatalf("%d files were read, %v", read, err)
	}
}
