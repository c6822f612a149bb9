package record

import (
	"fmt"
	"strings"
)

// Override is one overridden hold, with the number that the operator typed.
type Override struct {
	Rule  string `json:"rule"`
	Count int64  `json:"count"`
}

// Text says what the operator by overrode: what the guard counted and, if it is known, the limit
// that this exceeds.
func (o Override) Text(by, limit string) string {
	name, counted := "guard "+strings.ReplaceAll(o.Rule, "-", " "), "counted"
	if o.Rule == "delete-threshold" {
		name, counted = "delete threshold", "removals"
		if o.Count == 1 {
			counted = "removal"
		}
	}
	if by == "" {
		by = "An operator"
	}
	if limit != "" {
		limit = ", limit " + limit
	}
	return fmt.Sprintf("%s overrode the %s (%d %s%s)", by, name, o.Count, counted, limit)
}
