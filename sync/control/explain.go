package control

import (
	"context"
	"time"

	"dirbridge/sync/explain"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
)

// Explainer says why a person or a group is, or is not, in the cloud.
type Explainer interface {
	// Explain finds the subject by who: a DN, a GUID (after its directory, in braces, or bare), a
	// mail address or another name, or an id or a name in the cloud. It writes nothing, and works
	// while another connector leads. No match, or several, is no error: see Found.
	Explain(ctx context.Context, who string) (Explanation, error)
}

// Explanation is everything known about one person, group or account, as facts.
type Explanation struct {
	Query string `json:"query"`
	// Found says that the explanation is about one subject. Otherwise Candidates are the ones that
	// the query may mean (Ambiguous), or whose names are similar.
	Found      bool        `json:"found"`
	Ambiguous  bool        `json:"ambiguous"`
	Candidates []Candidate `json:"candidates"`
	Searched   []Searched  `json:"searched"`

	Kind   identity.Kind   `json:"kind,omitempty"` // user, group; out of scope also contact and so on
	Anchor identity.Anchor `json:"anchor,omitempty"`
	Name   string          `json:"name,omitempty"` // for people
	Key    string          `json:"key,omitempty"`  // its present or future name in the cloud

	Where    Where              `json:"where"`
	Scope    *Scope             `json:"scope,omitempty"` // omitted for an account that no directory knows
	Mapped   []MappedAttribute  `json:"mapped"`
	Problems []identity.Problem `json:"problems"`
	Match    Match              `json:"match"`
	Cloud    *CloudAccount      `json:"cloud,omitempty"`
	Change   *ExplainedChange   `json:"change,omitempty"`
	Then     *ExplainedChange   `json:"then,omitempty"` // the rest, for a leaver who is deactivated first
	Members  []ExplainedChange  `json:"members"`        // memberships that are added or removed with it
	Holds    []ExplainedHold    `json:"holds"`          // empty: nothing holds it
	State    *Remembered        `json:"state,omitempty"`
	Failing  *record.Failing    `json:"failing,omitempty"` // its write failed in every run that tried
	// Withheld is set if nothing is written of it until an operator confirms it.
	Withheld *Withheld `json:"withheld,omitempty"`
	Next     Next      `json:"next"`
}

// Candidate is a subject that a query may mean.
type Candidate struct {
	Kind      identity.Kind       `json:"kind,omitempty"`
	Directory string              `json:"directory,omitempty"` // "" for an account in the cloud
	Anchor    identity.Anchor     `json:"anchor,omitempty"`
	DN        string              `json:"dn,omitempty"`
	ID        identity.ResourceID `json:"id,omitempty"`
	Name      string              `json:"name,omitempty"`
	Mail      string              `json:"mail,omitempty"` // for an account its key
}

// Searched is a place that was searched.
type Searched struct {
	Place  string `json:"place"` // name of a directory, "cloud", "state"
	Error  string `json:"error,omitempty"`
	Remedy string `json:"remedy,omitempty"`
}

// Where says where the object is.
type Where struct {
	Directory string `json:"directory,omitempty"`
	DN        string `json:"dn,omitempty"` // for an object that is gone, its last DN
	Exists    bool   `json:"exists"`
	Deleted   bool   `json:"deleted"`          // it is among the deleted objects
	Parent    string `json:"parent,omitempty"` // the previous parent of a deleted object
	Error     string `json:"error,omitempty"`  // the directory cannot be read
}

// Scope says whether an object is in scope, and lists each condition.
type Scope struct {
	In    bool        `json:"in"`
	Steps []ScopeStep `json:"steps"`
}

// ScopeStep is one condition. What is kind, built-in, container, exclusion, filter or group, or
// server if the directory disagrees with all of these.
type ScopeStep struct {
	What   string   `json:"what"`
	Pass   bool     `json:"pass"`
	Text   string   `json:"text"`
	DN     string   `json:"dn,omitempty"` // of the deciding container, exclusion or group
	Via    []string `json:"via,omitempty"`
	Filter string   `json:"filter,omitempty"`
}

// Judgement is what a directory says about one object.
type Judgement struct {
	Found, Deleted bool
	DN, Parent     string
	Kind           identity.Kind
	Steps          []ScopeStep
}

// MappedAttribute is one attribute of the mapping.
type MappedAttribute struct {
	Attribute string   `json:"attribute"`
	Path      string   `json:"path,omitempty"` // where the cloud keeps it
	Rule      string   `json:"rule"`
	Inputs    []Input  `json:"inputs"`
	Values    []string `json:"values"`
	Written   []string `json:"written,omitempty"` // in the cloud, if spelled differently
	Required  bool     `json:"required"`
	Problem   string   `json:"problem,omitempty"`
	Remedy    string   `json:"remedy,omitempty"`
	// Ignored says that the cloud does not keep the value; Got is what it has instead.
	Ignored bool     `json:"ignored,omitempty"`
	Got     []string `json:"got,omitempty"`
}

// Input is one directory attribute as read.
type Input struct {
	Name   string   `json:"name"`
	Values []string `json:"values"`
}

// Match says which account belongs to the object, and by what. How is link, externalId, key,
// relink, history or none.
type Match struct {
	How       string              `json:"how"`
	ID        identity.ResourceID `json:"id,omitempty"`
	Since     time.Time           `json:"since,omitzero"`
	Run       int64               `json:"run,omitempty"`  // that linked it, if known
	From      identity.Anchor     `json:"from,omitempty"` // previous owner of the account
	Conflicts []CloudAccount      `json:"conflicts"`      // other accounts with its GUID or its key
	Sharing   []Sharing           `json:"sharing"`        // other objects that want the same key
}

// Sharing is an object that wants the same key.
type Sharing struct {
	Anchor identity.Anchor `json:"anchor"`
	DN     string          `json:"dn"`
}

// CloudAccount is an account as it is now.
type CloudAccount struct {
	Exists     bool                `json:"exists"`
	ID         identity.ResourceID `json:"id"`
	Key        string              `json:"key,omitempty"`
	Name       string              `json:"name,omitempty"`
	ExternalID string              `json:"external_id,omitempty"`
	Active     bool                `json:"active"`
	Admin      string              `json:"admin"` // yes, no, unknown: a full administrator; partly: another administrative role
	Attributes identity.Attrs      `json:"attributes,omitempty"`
	// Unmatched says that no directory knows it. Kept is the reason why it is left unchanged.
	Unmatched bool   `json:"unmatched,omitempty"`
	Kept      string `json:"kept,omitempty"`
	// Archived is set for an account that was deleted, if the cloud still shows it.
	Archived *Archived `json:"archived,omitempty"`
}

// Archived is a deleted account.
type Archived = record.Archived

// ArchivedRemedy is what an operator can do about one.
const ArchivedRemedy = record.ArchivedRemedy

// ExplainedChange is a change that the next plan will have for the object.
type ExplainedChange struct {
	Action  Action         `json:"action"`
	Kind    identity.Kind  `json:"kind"`
	Key     string         `json:"key"`
	Group   string         `json:"group,omitempty"` // of a membership
	Fields  []ChangedField `json:"fields"`
	Reason  string         `json:"reason"`
	Cause   string         `json:"cause,omitempty"`
	Via     string         `json:"via,omitempty"`
	Counted bool           `json:"counted"` // by the delete threshold
}

// ChangedField is one changed field, with references as DNs if these are known.
type ChangedField struct {
	Name string   `json:"name"`
	Old  []string `json:"old"`
	New  []string `json:"new"`
}

// ExplainedHold is a hold that stops a change from being written. Run is the run that was held,
// Plan the current plan.
type ExplainedHold struct {
	plan.Hold
	Run  int64  `json:"run,omitempty"`
	Plan string `json:"plan,omitempty"`
}

// Remembered is what the state has for the object.
type Remembered struct {
	State    identity.State `json:"state"`
	DN       string         `json:"dn"`
	Since    time.Time      `json:"since,omitzero"` // of grace
	ByUs     bool           `json:"by_us"`          // deactivated by the connector
	Inactive bool           `json:"inactive"`       // for a person: as far as is remembered
	PurgeDue time.Time      `json:"purge_due,omitzero"`
	// Kept and Unmanaged are the keep and the rule that hold it back from the purge.
	Kept      *identity.Keep `json:"kept,omitempty"`
	Unmanaged string         `json:"unmanaged,omitempty"`
	Run       int64          `json:"run,omitempty"` // last run that wrote it to the cloud
	Written   time.Time      `json:"written,omitzero"`
	// Deactivated is the write that deactivated the account, if it was one of ours.
	Deactivated *explain.PastWrite `json:"deactivated,omitempty"`
	Leftover    string             `json:"leftover,omitempty"` // why it is planned again
	Forgotten   bool               `json:"forgotten,omitempty"`
}

// Next is what will happen.
type Next struct {
	Text string `json:"text"` // one sentence
	Run  string `json:"run"`  // the run that does it: full, incremental or purge; none
	When string `json:"when,omitempty"`
}

// Optional abilities of a source beyond port.Source.
type (
	lookupSource interface {
		Lookup(ctx context.Context, text string, attributes []string, limit int) ([]Found, error)
	}
	judgeSource interface {
		Judge(ctx context.Context, a identity.Anchor) (Judgement, error)
	}
)

// Found is an object that a directory found. How is exact, begins or like.
type Found struct {
	Candidate
	How string
}

var _ Explainer = (*Local)(nil)

func (l *Local) Explain(ctx context.Context, who string) (Explanation, error) {
	x := Explanation{Query: who, Candidates: []Candidate{}, Searched: []Searched{}, Mapped: []MappedAttribute{},
		Problems: []identity.Problem{},
		Members:  []ExplainedChange{}, Holds: []ExplainedHold{}, Match: Match{How: "none", Conflicts: []CloudAccount{},
			Sharing: []Sharing{}}}
	engine, done, err := l.opt.Factory.Engine(l.Settings())
	if err != nil {
		return x, err
	}
	defer done()
	s := &seeking{Local: l, engine: engine, x: &x}
	subject, ok, err := s.seek(ctx)
	if err != nil || !ok {
		return x, err
	}
	e, err := engine.Explain(ctx, subject)
	if err == nil && e.Owner != "" {
		e, err = engine.Explain(ctx, explain.Subject{Kind: e.Kind, Anchor: e.Owner})
	}
	if err != nil {
		return x, err
	}
	x.Found = true
	return x, (&telling{Local: l, x: &x, e: e}).tell(ctx)
}
