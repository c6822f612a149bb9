package e2e

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"dirbridge/cloud/scimtest"
	"dirbridge/ldap"
	"dirbridge/ldap/ldaptest"
	"dirbridge/ldap/ldaptest/lab"
	"dirbridge/sync/schema"
	"dirbridge/ui/e2e/site"
)

// earlier is a folder of testdata/earlier, with servers that contain what they contained at the
// last run of the earlier version.
type earlier struct {
	*site.Site
	folder string
	sky    *scimtest.Server
}

// newEarlier takes over the state and the cloud that are stored under these names.
func newEarlier(t *testing.T, version, state, cloud string) *earlier {
	t.Helper()
	e := &earlier{folder: filepath.Join("..", "..", "testdata", "earlier", version)}
	dir := e.directory(t)
	e.restoreCloud(t, cloud)
	e.Site = site.New(t, dir, site.Cloud{Kind: schema.KindWebex, URL: e.sky.URL(), Token: e.sky.Token(), Sandbox: e.sky},
		site.Settings{Policy: "delete_threshold = 2"})
	if err := os.Mkdir(filepath.Join(e.Home, "state"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal"} {
		data, err := os.ReadFile(filepath.Join(e.folder, state+suffix))
		if errors.Is(err, fs.ErrNotExist) && suffix != "" {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(e.Home, "state", "state.db"+suffix), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return e
}

func (e *earlier) read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(e.folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// plan copies a plan to a folder where no other user can write to it.
func (e *earlier) plan(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(e.Home, name+".plan")
	if err := os.WriteFile(path, e.read(t, name+".plan"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// directory starts a directory of the same domain with the same objects: identifiers depend on the
// order in which objects are created.
func (e *earlier) directory(t *testing.T) *lab.Directory {
	t.Helper()
	server, err := ldaptest.Start(t.Context(), ldaptest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	var objects []struct {
		DN, GUID string
		Deleted  bool
		Attrs    map[string][]string
	}
	site.Parse(t, string(e.read(t, "directory.json")), &objects)
	err = server.Add(staff, map[string][]string{"objectClass": {"organizationalUnit"}})
	for _, o := range objects {
		members := o.Attrs["member"]
		delete(o.Attrs, "member")
		err = errors.Join(err, server.AddWithGUID(o.DN, o.GUID, o.Attrs))
		if o.Deleted {
			err = errors.Join(err, server.Delete(o.DN))
		}
		if len(members) > 0 {
			defer func() {
				if err := server.AddValues(o.DN, "member", members...); err != nil {
					t.Fatal(err)
				}
			}()
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	user, password := server.Credentials()
	return lab.Editor(lab.Directory{Kind: ldap.KindADDS, URL: server.URL(), Base: server.BaseDN(), User: user,
		Password: password})
}

func (e *earlier) restoreCloud(t *testing.T, name string) {
	t.Helper()
	var err error
	e.sky, err = scimtest.Start(t.Context(), scimtest.Options{UniqueGroupNames: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.sky.Close(); err != nil {
			t.Error(err)
		}
	})
	var all struct {
		Users  []scimtest.User
		Groups []scimtest.Group
	}
	site.Parse(t, string(e.read(t, name)), &all)
	for _, u := range all.Users {
		if _, err := e.sky.Add(u); err != nil {
			t.Fatal(err)
		}
	}
	for _, g := range all.Groups {
		if _, err := e.sky.AddGroup(g); err != nil {
			t.Fatal(err)
		}
	}
	e.sky.ResetStats()
}

// TestEarlierVersion checks that the files of an earlier version can be read and keep their
// meaning.
func TestEarlierVersion(t *testing.T) {
	t.Parallel()
	t.Run("history", func(t *testing.T) {
		e := newEarlier(t, "1.0.0-dev", "state.db", "cloud.json")
		for verb, name := range map[string]string{"history": "history.json", "events": "events.json",
			"purge --list": "queue.json"} {
			got := e.Must(t, 0, strings.Fields(verb)...)
			for i, want := range site.Documents(t, e.read(t, name)) {
				have := site.Documents(t, []byte(got.Out))
				if i >= len(have) {
					t.Fatalf("%s gives %d documents only", verb, len(have))
				}
				if missing := lacks(have[i], want, verb); missing != "" {
					t.Errorf("%s: %s", verb, missing)
				}
			}
		}
		var status struct {
			Mode    struct{ Enabled bool }
			Queue   int `json:"purge_queue"`
			Failing int `json:"failing_count"`
		}
		site.Parse(t, e.Must(t, 0, "status").Out, &status)
		if !status.Mode.Enabled || status.Queue != 4 || status.Failing != 1 {
			t.Errorf("the status is %+v", status)
		}
	})
	t.Run("plans", func(t *testing.T) {
		e := newEarlier(t, "1.0.0-dev", "state.db", "cloud.json")
		for _, name := range []string{"first", "undo", "held", "purge", "pending"} {
			have := site.Documents(t, []byte(e.Must(t, 0, "show", e.plan(t, name), "--changes").Out))
			want := site.Documents(t, e.read(t, name+".changes.jsonl"))
			if len(have) != len(want) {
				t.Fatalf("%s.plan has %d changes, not %d", name, len(have), len(want))
			}
			for i := range want {
				if missing := lacks(have[i], want[i], name); missing != "" {
					t.Error(missing)
				}
			}
		}
	})
	t.Run("a plan is applied or refused", func(t *testing.T) {
		e := newEarlier(t, "1.0.0-dev", "state.db", "cloud.json")
		got := e.Run(t, "apply", e.plan(t, "pending"))
		switch writes := len(e.sky.Writes()); {
		case got.Code == 0:
			e.Settled(t)
		case got.Code != 1 || writes > 0 || !strings.Contains(got.Err, "make a new plan"):
			t.Errorf("exit code %d, %d writes\n%s", got.Code, writes, got.Err)
		}
	})
	t.Run("synchronized", func(t *testing.T) {
		e := newEarlier(t, "1.0.0-dev", "state.db", "cloud.json")
		var p site.Plan
		site.Parse(t, e.Must(t, 2, "plan", "--full").Out, &p)
		if c := p.Counts; c.Users.Add != 1 || c.Users.Update != 1 || c.Users.Rename != 2 ||
			c.Users.Deactivate+c.Users.Delete != 0 || c.Members.Add != 1 || c.Members.Remove != 1 {
			t.Errorf("the plan is not the one that the earlier version made: %+v", c)
		}
		e.Must(t, 0, "sync", "--full")
		e.Settled(t)
	})
	t.Run("taken back", func(t *testing.T) {
		e := newEarlier(t, "1.0.0-dev", "state.db", "cloud.json")
		var p site.Plan
		site.Parse(t, e.Must(t, 2, "undo", "9").Out, &p)
		if p.Counts.Users.Reactivate != 3 {
			t.Errorf("the undo of run 9 reactivates %d people, not 3", p.Counts.Users.Reactivate)
		}
	})
	t.Run("killed in the middle of a run", func(t *testing.T) {
		e := newEarlier(t, "1.0.0-dev", "killed.db", "killed-cloud.json")
		e.Must(t, 0, "sync", "--full")
		e.Settled(t)
		seen := map[string]bool{}
		for _, u := range e.sky.Users() {
			if seen[u.ExternalID] && u.ExternalID != "" {
				t.Errorf("two accounts carry %s", u.ExternalID)
			}
			seen[u.ExternalID] = true
		}
	})
}

// lacks returns the parts of want that have lacks. A later version may output more, and word it
// differently: texts that only people read are not compared.
func lacks(have, want any, at string) string {
	w, ok := want.(map[string]any)
	if !ok {
		if !reflect.DeepEqual(have, want) {
			return fmt.Sprintf("%s is %v, not %v", at, have, want)
		}
		return ""
	}
	h, _ := have.(map[string]any)
	for name, v := range w {
		switch name {
		case "message", "remedy", "reason", "cause", "detail":
			continue
		}
		if missing := lacks(h[name], v, at+"."+name); missing != "" {
			return missing
		}
	}
	return ""
}
