package program

import (
	"os"
	"path/filepath"
	"testing"

	"dirbridge/config"
)

// TestConfiguredSchedule checks that the served schedule is the one in the file.
func TestConfiguredSchedule(t *testing.T) {
	t.Parallel()
	const rest = "[[directory]]\nname = \"corp\"\ndomain = \"corp.example.com\"\nbind_user = \"u\"\nbind_password = " +
		"\"env:P\"\n[cloud]\nkind = \"scim\"\nbase_url = \"https://scim.example.com/v2\"\ntoken = \"env:T\"\n"
	for text, want := range map[string]string{
		"": "incremental every 10m",
		"[schedule]\nincremental_every = \"0s\"\n": "nothing",
		"[schedule]\nincremental_every = \"90s\"\nfull = [\"Sun 02:00\", \"daily 23:30\"]\n": "incremental every " +
			"1m30s; full Sun 02:00, daily 23:30",
		"[schedule]\nincremental_every = \"0s\"\nfull = [\"wednesday 12:05\", \"MON 00:00\"]\n": "full Wed 12:05, Mon 00:00",
	} {
		path := filepath.Join(t.TempDir(), "dirbridge.toml")
		if err := os.WriteFile(path, []byte(rest+text), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, err := config.Load(path, CheckMapping)
		if err != nil {
			t.Fatal(err)
		}
		if got := scheduleOf(cfg.Schedule).String(); got != want {
			t.Errorf("%q is %q, not %q", text, got, want)
		}
	}
}
