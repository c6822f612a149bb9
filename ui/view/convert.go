package view

import (
	"fmt"

	"dirbridge/sync/control"
	"dirbridge/ui/look"
)

// What the conversion of accounts does and asks for.
const (
	ConvertDoes = "People whose accounts belong to another organization are naming conflicts. The schedule is turned " +
		"off, they are converted in Control Hub, and it is turned on again when a dry run shows that none of them would be " +
		"removed."
	ConvertWhich = "E-mail addresses, or Enter for those of the known naming conflicts:"
	// ConvertHow is Markdown.
	ConvertHow = "1. Open [Control Hub](https://admin.webex.com/) as a full administrator.\n" +
		"2. Under Users, choose Convert Users, and convert these accounts to your organization.\n" +
		"3. Make sure that each of them has a person in the directory, in scope, with the same e-mail address. Letter case " +
		"makes no difference.\n\n" +
		"Do not start a synchronization meanwhile. Make a dry run afterwards: it shows whether the accounts are there."
)

// Fate says what the last dry run does to an account that is converted.
func Fate(a control.Converted) string {
	text, ok := map[control.Fate]string{control.FateMatched: "matched", control.FateAdded: "added",
		control.FateRemoved: "deactivated", control.FateUnmatched: "unmatched", control.FateProblem: "problem",
		control.FateAbsent: "not found"}[a.Fate]
	switch {
	case !ok:
		return "not checked yet"
	case !a.InCloud:
		return "not converted"
	}
	return text
}

// Conversion says how far the conversion is, or that one is of use; "" if neither.
func Conversion(s control.Status) string {
	if p := s.Mode.Procedure; p != nil {
		text := "Conversion of " + look.Count(int64(len(p.Accounts)), "account", "accounts")
		for i, s := range p.Steps {
			if !s.Done {
				return fmt.Sprintf("%s: next is step %d, %s", text, i+1, s.Title)
			}
		}
		return text
	}
	n := int64(len(control.Conflicts(s)))
	if n == 0 {
		return ""
	}
	return look.Count(n, "account belongs", "accounts belong") + " to another organization and can be converted"
}
