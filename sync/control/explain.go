package control

import (
	"context"
	"time"

	"dirbridge/sync"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
)

// Explainer says why a person or a group is, or is not, in the cloud.
type Explainer interface {
	// Explain looks for who: a DN, a GUID (with its directory before it, or in braces, or
	// bare), a mail address or another name, or an id or a name in the cloud. It writes
	// nothing, and works while another connector leads. That nobody is found, or several
	// are, is no error: see Found.
	Explain(ctx context.Context, who string) (Explanation, error)
}

// Explanation is everything that is known of one person, group or account, as facts.
type Explanation struct {
	Query string `json:"query"`
	// Found: it is about one subject. Else Candidates are those whom the query may mean
	// (Ambiguous), or whose names are like it.
	Found      bool        `json:"found"`
	Ambiguous  bool        `json:"ambiguous"`
	Candidates []Candidate `json:"candidates"`
	Searched   []Searched  `json:"searched"`

	Kind   identity.Kind   `json:"kind,omitempty"` // user, group; of who is out of scope also contact, room, container, computer
	Anchor identity.Anchor `json:"anchor,omitempty"`
	Name   string          `json:"name,omitempty"` // for people
	Key    string          `json:"key,omitempty"`  // what it is, or would be, called in the cloud

	Where    Where              `json:"where"`
	Scope    *Scope             `json:"scope,omitempty"` // left out of an account that no directory knows
	Mapped   []MappedAttribute  `json:"mapped"`
	Problems []identity.Problem `json:"problems"`
	Match    Match              `json:"match"`
	Cloud    *CloudAccount      `json:"cloud,omitempty"`
	Change   *ExplainedChange   `json:"change,omitempty"`
	Then     *ExplainedChange   `json:"then,omitempty"` // the rest, of a leaver who is deactivated first
	Members  []ExplainedChange  `json:"members"`        // memberships that come or go with it
	Holds    []ExplainedHold    `json:"holds"`          // empty: nothing holds it
	State    *Remembered        `json:"state,omitempty"`
	Failing  *record.Failing    `json:"failing,omitempty"` // its write failed in every run that tried
	// Withheld is set where nothing of it is written until an operator confirms it.
	Withheld *Withheld `json:"withheld,omitempty"`
	Next     Next      `json:"next"`
}

// Candidate is somebody whom a query may mean.
type Candidate struct {
	Kind      identity.Kind       `json:"kind,omitempty"`
	Directory string              `json:"directory,omitempty"` // "" of an account in the cloud
	Anchor    identity.Anchor     `json:"anchor,omitempty"`
	DN        string              `json:"dn,omitempty"`
	ID        identity.ResourceID `json:"id,omitempty"`
	Name      string              `json:"name,omitempty"`
	Mail      string              `json:"mail,omitempty"` // of an account its key
}

// Searched is a place where somebody was looked for.
type Searched struct {
	Place  string `json:"place"` // name of a directory, "cloud", "state"
	Error  string `json:"error,omitempty"`
	Remedy string `json:"remedy,omitempty"`
}

// Where says where the object is.
type Where struct {
	Directory string `json:"directory,omitempty"`
	DN        string `json:"dn,omitempty"` // of an object that is gone, where it was last
	Exists    bool   `json:"exists"`
	Deleted   bool   `json:"deleted"`          // it is among the deleted objects
	Parent    string `json:"parent,omitempty"` // where a deleted one stood
	Error     string `json:"error,omitempty"`  // the directory cannot be read
}

// Scope says whether an object is in scope, and each condition of it.
type Scope struct {
	In    bool        `json:"in"`
	Steps []ScopeStep `json:"steps"`
}

// ScopeStep is one condition. What is kind, built-in, container, exclusion, filter or
// group; the server where the directory says otherwise than all of these.
type ScopeStep struct {
	What   string   `json:"what"`
	Pass   bool     `json:"pass"`
	Text   string   `json:"text"`
	DN     string   `json:"dn,omitempty"` // of the container, exclusion or group that decided
	Via    []string `json:"via,omitempty"`
	Filter string   `json:"filter,omitempty"`
}

// Judgement is what a directory says of one object.
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
	Written   []string `json:"written,omitempty"` // in the cloud, where that is spelled otherwise
	Required  bool     `json:"required"`
	Problem   string   `json:"problem,omitempty"`
	Remedy    string   `json:"remedy,omitempty"`
	// Ignored: the cloud does not keep the value; Got is what it has instead.
	Ignored bool     `json:"ignored,omitempty"`
	Got     []string `json:"got,omitempty"`
}

// Input is one directory attribute as it was read.
type Input struct {
	Name   string   `json:"name"`
	Values []string `json:"values"`
}

// Match says which account belongs to the object, and by what. How is link,
// externalId, key, relink, history or none.
type Match struct {
	How       string              `json:"how"`
	ID        identity.ResourceID `json:"id,omitempty"`
	Since     time.Time           `json:"since,omitzero"`
	Run       int64               `json:"run,omitempty"`  // that linked it, where it is known
	From      identity.Anchor     `json:"from,omitempty"` // whose account it was
	Conflicts []CloudAccount      `json:"conflicts"`      // further accounts that carry its GUID or have its key
	Sharing   []Sharing           `json:"sharing"`        // others of the directories that want the same key
}

// Sharing is somebody who wants the same key.
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
	// Unmatched: no directory knows it. Kept says why nothing is done to it.
	Unmatched bool   `json:"unmatched,omitempty"`
	Kept      string `json:"kept,omitempty"`
}

// ExplainedChange is what the next plan that looks at the object has for it.
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

// ChangedField is one field of it, references as DNs where these are known.
type ChangedField struct {
	Name string   `json:"name"`
	Old  []string `json:"old"`
	New  []string `json:"new"`
}

// ExplainedHold is what keeps a change from being written. Run is the run that was
// held, Plan the plan at hand.
type ExplainedHold struct {
	plan.Hold
	Run  int64  `json:"run,omitempty"`
	Plan string `json:"plan,omitempty"`
}

// Remembered is what the state holds of the object.
type Remembered struct {
	State    identity.State `json:"state"`
	DN       string         `json:"dn"`
	Since    time.Time      `json:"since,omitzero"` // of grace
	ByUs     bool           `json:"by_us"`          // the connector made it inactive, or put it into grace
	Inactive bool           `json:"inactive"`       // of a person: as far as is remembered
	PurgeDue time.Time      `json:"purge_due,omitzero"`
	// Kept and Unmanaged say by whose word, or by which rule, it is held back from the
	// purge.
	Kept      *identity.Keep `json:"kept,omitempty"`
	Unmanaged string         `json:"unmanaged,omitempty"`
	Run       int64          `json:"run,omitempty"` // that wrote it to the cloud last
	Written   time.Time      `json:"written,omitzero"`
	// Deactivated is the write that made the account inactive, where it was one of ours.
	Deactivated *sync.PastWrite `json:"deactivated,omitempty"`
	Leftover    string          `json:"leftover,omitempty"` // why it is planned again whatever changes
	Forgotten   bool            `json:"forgotten,omitempty"`
}

// Next is what will happen.
type Next struct {
	Text string `json:"text"` // one sentence
	Run  string `json:"run"`  // full, incremental or purge, that does it; none
	When string `json:"when,omitempty"`
}

// What a source may be able to do beyond port.Source.
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
		e, err = engine.Explain(ctx, sync.Subject{Kind: e.Kind, Anchor: e.Owner})
	}
	if err != nil {
		return x, err
	}
	x.Found = true
	return x, (&telling{Local: l, x: &x, e: e}).tell(ctx)
}
