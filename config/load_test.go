package config

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestTemplate checks that the template loads as it is, and that every commented-out value is the
// default: uncommenting it changes nothing.
func TestTemplate(t *testing.T) {
	text := Template()
	c, err := Parse("", []byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var open strings.Builder
	for line := range strings.Lines(text) {
		if bare, ok := strings.CutPrefix(line, "# "); ok && strings.Contains(bare, " = ") &&
			!strings.HasPrefix(bare, "name ") &&
			!strings.HasPrefix(bare, "state_dir ") && !strings.HasPrefix(bare, "displayName ") && !strings.HasPrefix(bare, " ") {
			line = bare
		}
		open.WriteString(line)
	}
	full, err := Parse("", []byte(open.String()))
	if err != nil {
		t.Fatalf("%v\n%s", err, open.String())
	}
	if d := cmp.Diff(strip(c.Effective()), strip(full.Effective())); d != "" {
		t.Errorf("what the template calls a default is none: %s", d)
	}
	for _, s := range full.sections() {
		for _, f := range s.list {
			if !strings.Contains(text, f.key+" = ") {
				t.Errorf("the template lacks %s.%s", s.name, f.key)
			}
		}
	}
}

func TestDefaultsOfTheDesign(t *testing.T) {
	c, err := Parse("", []byte(`
[[directory]]
name = "corp"
domain = "corp.example.com"
bind_user = "x"
bind_password = "env:X"
[cloud]
kind = "webex"
base_url = "https://webexapis.com/identity/scim/x/v2"
token = "env:T"
`))
	if err != nil {
		t.Fatal(err)
	}
	host, _ := os.Hostname()
	d := c.Directories[0]
	if c.Connector.Name != host || c.Connector.LogLevel != "info" || c.Connector.StateDir == "" {
		t.Errorf("connector %+v", c.Connector)
	}
	if d.Kind != "" || d.Bind != "simple" || d.StartTLS || d.AllowPlaintext || !d.SyncUsers || !d.SyncGroups ||
		d.NestedGroups != "keep" || len(d.BaseDNs) > 0 {
		t.Errorf("directory %+v", d)
	}
	if c.Cloud.Auth != "token" || c.Cloud.Proxy != "system" || c.Cloud.RequestsPerSecond != 0 {
		t.Errorf("cloud %+v", c.Cloud)
	}
	if p := c.Policy; p.DeleteThreshold != (Threshold{Count: 20}) || p.OnMissing != "deactivate" ||
		p.OnUnmatched != "report" || p.PurgeAfter != 168*time.Hour {
		t.Errorf("policy %+v", p)
	}
	if s := c.Schedule; s.IncrementalEvery != 10*time.Minute || len(s.Times()) > 0 || s.FailoverAfter != 5*time.Minute {
		t.Errorf("schedule %+v", s)
	}
}

func TestLoadReadsRelativePathsFromTheFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "d.toml")
	text := strings.Replace(Template(), `# ca_file = ""`, `ca_file = "ca.pem"`, 1)
	text = strings.Replace(text, `"env:DIRBRIDGE_TOKEN"`, `"file:token"`, 1)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	writeSecret(t, filepath.Join(dir, "token"), "t0ken\n", 0o600)
	c, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if c.Path != path || c.Directories[0].CAFile != filepath.Join(dir, "ca.pem") {
		t.Errorf("%s, %s", c.Path, c.Directories[0].CAFile)
	}
	if got, err := c.Cloud.Token.Resolve(t.Context()); err != nil || got != "t0ken" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := Load(filepath.Join(dir, "none.toml")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that does not exist: %v", err)
	}
}

func TestChecksAreGivenLines(t *testing.T) {
	check := func(c Config) []Problem {
		return []Problem{{Key: "mapping.sn", Message: "first"}, {Key: "cloud.proxy", Message: "second"},
			{Key: "schedule.full", Message: "third"}}
	}
	src := "[cloud]\n[mapping]\ntitle = \"a\"\nsn = \"b\"\n"
	_, err := Parse("x.toml", []byte(src), check)
	var bad *Invalid
	if !errors.As(err, &bad) {
		t.Fatal(err)
	}
	lines := map[string]int{}
	for _, p := range bad.Problems {
		lines[p.Message] = p.Line
	}
	if lines["first"] != 4 || lines["second"] != 1 || lines["third"] != 0 {
		t.Errorf("%v", lines)
	}
}

func TestJSONHasTheKeysOfTheFile(t *testing.T) {
	c, err := Load(filepath.Join("testdata", "full.good.toml"))
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Connector struct{ Name string }
		Directory []map[string]any
		Cloud     map[string]any
		Mapping   map[string]string
		Policy    map[string]any
		Guards    map[string]any
		Schedule  map[string]any
	}
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	const tables = 2 // mapping and guards
	if got.Connector.Name != "sync01" || len(got.Directory) != 9 ||
		len(got.Directory[0]) != tables+len((&Directory{}).fields()) ||
		got.Directory[0]["bind_password"] != "env:DIRBRIDGE_BIND_PASSWORD" ||
		got.Cloud["requests_per_second"] != 2.5 || got.Mapping["displayName"] != "givenName sn" ||
		got.Directory[1]["mapping"].(map[string]any)["title"] != "employeeType" ||
		len(got.Directory[0]["mapping"].(map[string]any)) != 0 ||
		got.Directory[1]["guards"].(map[string]any)["blanked"] != "5 and 2.5%" || got.Guards["disabled"] != "25%" ||
		got.Guards["removals"] != 50.0 ||
		got.Policy["delete_threshold"] != "2.5%" || got.Policy["purge_after"] != "0s" ||
		got.Schedule["incremental_every"] != "1h30m" {
		t.Errorf("%s", data)
	}
}

func TestParseThreshold(t *testing.T) {
	for s, want := range map[string]Threshold{"off": {Off: true}, "5%": {Percent: 5}, "0.5%": {Percent: 0.5},
		"100%": {Percent: 100}, "20 and 50%": {Count: 20, Percent: 50}} {
		got, err := ParseThreshold(s)
		if err != nil || got != want || got.String() != s {
			t.Errorf("%s: %+v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "%", "0%", "-1%", "101%", "NaN%", "Inf%", "5 %", "1e1%", "on", "20", "20 and",
		"20 and 50", "and 5%", "-1 and 5%", "+1 and 5%", "20 and 0%", "5% and 20", "20  and 5%"} {
		if got, err := ParseThreshold(s); err == nil {
			t.Errorf("%q is %+v", s, got)
		}
	}
}

func TestParseTime(t *testing.T) {
	for s, want := range map[string]Time{
		"Sun 02:00": {Day: time.Sunday, Hour: 2}, "saturday 23:59": {Day: time.Saturday, Hour: 23, Minute: 59},
		"Daily 00:00": {Daily: true},
	} {
		if got, err := ParseTime(s); err != nil || got != want {
			t.Errorf("%s: %+v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "Sun", "02:00", "Sun 2:00", "Sun 24:00", "Sun 02:60", "Sunny 02:00", "Sun 02:00 ",
		"Sun  02:00"} {
		if got, err := ParseTime(s); err == nil {
			t.Errorf("%q is %+v", s, got)
		}
	}
}

// TestThePlaceOfASyntaxError checks the position of a mistake. The position is derived from the
// memory that the parser's error points to; a parser version that behaves otherwise fails here.
func TestThePlaceOfASyntaxError(t *testing.T) {
	const good = "[connector]\nname = \"a\"\n"
	for name, tt := range map[string]struct {
		src   string
		lines []int
	}{
		"at once":                       {"= 1\n" + good, []int{1}},
		"no value":                      {good + "log_level =\n", []int{3}},
		"no line end":                   {good + "log_level = info", []int{3}},
		"an open string":                {good + "log_level = \"info\n[cloud]\nproxy = \"none\"\n", []int{3}},
		"an open string at the end":     {good + "log_level = \"info", []int{3}},
		"an open list at the end":       {good + "[schedule]\nfull = [\n\"Sun 02:00\",\n", []int{5}},
		"an open text of lines":         {good + "log_level = '''\n\n\n", []int{5}},
		"a bad escape in text of lines": {good + "log_level = \"\"\"\na\n\\q\"\"\"\n", []int{5}},
		"a header":                      {good + "[cloud\nproxy = \"none\"\n", []int{3}},
		"several":                       {good + "log_level = info\n\n[cloud]\nproxy == 1\nkind = \"webex\n", []int{3, 6, 7}},
	} {
		windows := strings.ReplaceAll(tt.src, "\n", "\r\n")
		for how, src := range map[string]string{"": tt.src, "CR LF": windows, "a mark": string(bom) + tt.src} {
			r := newReport()
			parse([]byte(src), r)
			var lines []int
			for _, p := range r.problems {
				lines = append(lines, p.Line)
			}
			if d := cmp.Diff(tt.lines, lines); d != "" {
				t.Errorf("%s, %s: %s", name, how, d)
			}
		}
	}
}
