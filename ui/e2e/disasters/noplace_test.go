package disasters

import (
	"bytes"
	"strings"
	"testing"

	"dirbridge/cloud/scimtest"
	"dirbridge/program"
	"dirbridge/sync/schema"
	"dirbridge/ui/cli"
	"dirbridge/ui/e2e/site"
)

// placeDisasters returns the disasters of a provider that has fewer attributes than the mapping
// sets.
func placeDisasters() []disaster {
	return []disaster{{"attributes without a place in the cloud", withoutPlaceTold, false}}
}

// spoken runs a verb with text output, and returns both outputs.
func (s *drill) spoken(t *testing.T, args ...string) (int, string) {
	t.Helper()
	var out bytes.Buffer
	code := cli.Main(t.Context(), append(args, "--no-input", "--config", s.Config),
		cli.Program{Version: "test", Open: s.Open, Check: program.CheckMapping, Stdout: &out, Stderr: &out})
	return code, out.String()
}

// withoutPlaceTold uses a provider without the enterprise extension, which the default mapping
// sets. The attributes that are not written are named, once in the event log, and by each verb
// about the mapping; no account is updated in every run.
func withoutPlaceTold(t *testing.T) {
	s := newDrill(t, drillOptions{people: 3, kind: schema.KindSCIM, cloud: scimtest.Options{CoreOnly: true}})
	s.set(t, "p1", "department", "Sales")
	s.tells(t, 0, []string{"sync", "--full"})
	s.Unwritten(t, func() { s.tells(t, 0, []string{"sync", "--full"}) })
	told := 0
	for _, e := range s.Events(t, 0) {
		if e.Code == "no-place" && strings.Contains(e.Message, "departmentNumber") && e.Remedy != "" {
			told++
		}
	}
	if told != 1 {
		t.Errorf("the event log tells of it %d times", told)
	}
	for _, verb := range []string{"config check", "plan", "check"} {
		_, text := s.spoken(t, strings.Fields(verb)...)
		if n := strings.Count(text, "no place for"); n != 1 || !strings.Contains(text, "departmentNumber") {
			t.Errorf("%s tells of it %d times:\n%s", verb, n, text)
		}
	}
	// An attribute removed from the mapping is no longer named.
	s.Configure(t, site.Settings{Mapping: `departmentNumber = ""`})
	s.tells(t, 0, []string{"sync", "--full"})
	if _, text := s.spoken(t, "plan"); strings.Contains(text, "departmentNumber") ||
		!strings.Contains(text, "no place for") {
		t.Errorf("%s", text)
	}
	session, err := s.Open(t.Context(), s.Config)
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	for _, a := range session.Connector.Catalogue().Users {
		if a.Name == schema.Manager && a.Path != "" || a.Name == "title" && a.Path == "" {
			t.Errorf("the mapping page says that %s goes to %q", a.Name, a.Path)
		}
	}
}
