package plan

import (
	"context"
	"database/sql"
	"encoding/json"

	"dirbridge/sync/identity"
)

// Names returns the names of people and groups by their anchors and ids, as far as the plan changes
// them: the first part of the DN, or else the key. It reads the whole plan.
func (p *Plan) Names(ctx context.Context, refs []string) (map[string]string, error) {
	names := make(map[string]string, len(refs))
	if len(refs) == 0 {
		return names, nil
	}
	wanted, err := json.Marshal(refs)
	if err != nil {
		return nil, err
	}
	ask := make(map[string]bool, len(refs))
	for _, ref := range refs {
		ask[ref] = true
	}
	// A change begins with its anchor and id, so the rest is not searched.
	err = p.query(ctx, `SELECT seq, payload FROM change WHERE EXISTS (SELECT 1 FROM json_each(?) r
		WHERE instr(substr(payload, 1, 200), CAST(r.value AS BLOB)) > 0)`, []any{string(wanted)},
		func(rows *sql.Rows) error {
			c, err := p.scanChange(rows)
			if err != nil || c.Kind == identity.Member {
				return err
			}
			for _, ref := range []string{string(c.Anchor), string(c.ID)} {
				if ask[ref] {
					names[ref] = nameOf(c.DN, c.Key)
				}
			}
			return nil
		})
	return names, err
}

func nameOf(dn, key string) string {
	if first, _ := identity.SplitDN(dn); first != "" {
		return identity.RDNValue(first)
	}
	return key
}
