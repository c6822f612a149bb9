package history

import (
	"dirbridge/sync/record"
	"dirbridge/ui/component"
	"dirbridge/ui/page/draw"
	"dirbridge/ui/view"
)

func (h *Model) View() []string {
	if h.open != nil {
		return h.runScreen()
	}
	p := h.panel(0)
	p.Title, p.About = "Last Synchronization", "Run"
	p.Empty = h.host.Look.Mark.Ellipsis
	if h.read {
		p.Empty = view.NoRuns(view.Console)
	}
	p.Fill(draw.RunColumns(p.ListWidth()), func(i int64) []component.Cell {
		return draw.RunCells(h.host.Look, h.runs[i], h.host.Now(), p.ListWidth())
	})
	if run, ok := h.current(); ok {
		p.Details = func(width, _ int) []string { return h.runFacts(run, width) }
	}
	return p.View()
}

// runFacts returns the known facts of a run in a few lines.
func (h *Model) runFacts(run record.Run, width int) []string {
	return draw.FactLines(h.host.Look, view.Run(run, h.undoneBy(run.ID), draw.Voice(h.host)), width)
}
