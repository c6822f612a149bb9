package sync

import (
	"context"
	"fmt"
	"strings"

	"dirbridge/sync/identity"
)

// Cloud attributes by which a person is told from another one.
const (
	attrGivenName      = "givenName"
	attrSurname        = "sn"
	attrDisplayName    = "displayName"
	attrEmployeeNumber = "employeeNumber"
)

// inherits says that a link would give the account of one person, who is gone, to
// another one, and by what they differ. The account is the first person's by its link,
// or by an externalId that is the anchor of a configured directory. One that nothing
// ties to a directory is nobody's, and is matched by its key.
//
// The same GUID in another directory, and the SID history, say that it is the same
// person, whatever the names.
func (d *draft) inherits(ctx context.Context, x *dubious) (reason string, yes bool, err error) {
	switch {
	case x.how == byRelink && identity.IsUnmatched(x.was):
		return "", false, nil // it was never the account of another person
	case x.how == byRelink && x.was.GUID() != x.anchor.GUID():
	case x.how == byKey && x.res.ExternalID != "" && !strings.EqualFold(x.res.ExternalID, x.anchor.GUID()):
	default:
		return "", false, nil
	}
	reason, differ := x.differs()
	if !differ || x.how == byRelink {
		return reason, differ, nil
	}
	owner, found, err := d.ownerByExternal(ctx, x.res.ExternalID)
	if found {
		x.w.Account.Owner = owner
	}
	return reason, found, err
}

// differs compares the person with the one whose account it was. Given name and surname
// decide where both have both, else the display name, else the name of the entry. Where
// both have an employee number, that must be the same as well. Letter case and blanks
// count for nothing. Of the one who is gone, what was last written counts before what
// the account shows now.
func (x *dubious) differs() (reason string, differ bool) {
	before := func(name string) string {
		if x.owner != nil && x.owner.Applied.First(name) != "" {
			return x.owner.Applied.First(name)
		}
		return x.res.Attrs.First(name)
	}
	now := x.attrs.First
	say := func(what, old, next string) (string, bool) {
		return fmt.Sprintf("Its %s is [%s], and was [%s].", what, next, old), !samePlain(old, next)
	}
	both := func(name string) bool { return before(name) != "" && now(name) != "" }
	if both(attrEmployeeNumber) {
		if reason, differ = say("employee number", before(attrEmployeeNumber), now(attrEmployeeNumber)); differ {
			return reason, true
		}
	}
	full := func(of func(string) string) string { return of(attrGivenName) + " " + of(attrSurname) }
	switch {
	case both(attrGivenName) && both(attrSurname):
		return say("name", full(before), full(now))
	case both(attrDisplayName):
		return say("display name", before(attrDisplayName), now(attrDisplayName))
	case x.owner != nil && x.owner.RDN != "" && x.rdn != "":
		return say("entry", x.owner.RDN, x.rdn)
	}
	return "Nothing shows that it is the same person: no name is mapped on both sides.", true
}

// samePlain compares names without regard to letter case and blanks.
func samePlain(a, b string) bool {
	return identity.Fold(strings.Join(strings.Fields(a), " ")) == identity.Fold(strings.Join(strings.Fields(b), " "))
}

// ownerByExternal finds whose GUID an account carries that nobody is linked to: an
// object that the state remembers, or one that stands in a directory out of scope. A GUID
// that no directory knows says nothing.
func (d *draft) ownerByExternal(ctx context.Context, guid string) (identity.Anchor, bool, error) {
	var ask []leaver
	for _, dir := range d.header.Directories {
		a := identity.NewAnchor(dir.Name, guid)
		n, err := d.work.Number(ctx, `SELECT count(*) FROM sh WHERE anchor=? AND kind='user'`, string(a))
		if n > 0 || err != nil {
			return a, n > 0, err
		}
		if isGUID(guid) {
			ask = append(ask, leaver{shadow: identity.Shadow{Anchor: a, Kind: identity.User}})
		}
	}
	found, err := d.lookAgain(ctx, ask)
	for _, l := range ask {
		if _, there := found[l.shadow.Anchor]; there && err == nil {
			return l.shadow.Anchor, true, nil
		}
	}
	return "", false, err
}

// isGUID says whether a text has the form of a GUID, dashes and all.
func isGUID(text string) bool {
	if len(text) != 36 {
		return false
	}
	for i, c := range identity.Fold(text) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (c == '-') || !dash && !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f') {
			return false
		}
	}
	return true
}
