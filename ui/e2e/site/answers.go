package site

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"dirbridge/ldap/ldaptest/lab"
	"dirbridge/program"
	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
)

// Documents decodes JSON lines, and the elements of a list.
func Documents(t *testing.T, data []byte) (out []any) {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(data))
	for dec.More() {
		var v any
		if err := dec.Decode(&v); err != nil {
			t.Fatal(err)
		}
		if list, ok := v.([]any); ok {
			out = append(out, list...)
		} else {
			out = append(out, v)
		}
	}
	return out
}

// Refuses runs plan and sync, which must end with the code, report every one of the words, and
// write nothing.
func (s *Site) Refuses(t *testing.T, code int, words ...string) {
	t.Helper()
	s.Unwritten(t, func() {
		for _, verb := range []string{"plan", "sync"} {
			got := s.Must(t, code, verb)
			for _, word := range words {
				if !strings.Contains(got.Err, word) {
					t.Errorf("%s does not say %q but\n%s", verb, word, got.Err)
				}
			}
			if strings.Contains(got.Err+got.Out, s.Settings.Password) && s.Settings.Password != "" {
				t.Errorf("%s shows the password: %s", verb, got.Err)
			}
		}
	})
}

// Problem finds the problem of the record and attribute.
func (p Plan) Problem(t *testing.T, dn, attribute string) (identity.Problem, bool) {
	t.Helper()
	for _, pr := range p.Problems {
		if lab.Same(t, pr.DN) == lab.Same(t, dn) && strings.EqualFold(pr.Attribute, attribute) {
			return pr, true
		}
	}
	return identity.Problem{}, false
}

// Unwritten checks that do writes nothing to the cloud.
func (s *Site) Unwritten(t *testing.T, do func()) {
	t.Helper()
	before := s.Cloud.Writes(t)
	do()
	if n := s.Cloud.Writes(t) - before; n != 0 {
		t.Errorf("%d writes", n)
	}
}

// Journal returns the journal of a run.
func (s *Site) Journal(t *testing.T, run int64) (out []port.Intent) {
	t.Helper()
	open, err := program.Open(t.Context(), s.Config)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := open.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := open.Connector.Journal(t.Context(), run, func(i port.Intent) error {
		out = append(out, i)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// Events returns the events after the number.
func (s *Site) Events(t *testing.T, since int64) (out []record.Event) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(s.Must(t, 0, "events", "--since", fmt.Sprint(since)).Out))
	for d.More() {
		var e record.Event
		if err := d.Decode(&e); err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

func (s *Site) History(t *testing.T) (runs []record.Run) {
	t.Helper()
	Parse(t, s.Must(t, 0, "history").Out, &runs)
	return runs
}

// Undo undoes a run by a saved plan.
func (s *Site) Undo(t *testing.T, run int64, code int, override ...string) record.Run {
	t.Helper()
	file := filepath.Join(t.TempDir(), "undo.plan")
	s.Must(t, code, "undo", fmt.Sprint(run), "--out", file)
	var undone record.Run
	args := []string{"apply", file}
	for _, n := range override {
		args = append(args, "--override-threshold", n)
	}
	Parse(t, s.Must(t, 0, args...).Out, &undone)
	if undone.UndoOf != run || undone.Outcome != record.Done {
		t.Errorf("undo of run %d: %+v", run, undone)
	}
	return undone
}

func (s *Site) Explained(t *testing.T, who string, code int) string {
	t.Helper()
	got := s.Must(t, code, "explain", who)
	if code == 0 && !json.Valid([]byte(got.Out)) {
		t.Errorf("no JSON: %s", got.Out)
	}
	return got.Out
}
