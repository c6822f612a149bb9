package dryrun

import (
	"path/filepath"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page/draw"
	"dirbridge/ui/view"
)

// save asks for a file; the extension of its name sets the format.
func (d *Model) save() tea.Cmd {
	id := ShortID(d.header().ID)
	lines := []string{"By the end of its name: .csv for a spreadsheet, .json for programs, .plan to be shown and " +
		"applied later, here or by dirbridge apply.",
		"It holds names and addresses of people. A .csv or .json that exists is not overwritten."}
	if n := d.left.Len(); n > 0 {
		lines = append(lines, look.Count(n, "change is",
			"changes are")+" excluded: .csv and .json say so; a .plan always has all.")
	}
	d.host.Ask(&component.Prompt{
		Title: "Save Results of plan " + id + " to a file.", Lines: lines,
		Label: "Path:", Input: component.NewInput("dirbridge-" + id + ".csv"),
		Check: func(path string) string {
			if wrong := draw.WantPath(path); wrong != "" {
				return wrong
			}
			if kindOfFile(path) == "" {
				return "End the name in .csv, .json or .plan."
			}
			return ""
		},
		Done: d.saveTo,
	})
	return nil
}

func kindOfFile(path string) string {
	switch end := strings.ToLower(filepath.Ext(strings.TrimSpace(path))); end {
	case ".csv", ".json", ".plan":
		return end
	}
	return ""
}

func (d *Model) saveTo(path string) tea.Cmd {
	path = look.FullPath(path)
	ctx, conn, source, left := d.host.Ctx, d.conn, d.source, d.left.Clone()
	d.host.Say("Saving%s", d.host.Look.Mark.Ellipsis)
	return func() tea.Msg {
		if kindOfFile(path) == ".plan" {
			return savedMsg{path, true, conn.SavePlan(ctx, path)}
		}
		return savedMsg{path, false, source.Export(ctx, path, left)}
	}
}

func (d *Model) saved(msg savedMsg) {
	d.host.Say("")
	switch {
	case msg.err != nil:
		d.host.Fail("Not saved", msg.err)
	case msg.plan:
		d.host.Say("%s", view.SavedPlan(msg.path))
	default:
		d.host.Say("%s", view.Saved(msg.path))
	}
}

func (d *Model) openSaved() tea.Cmd {
	d.host.Ask(&component.Prompt{
		Title: "Open a saved plan.", Label: "Path:", Check: draw.WantPath, Browse: []string{".plan"},
		Done: func(path string) tea.Cmd {
			ctx, conn := d.host.Ctx, d.conn
			return func() tea.Msg { return openedPlanMsg{conn.OpenPlan(ctx, look.HomePath(strings.TrimSpace(path)))} }
		},
	})
	return nil
}

func ShortID(id string) string { return id[:min(len(id), 6)] }
