package form

import (
	"charm.land/huh/v2"
	"charm.land/lipgloss/v2"

	"dirbridge/ui/look"
)

// styles returns the styles of a look for the fields of huh: sixteen colours, no frames, and ASCII
// where the look has it.
func styles(l look.Look) huh.Styles {
	plain := lipgloss.NewStyle()
	var f huh.FieldStyles
	f.Base, f.Card, f.Title, f.NoteTitle = plain, plain, l.Style.Head, l.Style.Head
	f.Description, f.ErrorMessage, f.ErrorIndicator = l.Style.Dim, l.Style.Bad, plain
	f.SelectSelector, f.MultiSelectSelector = plain.SetString(l.Mark.Cursor+" "), plain.SetString(l.Mark.Cursor+" ")
	f.Option, f.UnselectedOption, f.SelectedOption = plain, plain, l.Style.Key
	f.NextIndicator, f.PrevIndicator = plain.SetString(" >"), plain.SetString("< ")
	f.SelectedPrefix, f.UnselectedPrefix = plain.SetString(l.Mark.On+" "), plain.SetString(l.Mark.Off+" ")
	f.Directory, f.File = l.Style.Head, plain
	f.TextInput = huh.TextInputStyles{Cursor: plain, CursorText: plain, Placeholder: l.Style.Dim, Prompt: plain,
		Text: plain}
	f.FocusedButton, f.BlurredButton, f.Next = l.Style.Select, plain, l.Style.Select
	return huh.Styles{Form: huh.FormStyles{Base: plain}, Group: huh.GroupStyles{Base: plain, Title: l.Style.Head,
		Description: l.Style.Dim}, FieldSeparator: plain.SetString("\n"), Focused: f, Blurred: f}
}
