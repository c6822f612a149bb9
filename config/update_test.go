package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func loaded(t *testing.T) (Config, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "dirbridge.toml")
	if err := os.WriteFile(path, []byte(sample), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return c, path
}

func TestUpdateKeepsCommentsAndGoesOnFromWhatItWrote(t *testing.T) {
	c, path := loaded(t)
	for _, n := range []int{7, 8} {
		var err error
		if c, err = c.Update([]Change{{"policy.delete_threshold", Threshold{Count: n}},
			{"directory[corp].guards.removals", Threshold{Count: n}}}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(sample, "\"60m\"\n", "\"60m\"\ndelete_threshold = 8\n", 1)
	want = strings.Replace(want, "# gone\n", "# gone\n\n[directory.guards]\nremovals = 8\n", 1)
	if d := cmp.Diff(want, string(got)); d != "" {
		t.Error(d)
	}
}

func TestAFileThatChangedMeanwhileIsNotOverwritten(t *testing.T) {
	c, path := loaded(t)
	theirs := strings.Replace(sample, `purge_after = "60m"`, `purge_after = "48h"`, 1)
	theirs = strings.Replace(theirs, `title = "title" # as is`, `sn = "sn"`, 1)
	if err := os.WriteFile(path, []byte(theirs), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := c.Update([]Change{{"policy.on_missing", "keep"}})
	var changed *Changed
	if !errors.As(err, &changed) || changed.Err != nil {
		t.Fatalf("error %v", err)
	}
	want := []Difference{{"policy.purge_after", "1h", "48h"}, {"mapping.sn", "", "sn"}, {"mapping.title", "title", ""}}
	if d := cmp.Diff(want, changed.Differences); d != "" {
		t.Error(d)
	}
	if now, _ := os.ReadFile(path); string(now) != theirs {
		t.Error("the file was overwritten")
	}
	if _, err = changed.Now.Update([]Change{{"policy.on_missing", "keep"}}); err != nil {
		t.Errorf("on top of what it is now: %v", err)
	}
	if now, _ := Load(path); now.Policy.OnMissing != "keep" || now.Mapping["sn"] != "sn" {
		t.Errorf("now it is %+v", now)
	}
}

func TestAFileThatCannotBeUsedAnyMoreIsNotOverwritten(t *testing.T) {
	c, path := loaded(t)
	if err := os.WriteFile(path, []byte("[policy]\nnonsense = 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := c.Update([]Change{{"policy.on_missing", "keep"}})
	var changed *Changed
	var bad *Invalid
	if !errors.As(err, &changed) || !errors.As(err, &bad) {
		t.Fatalf("error %v", err)
	}
}

func TestWithTouchesNoFile(t *testing.T) {
	c, path := loaded(t)
	with, err := c.With([]Change{{"policy.on_missing", "keep"}})
	if err != nil || with.Policy.OnMissing != "keep" || c.Policy.OnMissing != "deactivate" {
		t.Errorf("%v, %v", with.Policy, err)
	}
	var bad *Invalid
	if _, err := c.With([]Change{{"cloud.token", "hunter2"}}); !errors.As(err, &bad) ||
		strings.Contains(err.Error(), "hunter2") {
		t.Errorf("a secret: %v", err)
	}
	if now, _ := os.ReadFile(path); string(now) != sample {
		t.Error("the file was changed")
	}
}
