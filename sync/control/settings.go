package control

import (
	"context"
	"fmt"
	"strings"

	"dirbridge/sync/identity"
)

// Setting is one key of the configuration file that is edited as text: its value stands
// in Settings.Values.
type Setting struct {
	Key     string // as it is told in problems: "policy.delete_threshold", "directory[corp].servers"
	Section string // of the console: General, Policy, Guards, Schedule, Cloud
	Under   string // the directory whose it is; "" is for all
	Label   string
	Doc     string
	Choices []string
	List    bool   // values in their order, one a line
	Unset   string // what holds where the value is ""; "" where it must have one
	// Secret says that the value is where a secret is kept. What is not such a reference
	// may be the secret itself, and is not to be shown.
	Secret bool
	Start  bool // read when the program starts, and not before it starts again
}

// SettingProblem is what is wrong with one of the settings of a draft, in the words in
// which a file is refused.
type SettingProblem struct {
	Key     string // as in Setting; of a mapping "mapping.title"
	Message string
	Hint    string
	Place   string // a value with its mistake marked in the line below
}

func (p SettingProblem) Error() string {
	text := p.Message
	if p.Hint != "" {
		text += " (" + p.Hint + ")"
	}
	return text
}

// ChangedError says that the configuration file was changed by somebody else since it
// was read. Nothing was written.
type ChangedError struct {
	Path        string
	Differences []Difference
	Err         error // why the file cannot be used now; nil where it can
}

// Difference is one key that the file has otherwise by now.
type Difference struct{ Key, Was, Is string }

func (e *ChangedError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s was changed by somebody else, and cannot be used now: %v", e.Path, e.Err)
	}
	return e.Path + " was changed by somebody else"
}

func (e *ChangedError) Unwrap() error { return e.Err }

// Drafts answers about settings that are not saved.
type Drafts interface {
	// SettingList are the settings of Settings.Values, in order; it never blocks.
	SettingList() []Setting
	// CheckSettings says what is wrong with a draft. It reads nothing, and is quick.
	CheckSettings(s Settings) []SettingProblem
	// ReloadSettings reads the file anew and makes what it says current.
	ReloadSettings(ctx context.Context) (Settings, error)
	// TestCloud signs in to the cloud of a draft and asks which organization it is.
	TestCloud(ctx context.Context, s Settings) (identity.Organization, error)
	// ScopeDelta reads the directories as they are saved and as the draft has them, and
	// tells who enters and who leaves. p, if set, is kept up to date meanwhile.
	ScopeDelta(ctx context.Context, draft Settings, p *ScopeProgress) (ScopeDelta, error)
}

var _ Drafts = (*Local)(nil)

func (l *Local) SettingList() []Setting { return l.opt.Factory.Settings() }

func (l *Local) CheckSettings(s Settings) []SettingProblem { return l.opt.Factory.Check(s) }

func (l *Local) ReloadSettings(ctx context.Context) (Settings, error) {
	s, err := l.opt.Factory.Reload(ctx)
	if err != nil {
		return Settings{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.settings = s
	return s, nil
}

func (l *Local) TestCloud(ctx context.Context, s Settings) (identity.Organization, error) {
	return l.opt.Factory.Describe(ctx, s)
}

// SplitList takes the value of a Setting that is a list apart.
func SplitList(value string) []string {
	if value == "" {
		return nil
	}
	return strings.Split(value, "\n")
}

// ListItems are the values of a list that was typed: a line each, also where it was
// written as the file has it, such as ["Sun 02:00", "Wed 03:00"].
func ListItems(text string) (items []string) {
	for _, line := range SplitList(text) {
		line = strings.TrimSpace(line)
		if inner, ok := strings.CutPrefix(line, "["); ok && strings.HasSuffix(inner, "]") {
			line = strings.TrimSuffix(inner, "]")
		}
		if !strings.HasPrefix(line, `"`) {
			items = append(items, line)
			continue
		}
		for part := range strings.SplitSeq(line, ",") {
			items = append(items, strings.Trim(strings.TrimSpace(part), `"`))
		}
	}
	return items
}
