package ui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/ui/look"
	"dirbridge/ui/scope"
	"dirbridge/ui/words"
)

// settingsSavedMsg goes to the root: every page may show settings.
type settingsSavedMsg struct {
	settings control.Settings
	err      error
}

// askApply asks the guide's question about the changes that are not saved.
func (s *shell) askApply() tea.Cmd {
	changes := changeList(s.draft.saved, s.draft.edited)
	s.ask(&question{
		title: "Apply the configuration changes?",
		lines: append(changes, "They go into "+s.conn.Path()+"; nothing is written to the cloud by that."),
		options: []option{
			{key: "d", text: "Dry run: see what they would do first", off: s.busy(), do: s.dryRun},
			{key: "a", text: "Apply config changes", off: s.busy(), do: s.saveSettings},
			{key: "c", text: "Cancel"},
		},
	})
	return nil
}

func (s *shell) saveSettings() tea.Cmd {
	ctx, conn, settings := s.ctx, s.conn, cloneSettings(s.draft.edited)
	return func() tea.Msg { return settingsSavedMsg{settings, conn.SaveSettings(ctx, settings)} }
}

// applyOff is why there is nothing to apply, or "".
func (s *shell) applyOff() string {
	switch {
	case !s.draft.changed():
		return "nothing was changed"
	}
	for _, d := range s.draft.edited.Directories {
		if b, x := d.BaseDNs, d.ExcludeDNs; len(b) > 0 && scope.New(b, x).None() {
			return "nothing is in scope: tick at least one container of " + d.Name
		}
	}
	return ""
}

// changeList says in words what differs, in a few lines.
func changeList(saved, edited control.Settings) []string {
	lines := words.Changes(saved, edited)
	if len(lines) > 8 {
		lines = append(lines[:7], fmt.Sprintf("and %d more.", len(lines)-7))
	}
	return lines
}

func none(s string) string { return words.None(s) }

func yes(b bool) string { return words.Yes(b) }

// checkFilter finds what is plainly wrong with an LDAP filter (RFC 4515) while it
// is typed; the directory has the last word.
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
