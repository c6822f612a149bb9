package match

import (
	"context"
	"fmt"
	"strings"

	"dirbridge/sync/identity"
	"dirbridge/sync/read"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// Cloud attributes that distinguish one person from another.
const (
	attrGivenName      = "givenName"
	attrSurname        = "sn"
	attrDisplayName    = "displayName"
	attrEmployeeNumber = "employeeNumber"
)

// inheritsAccount says whether a link would give the account of a person who is gone to another person,
// and how the two differ. The account belongs to the first person by its link, or by an externalId
// that is the anchor of a configured directory. An account without a tie to a directory has no
// owner, and is matched by its key.
//
// The same GUID in another directory, and the SID history, mean that it is the same person,
// whatever the names.
func inheritsAccount(ctx context.Context, d *stage.Draft, x *dubious) (reason string, yes bool, err error) {
	switch {
	case x.how == workdb.ByRelink && identity.IsUnmatched(x.was):
		return "", false, nil // the account never belonged to another person
	case x.how == workdb.ByRelink && x.was.GUID() != x.anchor.GUID():
	case x.how == workdb.ByKey && x.res.ExternalID != "" && !strings.EqualFold(x.res.ExternalID, x.anchor.GUID()):
	default:
		return "", false, nil
	}
	reason, differ := x.differs()
	if !differ || x.how == workdb.ByRelink {
		return reason, differ, nil
	}
	owner, found, err := ownerByExternal(ctx, d, x.res.ExternalID)
	if found {
		x.w.Account.Owner = owner
	}
	return reason, found, err
}

// differs compares the person with the previous owner of the account. Given name and surname decide
// if both have both, otherwise the display name, otherwise the name of the entry. If both have an
// employee number, it must be the same as well. Letter case and blanks do not count. For the person
// who is gone, what was last written takes precedence over what the account shows now.
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

// ownerByExternal finds the owner of a GUID on an unlinked account: an object in the state, or one
// that is in a directory out of scope. A GUID that no directory knows means nothing.
func ownerByExternal(ctx context.Context, d *stage.Draft, guid string) (identity.Anchor, bool, error) {
	var ask []read.Leaver
	for _, dir := range d.Header.Directories {
		a := identity.NewAnchor(dir.Name, guid)
		ours, err := d.Work.HasPerson(ctx, a)
		if ours || err != nil {
			return a, ours, err
		}
		if IsGUID(guid) {
			ask = append(ask, read.Leaver{Shadow: identity.Shadow{Anchor: a, Kind: identity.User}})
		}
	}
	found, err := read.LookAgain(ctx, d, ask)
	for _, l := range ask {
		if _, there := found[l.Shadow.Anchor]; there && err == nil {
			return l.Shadow.Anchor, true, nil
		}
	}
	return "", false, err
}

// IsGUID says whether a text has the form of a GUID, including the dashes.
func IsGUID(text string) bool {
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
