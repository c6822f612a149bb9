package dryrun

import (
	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/identity"
	"dirbridge/ui/page"
)

// explainRow explains the row of the plan under the cursor.
func (d *Model) explainRow() page.Command {
	c := d.host.ExplainCommand("", "")
	row, ok := d.list.Current()
	if !ok || d.source == nil {
		return c
	}
	who := ""
	switch {
	case row.change != nil && row.change.Kind == identity.Member:
		who = string(row.change.Member)
	case row.change != nil && row.change.Anchor != "":
		who = string(row.change.Anchor)
	case row.change != nil:
		who = string(row.change.ID)
	case row.problem != nil && row.problem.Anchor != "":
		who = string(row.problem.Anchor)
	case row.problem != nil:
		who = row.problem.DN
	case row.waits != nil:
		who = string(row.waits.Person.Anchor)
	case row.account != nil:
		who = string(row.account.ID)
	}
	if who == "" {
		return c
	}
	c.Call("explain")
	c.Title = "explain the row under the cursor, as it is now"
	c.Do = func() tea.Cmd { return d.host.Explain(who) }
	return c
}
