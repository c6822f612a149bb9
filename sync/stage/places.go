package stage

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

// NoPlace lists the mapped attributes that are not written because the provider publishes no place
// for them. Attributes that this kind of provider never has are marked in the catalogue instead.
func (e *Env) NoPlace() []string {
	found := map[string]bool{}
	all := append(slices.Collect(maps.Values(e.Mappers.own)), e.Mappers.general)
	for _, m := range all {
		for _, name := range m.Dropped() {
			if a, ok := e.Catalogue.User(name); ok && a.Path != "" {
				found[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// NoteNoPlace logs such attributes once: when the provider is asked for the first time, and when it
// publishes another set. An error does not fail the run.
func (e *Env) NoteNoPlace(ctx context.Context) {
	names := e.NoPlace()
	var known []string
	if facts.ReadValue(ctx, e.Store, facts.NoPlaceValue, &known) != nil || slices.Equal(known, names) {
		return
	}
	text := ""
	if len(names) > 0 {
		text = workdb.Encode(names)
	}
	b := port.Batch{Values: map[string]string{facts.NoPlaceValue: text}}
	if p, ok := NoPlaceProblem(names); ok {
		b.Events = []record.Event{{Time: e.Now().UTC(), Level: record.Warn, Code: "no-place", Side: p.Side,
			Field: p.Attribute, Message: p.Message, Remedy: p.Remedy}}
	}
	_ = e.Store.Commit(ctx, b)
}

// NoPlaceProblem returns the problem for these attributes; false if there are none.
func NoPlaceProblem(names []string) (identity.Problem, bool) {
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
