package sync

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/workdb"
)

// noPlace are the mapped attributes that are not written, because the provider publishes
// no place for them. Those that its kind never has stand in the catalogue so.
func (e *environment) noPlace() []string {
	found := map[string]bool{}
	all := append(slices.Collect(maps.Values(e.mappers.own)), e.mappers.general)
	for _, m := range all {
		for _, name := range m.Dropped() {
			if a, ok := e.Catalogue.User(name); ok && a.Path != "" {
				found[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// noteNoPlace tells of such attributes once: when the provider is asked the first time,
// and when it publishes another set. It is no reason to fail that it cannot.
func (e *environment) noteNoPlace(ctx context.Context) {
	names := e.noPlace()
	var known []string
	if facts.ReadValue(ctx, e.Store, facts.NoPlaceValue, &known) != nil || slices.Equal(known, names) {
		return
	}
	text := ""
	if len(names) > 0 {
		text = workdb.Encode(names)
	}
	b := port.Batch{Values: map[string]string{facts.NoPlaceValue: text}}
	if p, ok := noPlaceProblem(names); ok {
		b.Events = []record.Event{{Time: e.now().UTC(), Level: record.Warn, Code: "no-place", Side: p.Side, Field: p.Attribute, Message: p.Message, Remedy: p.Remedy}}
	}
	_ = e.Store.Commit(ctx, b)
}

// noPlaceProblem is what is said of them; false where there are none.
func noPlaceProblem(names []string) (identity.Problem, bool) {
	if len(names) == 0 {
		return identity.Problem{}, false
	}
	what := "a mapped attribute"
	if len(names) > 1 {
		what = fmt.Sprintf("%d mapped attributes", len(names))
	}
	return identity.Problem{Side: identity.InCloud, Attribute: strings.Join(names, ", "),
		Message: fmt.Sprintf("The cloud publishes no place for %s, not written there: %s.", what, strings.Join(names, ", ")),
		Remedy:  `Ask the provider for the schema that holds them, or leave them out: NAME = "" in [mapping].`}, true
}

// reportNoPlace lists them with a plan that looked at everything.
func (d *draft) reportNoPlace(ctx context.Context) error {
	p, ok := noPlaceProblem(d.env.noPlace())
	if !ok || d.affected != nil {
		return nil
	}
	p.DN = d.header.Organization.URL
	return d.work.Problem(ctx, "", p)
}
