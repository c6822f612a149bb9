package ui

import (
	"fmt"
	"strconv"
	"time"

	"dirbridge/sync/record"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page/draw"
	"dirbridge/ui/view"
)

// panel is the frame of the dashboard's list of failing records.
func (d *dashboard) panel() component.Split {
	return component.Split{Look: d.host.Look, Width: d.width, Height: d.height, Headed: true}
}

// manyColumns is the width from which a table of runs has a column for each number.
const manyColumns = 100

// runTable returns the columns of runs, on the dashboard and in the history.
func runTable(l look.Look, width int) (component.Table, []int) {
	columns := []component.Column{{Title: "Run", Width: 5, Right: true, Sort: component.Falling},
		{Title: "Type", Width: 11}, {Title: "Started", Width: 9}, {Title: "Result", Width: 8, Grow: 1, Keep: true}}
	if width < manyColumns {
		columns = append(columns, component.Column{Title: "Changes", Width: 16, Right: true},
			component.Column{Title: "Took", Width: 6, Right: true})
	} else {
		columns = append(columns, component.Column{Title: "Took", Width: 6, Right: true},
			component.Column{Title: "Added", Width: 7, Right: true}, component.Column{Title: "Changed", Width: 7, Right: true},
			component.Column{Title: "Removed", Width: 7, Right: true})
	}
	table := component.Table{Look: l, Width: width, Columns: columns}
	return table, table.Widths()
}

func runCells(l look.Look, run record.Run, now time.Time, width int) []component.Cell {
	took := "running"
	if !run.Ended.IsZero() {
		took = look.Length(run.Ended.Sub(run.Started))
	}
	what := view.Mode(run.Mode)
	if run.UndoOf != 0 {
		what = fmt.Sprintf("Undo of %d", run.UndoOf)
	}
	word, style := draw.OutcomeWord(l, run.Outcome)
	if run.Outcome == record.Done && run.Counts.Users.Problem+run.Counts.Groups.Problem+run.Withheld > 0 {
		style = l.Style.Warn // good except for some records
	}
	result := component.Cell{{Text: word, Style: style}}
	if run.Outcome != record.Done && run.Outcome != record.Running {
		result = append(result, component.Run{Text: " " + l.Clean(view.RunTrouble(run))})
	}
	cells := []component.Cell{component.Text(strconv.FormatInt(run.ID, 10)), component.Text(what),
		component.Text(look.Clock(now, run.Started)), result}
	if width < manyColumns {
		return append(cells, component.Text(draw.Counts(l, run.Counts)), component.Text(took))
	}
	cells = append(cells, component.Text(took))
	added, changed, removed := draw.CountsOf(run.Counts)
	for _, n := range []int64{added, changed, removed} {
		cells = append(cells, component.Text(look.Number(n)))
	}
	return cells
}
