package control

import (
	"context"
	"strings"

	"dirbridge/sync/identity"
	"dirbridge/sync/port"
)

// Names returns the names of people and groups by their anchors and ids: from what is remembered of
// them, or else from the plan. What neither knows is left out.
func (l *Local) Names(ctx context.Context, p *Plan, refs []string) (map[string]string, error) {
	names := make(map[string]string, len(refs))
	var ids, rest []string
	for _, ref := range refs {
		if !strings.Contains(ref, ":") {
			ids = append(ids, ref)
			continue
		}
		s, ok, err := l.opt.Store.Shadow(ctx, identity.Anchor(ref))
		switch {
		case err != nil:
			return nil, err
		case ok && s.DN != "":
			names[ref] = nameOf(s)
		}
	}
	if len(ids) > 0 {
		err := l.opt.Store.Seek(ctx, port.ByID, ids, func(s identity.Shadow) error {
			if s.DN != "" {
				names[string(s.ID)] = nameOf(s)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	for _, ref := range refs {
		if names[ref] == "" {
			rest = append(rest, ref)
		}
	}
	if p == nil {
		return names, nil
	}
	more, err := p.Names(ctx, rest)
	for ref, name := range more {
		names[ref] = name
	}
	return names, err
}

func nameOf(s identity.Shadow) string {
	first, _ := identity.SplitDN(s.DN)
	return identity.RDNValue(first)
}
