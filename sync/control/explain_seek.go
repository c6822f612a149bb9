package control

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"dirbridge/config"
	"dirbridge/sync"
	"dirbridge/sync/explain"
	"dirbridge/sync/identity"
	"dirbridge/sync/port"
)

// seeking finds the subject that a query means.
type seeking struct {
	*Local
	engine *sync.Engine
	x      *Explanation
	met    []Candidate
}

// mostCandidates limits the candidates that are shown; with more matches the query must be more
// exact.
const mostCandidates = 20

// seek asks the directories, then the cloud and the state. Exact names come before names that only
// begin with the text. ok is false unless there is exactly one match.
func (s *seeking) seek(ctx context.Context) (subject explain.Subject, ok bool, err error) {
	who := strings.TrimSpace(s.x.Query)
	if s.opt.AccountID != nil {
		who = s.opt.AccountID(who)
	}
	if who == "" {
		return subject, false, &identity.Failure{Class: identity.GiveUp, Err: fmt.Errorf("no person is named"),
			Remedy: "Name a person by mail address, DN, GUID, name, or the id of the account in the cloud."}
	}
	byHow := map[string][]Candidate{}
	for _, d := range s.Settings().Directories {
		found, err := s.ask(ctx, d, who)
		if ctx.Err() != nil {
			return subject, false, ctx.Err()
		}
		s.searched(d.Name, err)
		for _, f := range found {
			byHow[f.How] = append(byHow[f.How], f.Candidate)
		}
	}
	accounts, err := s.engine.Accounts(ctx, who)
	if err != nil {
		return subject, false, err
	}
	s.searched("cloud", nil)
	s.searched("state", nil)
	for _, c := range byHow["exact"] {
		s.add(c)
	}
	for _, r := range accounts {
		if string(r.ID) == who || len(s.met) == 0 {
			if err := s.addAccount(ctx, r); err != nil {
				return subject, false, err
			}
		}
	}
	if len(s.met) == 0 {
		if err := s.addRemembered(ctx, who); err != nil {
			return subject, false, err
		}
	}
	if len(s.met) == 0 {
		for _, c := range byHow["begins"] {
			s.add(c)
		}
	}
	switch {
	case len(s.met) == 1:
		c := s.met[0]
		return explain.Subject{Kind: c.Kind, Anchor: c.Anchor, ID: c.ID}, true, s.nameable(c)
	case len(s.met) > 1:
		s.x.Ambiguous = true
	default:
		s.met = byHow["like"]
		if old, ok := s.engine.Archived(ctx, who); ok {
			s.x.Cloud = &CloudAccount{ID: old.ID, Key: old.Key, Admin: "unknown", Archived: &old}
		}
	}
	s.x.Candidates = append(s.x.Candidates, s.met[:min(len(s.met), mostCandidates)]...)
	return subject, false, nil
}

// nameable refuses an object without a GUID: nothing can be linked to it.
func (s *seeking) nameable(c Candidate) error {
	if c.Anchor != "" || c.ID != "" {
		return nil
	}
	return &identity.Failure{Class: identity.GiveUp, Side: identity.InDirectory,
		Err:    fmt.Errorf("directory %s: the GUID of %s cannot be read, so nothing can be linked to it", c.Directory, c.DN),
		Remedy: "Grant the bind account the right to read objectGUID (or entryUUID)."}
}

func (s *seeking) searched(place string, err error) {
	p := Searched{Place: place}
	if err != nil {
		p.Error, p.Remedy = err.Error(), identity.Remedy(err)
	}
	s.x.Searched = append(s.x.Searched, p)
}

// ask searches one directory. A query with a directory name before a GUID is only for that
// directory.
func (s *seeking) ask(ctx context.Context, d config.Directory, who string) ([]Found, error) {
	if name, guid, qualified := strings.Cut(who, ":"); qualified && isGUID(guid) {
		if name != d.Name {
			return nil, nil
		}
		who = guid
	}
	rules := d.Rules(s.Settings().Mapping)
	m, err := sync.NewMapper(s.opt.Catalogue, rules)
	if err != nil {
		return nil, err
	}
	keys, _ := m.KeyAttributes(identity.User)
	found, err := ask(s.Local, d, func(src lookupSource) ([]Found, error) {
		return src.Lookup(ctx, who, keys,
			mostCandidates+1)
	})
	for i := range found {
		found[i].Directory = d.Name
	}
	return found, err
}

// isGUID recognizes the forms in which GUIDs are written.
func isGUID(text string) bool {
	digits := 0
	for _, c := range strings.Trim(text, "{}") {
		switch {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'f', c >= 'A' && c <= 'F':
			digits++
		case c != '-':
			return false
		}
	}
	return digits == 32
}

func (s *seeking) add(c Candidate) {
	if !slices.ContainsFunc(s.met, func(o Candidate) bool {
		return o.Anchor == c.Anchor && o.ID == c.ID &&
			o.DN == c.DN
	}) {
		s.met = append(s.met, c)
	}
}

// addAccount adds the owner of an account: the object that is linked to it, or whose GUID it
// carries; otherwise the account itself.
func (s *seeking) addAccount(ctx context.Context, r identity.Resource) error {
	owned := false
	err := s.opt.Store.Seek(ctx, port.ByID, []string{string(r.ID)}, func(sh identity.Shadow) error {
		if sh.Kind == r.Kind && !identity.IsUnmatched(sh.Anchor) {
			owned = true
			s.add(remembered(sh))
		}
		return nil
	})
	if err != nil || owned {
		return err
	}
	if isGUID(r.ExternalID) {
		for _, d := range s.Settings().Directories {
			found, err := s.ask(ctx, d, r.ExternalID)
			if err != nil {
				continue // already found in the directory
			}
			for _, f := range found {
				owned = true
				s.add(f.Candidate)
			}
		}
	}
	if !owned {
		s.add(Candidate{Kind: r.Kind, ID: r.ID, Name: r.Name, Mail: r.Key})
	}
	return nil
}

// addRemembered adds objects that are only in the state.
func (s *seeking) addRemembered(ctx context.Context, who string) error {
	text := strings.TrimSpace(who)
	folded := identity.Fold(text)
	add := func(sh identity.Shadow) error { s.add(remembered(sh)); return nil }
	if name, guid, qualified := strings.Cut(folded, ":"); qualified && isGUID(guid) {
		sh, ok, err := s.opt.Store.Shadow(ctx, identity.NewAnchor(name, strings.Trim(guid, "{}")))
		if err != nil || !ok {
			return err
		}
		return add(sh)
	}
	for _, by := range []struct {
		index port.Index
		value string
	}{{port.ByKey, folded}, {port.ByDN, folded}, {port.ByID, text}, {port.ByGUID, strings.Trim(folded, "{}")}} {
		if err := s.opt.Store.Seek(ctx, by.index, []string{by.value}, add); err != nil {
			return err
		}
	}
	return nil
}

func remembered(sh identity.Shadow) Candidate {
	if identity.IsUnmatched(sh.Anchor) {
		return Candidate{Kind: sh.Kind, ID: sh.ID, Mail: sh.Applied.First(keyOf(sh.Kind))}
	}
	return Candidate{Kind: sh.Kind, Directory: sh.Anchor.Directory(), Anchor: sh.Anchor, DN: sh.DN, Name: sh.RDN,
		Mail: sh.Applied.First(keyOf(sh.Kind))}
}
