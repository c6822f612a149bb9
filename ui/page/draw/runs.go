package draw

import (
	"fmt"
	"strconv"
	"time"

	"dirbridge/sync/record"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/view"
)

// manyColumns is the width from which a table of runs has a column for each number.
const manyColumns = 90

// RunColumns returns the columns of runs, on the dashboard and in the history.
func RunColumns(width int) []component.Column {
	columns := []component.Column{{Title: "Run", Width: 5, Right: true, Sort: component.Falling},
		{Title: "Type", Width: 11}, {Title: "Started", Width: 9}}
	number := func(title string, width int) {
		columns = append(columns, component.Column{Title: title, Width: width, Right: true})
	}
	result := component.Column{Title: "Result", Width: 8, Grow: 1, Keep: true}
	if width < manyColumns {
		columns = append(columns, result)
		number("Changes", 16)
		number("Took", 6)
	} else {
		number("Took", 6)
		number("Added", 7)
		number("Changed", 7)
		number("Removed", 7)
		columns = append(columns, result)
	}
	return columns
}

func RunCells(l look.Look, run record.Run, now time.Time, width int) []component.Cell {
	took := "running"
	if !run.Ended.IsZero() {
		took = look.Length(run.Ended.Sub(run.Started))
	}
	what := view.Mode(run.Mode)
	if run.UndoOf != 0 {
		what = fmt.Sprintf("Undo of %d", run.UndoOf)
	}
	word, style := OutcomeWord(l, run.Outcome)
	if run.Outcome == record.Done && run.Counts.Users.Problem+run.Counts.Groups.Problem+run.Withheld > 0 {
		style = l.Style.Warn // good except for some records
	}
	result := component.Cell{{Text: word, Style: style}}
	if run.Outcome != record.Done && run.Outcome != record.Running {
		result = append(result, component.Run{Text: " " + l.Clean(view.RunTrouble(run))})
	}
	cells := []component.Cell{component.Text(strconv.FormatInt(run.ID, 10)), component.Text(what),
		component.Text(look.Clock(now, run.Started))}
	if width < manyColumns {
		return append(cells, result, component.Text(Counts(l, run.Counts)), component.Text(took))
	}
	cells = append(cells, component.Text(took))
	added, changed, removed := CountsOf(run.Counts)
	for _, n := range []int64{added, changed, removed} {
		cells = append(cells, component.Text(look.Number(n)))
	}
	return append(cells, result)
}
