package program

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dirbridge/cloud/scimtest"
	"dirbridge/config"
	"dirbridge/sync/redact"
	"dirbridge/sync/store"
)

// A test account shows which form of a change the provider understands and what active=false and
// DELETE do, and nothing but what the provider itself keeps is left.
func TestTryWrite(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options scimtest.Options
		want    []string
		profile string
		left    int
	}{
		"no paths": {options: scimtest.Options{Departures: scimtest.Departures{NoPath: true}},
			want: []string{"change: as in the profile failed", "change: works by PATCH without a path",
				"DELETE: deletes the account"},
			profile: "path = false"},
		"made for Entra": {options: scimtest.Options{Departures: scimtest.Departures{Capitals: true}},
			want:    []string{"change: works by PATCH as Entra sends it", "active = false: disables the account"},
			profile: `ops = "capital"`},
		"never deletes, and keeps no externalId": {options: scimtest.Options{AnchorlessExternalID: true,
			Departures: scimtest.Departures{DeleteDeactivates: true}},
			want:    []string{"externalId: not kept", "DELETE: only deactivates the account, which stays as t@example.com"},
			profile: `delete = "deactivates"`, left: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.options.Plain, c.options.WithoutBulk = true, true
			s, err := scimtest.Start(t.Context(), c.options)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Close() })
			r, err := tryConnector(t, s).tryWrite(t.Context(), "t@example.com")
			if err != nil {
				t.Fatal(err)
			}
			var found []string
			for _, f := range r.Found {
				found = append(found, f.Subject+": "+f.Result)
			}
			for _, want := range c.want {
				if !strings.Contains(strings.Join(found, "\n"), want) {
					t.Errorf("%q is not among %q", want, found)
				}
			}
			if !strings.Contains(r.Profile, c.profile) || len(s.Users()) != c.left {
				t.Errorf("%s\n%+v", r.Profile, s.Users())
			}
		})
	}
}

// tryConnector is a connector of the server, whose clock skips waits.
func tryConnector(t *testing.T, s *scimtest.Server) *connector {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "dirbridge.toml")
	secret := filepath.Join(dir, "token")
	text := fmt.Sprintf("[connector]\nstate_dir = %q\n"+
		"[[directory]]\nname = \"corp\"\nservers = [\"ldaps://dc.example.com\"]\n"+
		"base_dns = [\"DC=example,DC=com\"]\nbind_user = \"u\"\nbind_password = \"env:NONE\"\n"+
		"[cloud]\nkind = \"scim\"\nbase_url = %q\ntoken = %q\n",
		filepath.Join(dir, "state"), s.URL(), "file:"+secret)
	for file, data := range map[string]string{path: text, secret: s.Token()} {
		if err := os.WriteFile(file, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg, err := config.Load(path, CheckMapping)
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), filepath.Join(dir, "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	return &connector{work: filepath.Join(dir, "work"), file: cfg, cat: catalogue("scim"), store: st, clock: time.Now,
		pace: noWait{}, secrets: &redact.Secrets{}}
}

// noWait is a clock whose sleep takes no time.
type noWait struct{}

func (noWait) Now() time.Time { return time.Now() }

func (noWait) Sleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }
