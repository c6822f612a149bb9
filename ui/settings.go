package ui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/ui/look"
	"dirbridge/ui/scope"
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

// changeList says in words what differs.
func changeList(saved, edited control.Settings) []string {
	var lines []string
	for i, d := range edited.Directories {
		if i >= len(saved.Directories) {
			break
		}
		was := saved.Directories[i]
		lines = append(lines, listChange(d.Name+", chosen", was.BaseDNs, d.BaseDNs)...)
		lines = append(lines, listChange(d.Name+", excluded", was.ExcludeDNs, d.ExcludeDNs)...)
		lines = append(lines, valueChange(d.Name+", users", yes(was.SyncUsers), yes(d.SyncUsers))...)
		lines = append(lines, valueChange(d.Name+", groups", yes(was.SyncGroups), yes(d.SyncGroups))...)
		lines = append(lines, valueChange(d.Name+", user filter", was.UserFilter, d.UserFilter)...)
		lines = append(lines, valueChange(d.Name+", group filter", was.GroupFilter, d.GroupFilter)...)
	}
	var names []string
	for name := range edited.Mapping {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		lines = append(lines, valueChange("mapping of "+name, saved.Mapping[name], edited.Mapping[name])...)
	}
	if len(lines) > 8 {
		lines = append(lines[:7], fmt.Sprintf("and %d more.", len(lines)-7))
	}
	return lines
}

func listChange(what string, was, now []string) []string {
	if scope.Same(was, now) {
		return nil
	}
	return valueChange(what, strings.Join(was, "; "), strings.Join(now, "; "))
}

func valueChange(what, was, now string) []string {
	if was == now {
		return nil
	}
	return []string{what + ": " + none(was) + " -> " + none(now)}
}

func none(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

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
