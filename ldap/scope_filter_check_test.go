package ldap

import (
	"errors"
	"strings"
	"testing"

	goldap "github.com/go-ldap/ldap/v3"
)

func TestFilterErrorsMarkThePlace(t *testing.T) {
	// The second line of each shows the place in the first.
	for name, c := range map[string]struct{ filter, mark, says string }{
		"missing at the end": {"(&(mail=*)(sn=a)", "                ^",
			"closing parenthesis is missing for the one at character 1"},
		"missing inside":          {"(&(mail=*(sn=a))", "         ^", `closing parenthesis is missing; one that belongs`},
		"missing after a value":   {"(&(mail=*)(sn=a", "               ^", "missing for the one at character 11"},
		"too many":                {"(mail=*))", "        ^", "too many"},
		"two":                     {"(cn=a)(cn=b)", "      ^", "(&("},
		"breaks out":              {"(mail=*))(|(cn=*)", "        ^", "too many"},
		"not opened":              {"(&mail=*)", "  ^", "opening parenthesis is missing"},
		"nothing":                 {"()", " ^", "nothing between"},
		"only opened":             {"(", " ^", "nothing follows"},
		"empty and":               {"(&)", "  ^", "nothing follows the &"},
		"two nots":                {"(!(a=b)(c=d))", "       ^", "more than one"},
		"double equals":           {"(mail==x)", "     ^", "== is no operator"},
		"not equal":               {"(mail!=x)", "     ^", "(!(mail=...))"},
		"less":                    {"(uSNChanged<5)", "           ^", "write <="},
		"no operator":             {"(mail)", "     ^", "(mail=*)"},
		"strange operator":        {"(mail:x)", "     ^", "ends with :="},
		"unknown operator":        {"(mail@x)", "     ^", "unknown operator"},
		"empty value":             {"(mail=)", "      ^", "* stands for any"},
		"empty value, bare":       {"mail=", "     ^", "* stands for any"},
		"no attribute":            {"(=x)", " ^", "name of an attribute is missing"},
		"bad attribute":           {"(käse=x)", "  ^", "unknown operator"},
		"bad escape":              {`(cn=a\zb)`, "     ^", `\5c`},
		"escape cut off":          {`(cn=a\2`, "     ^", `two hexadecimal digits`},
		"star after >=":           {"(cn>=a*)", "      ^", "only after ="},
		"rule without a name":     {"(memberOf::=x)", "          ^", "not the name of a matching rule"},
		"beyond ASCII before it":  {"(&(cn=Müller)(mail=))", "                   ^", "value is missing"},
		"control before it":       {"(&(cn=a)\t(mail=))", "               ^", "value is missing"},
		"operator without a pair": {"(|(cn=a)", "        ^", "for the one at character 1"},
	} {
		t.Run(name, func(t *testing.T) {
			err := CheckFilter(c.filter)
			var wrong *FilterError
			if !errors.As(err, &wrong) {
				t.Fatalf("%v", err)
			}
			_, mark, _ := strings.Cut(wrong.Marked(), "\n")
			if mark != c.mark || !strings.Contains(err.Error(), c.says) || !strings.HasSuffix(err.Error(), wrong.Marked()) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestLongFilterIsCutAroundThePlace(t *testing.T) {
	err := CheckFilter("(&" + strings.Repeat("(cn=x)", 40) + "(mail==a)" + strings.Repeat("(cn=y)", 40) + ")")
	var wrong *FilterError
	if !errors.As(err, &wrong) {
		t.Fatal(err)
	}
	text, mark, _ := strings.Cut(wrong.Marked(), "\n")
	if len(text) > 80 || text[strings.IndexByte(mark, '^'):][:3] != "==a" {
		t.Errorf("%s", wrong.Marked())
	}
}

func TestValidFiltersAreAccepted(t *testing.T) {
	for _, f := range []string{"", "  ", "cn=Sales*", "(cn=Sales*)", "( & (cn=a) (mail=*) )", "((cn=a))",
		"(&(objectClass=user)(!(cn=a)))",
		"(memberOf:1.2.840.113556.1.4.1941:=CN=All,DC=x)", "(userAccountControl:1.2.840.113556.1.4.803:=2)", `(cn=a\28b\29)`,
		"(cn:dn:=x)", "(:caseExactMatch:=x)", "(cn:dn:2.5.13.2:=x)", "(sn>=m)", "(sn~=mayer)", "(cn=Müller)",
		"(1.2.840.113556.1.4.8=1)",
		"(cn;lang-de=x)", "(cn=a=b)", "(cn= x)", "|(a=1)(b=2)", "!(a=1)", "(manager=CN=A\\2c B,DC=x)"} {
		if err := CheckFilter(f); err != nil {
			t.Errorf("%s: %v", f, err)
		}
	}
}

// FuzzCheckFilter checks that the library compiles every accepted filter, as written and combined.
func FuzzCheckFilter(f *testing.F) {
	for _, s := range []string{"(cn=a)", "(&(a=b)(!(c=*d*)))", "cn=a", "(a:dn:1.2:=x)", "(((a=b)))", `(a=\00\ff)`,
		"(& (a=b) )", "(a =b)", "(a:=*)", "(:dn:a:=b)", "(é=x)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		err := CheckFilter(s)
		if err != nil {
			var wrong *FilterError
			if !errors.As(err, &wrong) || wrong.Offset < 0 || wrong.Offset > len(s) || strings.Count(wrong.Marked(), "\n") != 1 {
				t.Fatalf("%q: %v", s, err)
			}
			return
		}
		text, err := operatorFilter(s)
		if err != nil || text == "" {
			if strings.TrimSpace(s) != "" {
				t.Fatalf("%q: %q, %v", s, text, err)
			}
			return
		}
		one, err := goldap.CompileFilter("(&(objectClass=x)" + text + ")")
		if err != nil || len(one.Children) != 2 {
			t.Fatalf("%q, joined as %q: %v", s, text, err)
		}
	})
}
