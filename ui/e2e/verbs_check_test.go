package e2e

import (
	"context"
	"path/filepath"
	"testing"

	"dirbridge/ldap"
	"dirbridge/ldap/ldaptest"
	"dirbridge/sync"
	"dirbridge/sync/check"
	"dirbridge/sync/sample"
	"dirbridge/sync/schema"
)

// TestCheckFindsEveryFlaw checks that every flaw in the sample is found under the right class, and
// that values that only look flawed are not reported.
func TestCheckFindsEveryFlaw(t *testing.T) {
	t.Parallel()
	want := map[string]check.ClassID{
		sample.PhonePlus: check.InvalidValue, sample.NoMail: check.MissingValue, sample.ServiceAccount: check.MissingValue,
		sample.SharedMail: check.DuplicateKey, sample.ForeignMail: check.ForeignMail,
		sample.PlusMail: "", sample.ApostropheMail: "", sample.CommaDN: "", sample.QuoteDN: "", sample.PlusDN: "",
		sample.HashDN:      "",
		sample.ForeignName: "", sample.CaseMail: "",
	}
	company := sample.New(sample.Options{People: 300})
	server, err := ldaptest.Start(context.Background(), ldaptest.Options{Rights: ldaptest.Rights{Replicate: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	if err := server.Load(company); err != nil {
		t.Fatal(err)
	}
	rules := map[string]string{}
	for _, a := range schema.Webex().Users {
		rules[a.Name] = a.Default
	}
	mapper, err := sync.NewMapper(schema.Webex(), rules)
	if err != nil {
		t.Fatal(err)
	}
	user, password := server.Credentials()
	source, err := ldap.New(ldap.Options{Name: "corp", Servers: []string{server.URL()}, BindUser: user,
		BindPassword: func() (string, error) { return password, nil },
		SyncUsers:    true, SyncGroups: true, Attributes: append(mapper.Attributes(), mapper.GroupAttributes()...)})
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	dir := t.TempDir()
	report, err := check.New(check.Options{Dir: filepath.Join(dir, "work"),
		Directories: []check.Directory{{Name: "corp", Source: source, Mapper: mapper}}}).Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer report.Close()
	if report.Counts.People != 300 || report.Counts.Disabled == 0 || report.Counts.Groups == 0 ||
		report.Counts.Memberships == 0 {
		t.Errorf("read %+v", report.Counts)
	}
	found := map[string][]check.Finding{}
	if err := report.Each(t.Context(), nil, 0, func(f check.Finding) error {
		found[f.DN] = append(found[f.DN],
			f)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if len(found["CN=Empty Group,OU=Groups,DC=corp,DC=example,DC=com"]) != 1 {
		t.Error("the empty group was not found")
	}
	told := map[string]int{}
	for _, flaw := range company.Flaws() {
		class, known := want[flaw.Kind]
		if !known {
			t.Errorf("the test does not know what to make of %s", flaw.Kind)
		}
		told[flaw.Kind]++
		findings := found[company.DN(company.Person(flaw.Person), "DC=corp,DC=example,DC=com")]
		switch {
		case class == "" && len(findings) > 0:
			t.Errorf("%s is taken for a flaw: %+v", flaw.Kind, findings)
		case class != "" && (len(findings) != 1 || findings[0].Class != class || findings[0].Remedy == ""):
			t.Errorf("%s is found as %+v, want %s", flaw.Kind, findings, class)
		case class != "" && (findings[0].Severity == check.Problem) != flaw.Problem:
			t.Errorf("%s is a %s", flaw.Kind, findings[0].Severity)
		case class != "" && (findings[0].Attribute != flaw.Attribute || flaw.Value != "" && findings[0].Value != flaw.Value):
			t.Errorf("%s: %+v", flaw.Kind, findings[0])
		}
	}
	if len(told) != len(want) {
		t.Errorf("of %d kinds of flaw there were %d", len(want), len(told))
	}
}
