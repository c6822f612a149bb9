package plan

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"dirbridge/sync/identity"
)

// Rules by which one record is withheld. The values are part of the JSON and file formats.
const (
	// RulePrivilegedLink: a person would be linked to an account with an administrative
	// role for the first time.
	RulePrivilegedLink = "privileged-link"
	// RuleInheritance: a person would take over the account of another person, who has left.
	RuleInheritance = "account-inheritance"
	// RuleAdminKey: the key of a linked full administrator would change.
	RuleAdminKey = "administrator-key"
)

// Withheld is one record that is not written until an operator confirms the pair of person and
// account. The rest of the plan is applied.
type Withheld struct {
	Rule    string          `json:"rule"`
	Reason  string          `json:"reason"` // sentences for the operator
	Remedy  string          `json:"remedy"`
	Person  WithheldPerson  `json:"person"`
	Account WithheldAccount `json:"account"`
	// Fingerprint pins what is shown of both sides. A confirmation names it, and so becomes invalid
	// when either side changes.
	Fingerprint string `json:"print"`
}

// WithheldPerson is the directory side.
type WithheldPerson struct {
	Anchor         identity.Anchor `json:"anchor"`
	DN             string          `json:"dn"`
	Key            string          `json:"key"`
	Name           string          `json:"name,omitempty"`
	EmployeeNumber string          `json:"employee_number,omitempty"`
	Active         bool            `json:"active"`
	Created        time.Time       `json:"created,omitzero"` // if the directory says so; for display only
}

// WithheldAccount is the cloud side.
type WithheldAccount struct {
	ID             identity.ResourceID `json:"id"`
	Key            string              `json:"key"`
	Name           string              `json:"name,omitempty"`
	EmployeeNumber string              `json:"employee_number,omitempty"`
	Active         bool                `json:"active"`
	// yes, no, unknown: a full administrator; partly: another administrative role
	Admin      string          `json:"admin"`
	ExternalID string          `json:"external_id,omitempty"` // its externalId
	Owner      identity.Anchor `json:"owner,omitempty"`       // present or former owner of the account; "" if unknown
	OwnerDN    string          `json:"owner_dn,omitempty"`    // last DN of the owner
	Linked     time.Time       `json:"linked,omitzero"`       // when it was linked to the owner
	Created    time.Time       `json:"created,omitzero"`      // if the cloud says so; for display only
}

// Seal sets Fingerprint from both sides, without the creation times.
func (w *Withheld) Seal() {
	p, a := w.Person, w.Account
	p.Created, a.Created, a.Linked = time.Time{}, time.Time{}, time.Time{}
	js, err := json.Marshal([]any{w.Rule, p, a})
	if err != nil {
		panic(fmt.Sprintf("plan: encode a withheld record: %v", err)) // strings, booleans and times can always be encoded
	}
	sum := sha256.Sum256(js)
	w.Fingerprint = hex.EncodeToString(sum[:16])
}

// withholds creates the table, with the first record.
func (w *Writer) withholds() error {
	if w.format == Format || w.conn == nil {
		return nil
	}
	w.format = Format
	for _, s := range []string{fmt.Sprintf("PRAGMA user_version=%d", w.format), tables()[tblWithheld].create()} {
		if _, err := w.conn.ExecContext(context.Background(), s); err != nil {
			return fault(w.path, err)
		}
	}
	return nil
}

const withheldColumns = "SELECT seq, payload FROM withheld"

func scanWithheld(rows *sql.Rows) (seq int64, w Withheld, err error) {
	var payload []byte
	if err := rows.Scan(&seq, &payload); err != nil {
		return seq, w, err
	}
	return seq, w, json.Unmarshal(payload, &w)
}

// AddWithheld appends a withheld record.
func (w *Writer) AddWithheld(r Withheld) error {
	js, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := w.withholds(); err != nil {
		return err
	}
	return w.put(tblWithheld, string(js),
		fold(r.Person.DN, r.Person.Key, r.Person.Name, r.Account.Key, r.Account.Name, string(r.Account.ID), r.Rule))
}

// Withheld calls fn for every withheld record.
func (p *Plan) Withheld(ctx context.Context, fn func(Withheld) error) error {
	if p.length[tblWithheld] == 0 {
		return nil // files of formatNoWithheld lack the table
	}
	return stream(ctx, p, tblWithheld, withheldColumns, scanWithheld, fn)
}

// WithheldCount is the number of withheld records with the filter text in person, account or rule,
// case-insensitively; "" counts all.
func (p *Plan) WithheldCount(ctx context.Context, filter string) (int64, error) {
	if p.length[tblWithheld] == 0 {
		return 0, nil
	}
	return p.filteredCount(ctx, tblWithheld, filter)
}

// WithheldWindow reads up to n of those records, from offset on, counted from 0.
func (p *Plan) WithheldWindow(ctx context.Context, filter string, offset int64, n int) ([]Withheld, error) {
	if p.length[tblWithheld] == 0 {
		return nil, nil
	}
	return filtered(ctx, p, tblWithheld, withheldColumns, filter, offset, n, scanWithheld)
}
