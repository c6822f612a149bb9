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

// placeDisasters are those of a provider that has less than is mapped.
func placeDisasters() []disaster {
	return []disaster{{"attributes without a place in the cloud", withoutPlaceTold, false}}
}

// spoken runs a verb as people see it, on both outputs.
func (s *drill) spoken(t *testing.T, args ...string) (int, string) {
	t.Helper()
	var out bytes.Buffer
	code := cli.Main(t.Context(), append(args, "--no-input", "--config", s.Config),
		cli.Program{Version: "test", Open: s.Open, Check: program.CheckMapping, Stdout: &out, Stderr: &out})
	return code, out.String()
}

// withoutPlaceTold: the provider publishes no enterprise extension, and the default
// mapping fills it. What is not written is named, once in the event log, and by each verb
// that speaks of the mapping; nobody is updated in every run.
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
	// One that is left out is named no more.
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
