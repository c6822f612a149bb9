package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/look"
	"dirbridge/ui/why"
	"dirbridge/ui/words"
)

// explainedMsg is the answer to the question why a person is, or is not, in the cloud.
type explainedMsg struct {
	who         string
	explanation control.Explanation
	err         error
}

// explainCommand asks for a name. It only reads, so it is available in a read-only console.
func (s *shell) explainCommand() Command {
	return Command{ID: "explain", Keys: []string{"y"}, Title: "explain why somebody is, or is not, in the cloud",
		Menu: Place{"Actions", "", "Why One Person", "w"}, Do: s.askWho}
}

func (s *shell) askWho() tea.Cmd {
	s.ask(&prompt{
		title: "Explain why somebody is, or is not, in the cloud. Nothing is written.",
		lines: []string{"A mail address, a DN, a GUID, a name, or the id or name of an account in the cloud."},
		label: "Who:",
		check: func(text string) string {
			if strings.TrimSpace(text) == "" {
				return "Name a person, a group or an account."
			}
			return ""
		},
		done: s.explain,
	})
	return nil
}

// explainThis returns the command for a person on the screen; who is the query, and name the
// display name.
func (s *shell) explainThis(who, name string) Command {
	c := s.explainCommand()
	if who == "" {
		return c
	}
	c.Short, c.Title = "explain", "explain "+s.look.Clean(name)+", as it is now"
	c.Do = func() tea.Cmd { return s.explain(who) }
	return c
}

// explain asks the directories and the cloud; the answer arrives as an explainedMsg.
func (s *shell) explain(who string) tea.Cmd {
	s.say("Looking for %s%s", who, s.look.Mark.Ellipsis)
	ctx, conn := s.ctx, s.conn
	return func() tea.Msg {
		x, err := conn.Explain(ctx, who)
		return explainedMsg{who, x, err}
	}
}

// explained shows an answer: the explanation, or the objects that the name may mean.
func (s *shell) explained(msg explainedMsg) tea.Cmd {
	s.note = ""
	x := words.ExplainedBy(msg.explanation, words.ConfirmKey)
	switch {
	case msg.err != nil:
		s.fail("Could not explain "+msg.who, msg.err)
	case x.Found:
		s.ask(&reading{title: "Why: " + why.Title(x), lines: func(l look.Look,
			width int) []string {
			return explanationLines(l, x, width)
		}})
	case len(x.Candidates) == 0:
		s.say("Nobody is called %s in %s. Check the spelling.", msg.who, strings.Join(placesOf(x), ", "))
	default:
		s.ask(s.whoOf(x))
	}
	return nil
}

// placesOf returns the places that were searched for the person.
func placesOf(x control.Explanation) (places []string) {
	for _, p := range x.Searched {
		if p.Error != "" {
			p.Place += " (could not be read)"
		}
		places = append(places, p.Place)
	}
	return places
}

// whoOf offers the objects that a name may mean; choosing one explains it.
func (s *shell) whoOf(x control.Explanation) dialog {
	title := "Several are called " + x.Query + ". Which one?"
	if !x.Ambiguous {
		title = "Nobody is called " + x.Query + ". These have names that are like it:"
	}
	var all []option
	for _, c := range x.Candidates {
		name, exact := why.CandidateText(c)
		at := c.DN
		if at == "" {
			at = "account " + string(c.ID)
		}
		all = append(all, option{text: name + "   " + at, do: func() tea.Cmd { return s.explain(exact) }})
	}
	return newFinder(title, all)
}

// explanationLines returns the facts; those that need a fix have a separate style.
func explanationLines(l look.Look, x control.Explanation, width int) []string {
	var lines []string
	for _, fact := range why.Lines(x) {
		for _, line := range why.Draw(l, fact, width-1, false) {
			if fact.Bad {
				line = l.Style.Bad.Render(line)
			}
			lines = append(lines, " "+line)
		}
	}
	return lines
}

// explainRow explains the row of the plan under the cursor.
func (d *dryRunPage) explainRow() Command {
	c := d.explainCommand()
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
	c.Short = "Explain"
	c.Title = "explain the row under the cursor, as it is now"
	c.Do = func() tea.Cmd { return d.explain(who) }
	return c
}
