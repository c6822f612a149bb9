package sync

import (
	"dirbridge/sync/mapping"
	"dirbridge/sync/schema"
)

// NewMapper compiles mapping rules for trying them out: for every attribute of the catalogue,
// whether a provider has a place for it or not.
func NewMapper(cat schema.Catalogue, rules map[string]string) (*mapping.Mapper, error) {
	return mapping.New(cat, rules, func(string) bool { return true })
}
