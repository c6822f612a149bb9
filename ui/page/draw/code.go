package draw

import (
	"time"

	"dirbridge/sync/control"
	"dirbridge/ui/look"
	"dirbridge/ui/view"
)

// Code draws the address and the code of a sign-in, and how long the code is still valid. The address
// leads there in a terminal that takes links.
func Code(l look.Look, code control.SignInCode, since, now time.Time, width int) []string {
	address := l.Clean(code.Address)
	if l.Links {
		to := code.Address
		if code.Complete != "" {
			to = code.Complete
		}
		address = l.Style.Key.Underline(true).Hyperlink(l.Clean(to)).Render(address)
	}
	return []string{" " + view.CodeOpen, "", "   " + address, "", " " + view.CodeEnter, "",
		"   " + l.Style.Key.Render(l.Clean(code.Code)), "",
		" " + view.CodeLeft(code, now), " " + bar(l, view.CodeShare(code, since, now), min(width-4, 40)),
		" [y] copies the address or the code."}
}

// CodeCopies are the address and the code, the most wanted first.
func CodeCopies(code control.SignInCode) (all Copies) {
	if code.Complete != "" {
		all.Add("a", "address with the code", code.Complete)
	}
	all.Add("p", "address", code.Address)
	all.Add("c", "code", code.Code)
	return all
}
