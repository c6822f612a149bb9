package plan_test

import (
	"strings"
	"testing"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
)

func TestSelectorsChoose(t *testing.T) {
	ana := plan.Change{Seq: 7, Action: plan.Update, Kind: identity.User, Key: "Ana@example.com",
		DN: `CN=Costa\, Ana,OU=Inside,OU=Sales,DC=corp,DC=example,DC=com`}
	team := plan.Change{Seq: 8, Action: plan.Add, Kind: identity.Member, Key: "Sales/EMEA", MemberKey: "ana@example.com",
		DN: "CN=Sales,OU=Groups,DC=corp,DC=example,DC=com"}
	odd := plan.Change{Seq: 9, Action: plan.Add, Kind: identity.User, Key: "bo@example.com",
		DN: `CN=Bo,OU=R\2CD \+ X\ ,DC=corp,DC=example,DC=com`}
	nobody := plan.Change{Seq: 10, Action: plan.Deactivate, Kind: identity.User, Key: "ghost@example.com"}
	all := []*plan.Change{&ana, &team, &odd, &nobody}
	for text, want := range map[string]string{
		"kind=user": "7 9 10",
		"kind=user,container=OU=Sales,DC=corp,DC=example,DC=com":                 "7",
		"KIND=User , Container=ou=sales, dc=CORP,dc=example,dc=com":              "7",
		"container=OU=Sales,DC=corp,DC=example,DC=com,kind=group":                "",
		"container=ales,DC=corp":                                                 "error: not a distinguished name",
		"container=OU=ales,DC=corp,DC=example,DC=com":                            "",
		`container=CN=costa\2c ana,OU=Inside,OU=Sales,DC=corp,DC=example,DC=com`: "7",
		`container=OU=R\,D \2B X\20,DC=corp,DC=example,DC=com`:                   "9",
		`container=OU=R\,D \2B X,DC=corp,DC=example,DC=com`:                      "",
		"container=DC=corp,DC=example,DC=com":                                    "7 8 9",
		"kind=user,kind=member,action=add":                                       "8 9",
		"key=ana@*":                                                              "7 8",
		"key=sales*":                                                             "8",
		"key=?o@example.com,key=GHOST*":                                          "9 10",
		"seq=1-7,10":                                                             "7 10",
		"seq=9,kind=user":                                                        "9",
		"":                                                                       "error: there is no condition",
		"user": "error: is not a condition: " +
			"it begins with one of kind, action",
		"kid=user":      "error: is not a condition",
		"kind=person":   "error: it is one of user, group, member",
		"action=modify": "error: it is one of add, update",
		"seq=0":         "error: not a number of a change",
		"seq=5-2":       "error: not a number of a change",
		"key=[a":        "error: not a pattern",
		"kind=":         "error: has no value",
	} {
		s, err := plan.ParseSelector(text)
		if wrong, ok := strings.CutPrefix(want, "error: "); ok {
			if err == nil || !strings.Contains(err.Error(), wrong) {
				t.Errorf("%s: %v", text, err)
			}
			continue
		}
		var got []string
		for _, c := range all {
			if s.Matches(c) {
				got = append(got, []string{"7", "8", "9", "10"}[c.Seq-7])
			}
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s: %v %v, not %s", text, got, err, want)
		}
	}
}

func TestPartOfAPlan(t *testing.T) {
	selector := func(text string) plan.Selector {
		s, err := plan.ParseSelector(text)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	part := plan.Part{Only: []plan.Selector{selector("kind=user"), selector("seq=8")},
		Except: []plan.Selector{selector("key=bo@*")}, Left: map[int64]bool{3: true}}
	for c, want := range map[*plan.Change]bool{
		{Seq: 1, Kind: identity.User, Key: "a@x"}: true, {Seq: 2, Kind: identity.User, Key: "bo@x"}: false,
		{Seq: 3, Kind: identity.User, Key: "c@x"}: false,
		{Seq: 8, Kind: identity.Group, Key: "g"}:  true, {Seq: 9, Kind: identity.Group, Key: "g"}: false,
	} {
		if part.Takes(c) != want {
			t.Errorf("%+v", c)
		}
	}
	if got := part.String(); got != "only kind=user or seq=8, except key=bo@*, without 1 that were unticked" {
		t.Error(got)
	}
	if part.Whole() || !(plan.Part{}).Whole() || !(plan.Part{}).Takes(&plan.Change{}) {
		t.Error("a part that leaves nothing out")
	}
}
