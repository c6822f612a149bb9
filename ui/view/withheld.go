package view

import (
	"strings"
	"time"

	"dirbridge/sync/control"
)

// Withheld says how many records of a plan wait for an operator.
func Withheld(n int64) string {
	return count(n, "record is withheld. It is", "records are withheld. They are") +
		" not written until an operator confirms " +
		of(n, "it", "them") + "."
}

// ConfirmTitle asks whether to allow what a confirmation allows.
func ConfirmTitle(h control.Withheld) string {
	return "Link " + h.Person.Key + " to the account " + h.Account.Key + "?"
}

// ConfirmMeans describes the effect of a confirmation, and how long it is valid.
const ConfirmMeans = "Nothing is written now; the next run writes this pair only. The event log has it with your " +
	"name. It expires when it is used, or when anything shown here changes on either side."

// ConfirmedAlready is why a record cannot be confirmed again.
const ConfirmedAlready = "it is confirmed already; make a new dry run"

// Confirmed says what was confirmed and what comes next; again is the way to make a new dry run.
func Confirmed(h control.Withheld, again string) string {
	return "Confirmed: the next run links " + h.Person.Key + " to the account " + h.Account.Key +
		". The current plan does not; " + again + " for a new one."
}

// WithheldFacts describes a withheld record: both sides, and how to confirm it.
func WithheldFacts(h control.Withheld, to Audience) []Fact {
	var all facts
	all.add("", Sentence(h.Reason))
	all.add("person", WithheldPerson(h))
	all.add("account", WithheldAccount(h))
	all.add("owner", WithheldOwner(h))
	all.add("rule", h.Rule)
	all[len(all)-1].Remedy = In(to, h.Remedy)
	return all
}

// WithheldPerson describes the side of the directory.
func WithheldPerson(h control.Withheld) string {
	p := h.Person
	return sides(p.DN, p.Key, p.Name, numbered(p.EmployeeNumber), where(!p.Active, "disabled"),
		dated("created ", p.Created))
}

// WithheldAccount describes the side of the cloud.
func WithheldAccount(h control.Withheld) string {
	a := h.Account
	role := map[string]string{"yes": "full administrator", "partly": "administrative role",
		"unknown": "roles unknown"}[a.Admin]
	return sides(a.Key+" (id "+string(a.ID)+")", a.Name, numbered(a.EmployeeNumber), role, where(!a.Active, "inactive"),
		dated("created ", a.Created))
}

// WithheldOwner names the other object that has or had the account; "" if there is none.
func WithheldOwner(h control.Withheld) string {
	a := h.Account
	if a.Owner == "" || a.Owner == h.Person.Anchor {
		return ""
	}
	return sides(string(a.Owner), where(a.OwnerDN != "", "last at "+a.OwnerDN), dated("linked ", a.Linked))
}

func sides(parts ...string) string {
	var there []string
	for _, p := range parts {
		if p != "" {
			there = append(there, p)
		}
	}
	return strings.Join(there, ", ")
}

func where(is bool, text string) string {
	if is {
		return text
	}
	return ""
}

func numbered(n string) string { return where(n != "", "employee number "+n) }

func dated(what string, t time.Time) string {
	return where(!t.IsZero(), what+t.Local().Format("2006-01-02 15:04"))
}
