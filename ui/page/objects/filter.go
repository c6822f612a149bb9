package objects

import (
	"context"
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"dirbridge/config"
	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
)

// filterTrial tests the typed filter against the directory.
type filterTrial struct {
	number int // of the last typed text
	text   string
	kind   identity.Kind
	dir    int
	asked  bool // and not answered yet
	stop   context.CancelFunc
	found  control.Trial
	err    error
}

type (
	trialDueMsg struct{ number int }
	trialMsg    struct {
		number int
		found  control.Trial
		err    error
	}
)

// tryAfter is the pause in typing after which a filter is tested.
const tryAfter = 300 * time.Millisecond

func (o *Model) editFilter(groups bool) tea.Cmd {
	dir := o.dir()
	d := o.draft.Edited.Directories[dir]
	title, now, kind := "User filter of "+d.Name, d.UserFilter, identity.User
	if groups {
		title, now, kind = "Group filter of "+d.Name, d.GroupFilter, identity.Group
	}
	o.trial = filterTrial{number: o.trial.number, kind: kind, dir: dir, stop: func() {}}
	o.host.Ask(&component.Prompt{
		Title: title,
		Lines: []string{
			"LDAP filter, added to the built-in one. Example, skip disabled users:",
			"(!(userAccountControl:1.2.840.113556.1.4.803:=2))",
		},
		Label: "Filter:", Rows: 3, Input: component.NewInput(now),
		Check: o.filterWrong, Changed: o.filterTyped, Tell: o.filterWords,
		Left: func() { o.trial.stop() },
		Done: func(text string) tea.Cmd {
			text = strings.TrimSpace(text)
			if text == now {
				return nil
			}
			return o.change(dir, func(d *config.Directory) {
				if groups {
					d.GroupFilter = text
				} else {
					d.UserFilter = text
				}
			})
		},
	})
	return o.filterTyped(now)
}

// filterTyped tests the filter after a pause in typing; it drops the previous test.
func (o *Model) filterTyped(text string) tea.Cmd {
	t := &o.trial
	t.stop()
	t.number++
	t.text, t.asked, t.err, t.found = strings.TrimSpace(text), checkFilter(text) == "", nil, control.Trial{}
	if !t.asked {
		return nil
	}
	return o.host.After(tryAfter, trialDueMsg{t.number})
}

func (o *Model) tryFilter(msg trialDueMsg) tea.Cmd {
	t := &o.trial
	if msg.number != t.number || !t.asked {
		return nil
	}
	ctx, stop := context.WithCancel(o.host.Ctx)
	t.stop = stop
	conn, kind, text, d := o.conn, t.kind, t.text, o.draft.Edited.Clone().Directories[t.dir]
	return func() tea.Msg {
		found, err := conn.TryFilter(ctx, d, kind, text)
		return trialMsg{msg.number, found, err}
	}
}

func (o *Model) tried(msg trialMsg) {
	if t := &o.trial; msg.number == t.number {
		t.asked, t.found, t.err = false, msg.found, msg.err
	}
}

// filterWrong returns why the text is not a valid filter.
func (o *Model) filterWrong(text string) string {
	if wrong := checkFilter(text); wrong != "" {
		return wrong
	}
	if t := o.trial; t.err != nil && t.text == strings.TrimSpace(text) && strings.Contains(t.err.Error(), "filter") {
		return firstLine(t.err.Error())
	}
	return ""
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// filterWords returns the directory's result for the filter, shown below it as it is typed.
func (o *Model) filterWords(text string) []string {
	t := o.trial
	if wrong := checkFilter(text); wrong != "" {
		return []string{wrong}
	}
	switch {
	case t.asked:
		return []string{"Trying it" + o.host.Look.Mark.Ellipsis}
	case t.err != nil:
		return strings.Split(t.err.Error(), "\n")
	case t.found.Matches == 0 && t.text == "" && len(t.found.Sample) == 0:
		return nil
	}
	one, many := "person", "people"
	if t.kind == identity.Group {
		one, many = "group", "groups"
	}
	lines := []string{"Matches " + look.Count(int64(t.found.Matches), one, many) + " in the selected containers."}
	if len(t.found.Unknown) > 0 {
		lines = append(lines, "Not in the directory: "+strings.Join(t.found.Unknown, ", ")+
			". A condition on it matches nothing.")
	}
	for _, dn := range t.found.Sample[:min(len(t.found.Sample), 2)] {
		lines = append(lines, "  "+dn)
	}
	return lines
}

// checkFilter finds obvious mistakes in an LDAP filter (RFC 4515) as it is typed; the directory
// decides.
func checkFilter(filter string) string {
	filter = strings.TrimSpace(filter)
	if filter == "" {
		return ""
	}
	if filter[0] != '(' {
		return "A filter begins with a bracket: (department=Sales)"
	}
	depth := 0
	for i, r := range filter {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth == 0 && i < len(filter)-1 {
			return fmt.Sprintf("The bracket is closed before %q: join several filters by (&...)", filter[i+1:])
		}
		if depth < 0 {
			return "There is one closing bracket too many."
		}
	}
	if depth > 0 {
		return look.Count(int64(depth), "bracket is", "brackets are") + " not closed."
	}
	return ""
}
