package app

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page"
	"dirbridge/ui/page/draw"
	"dirbridge/ui/view"
)

// explainedMsg is the answer to the question why a person is, or is not, in the cloud.
type explainedMsg struct {
	who         string
	explanation control.Explanation
	err         error
}

// explainCommand asks for a name.
func (r *root) explainCommand() page.Command {
	c := page.Explain(r.look)
	c.Do = r.askWho
	return c
}

func (r *root) askWho() tea.Cmd {
	r.ask(&component.Prompt{
		Title: "Why is this person (not) in the cloud?",
		Lines: []string{view.ExplainHint},
		Label: "Person or group:",
		Check: func(text string) string {
			if strings.TrimSpace(text) == "" {
				return view.ExplainMissing
			}
			return ""
		},
		Done: r.explain,
	})
	return nil
}

// explain asks the directories and the cloud; the answer arrives as an explainedMsg.
func (r *root) explain(who string) tea.Cmd {
	r.say("Looking for %s%s", who, r.look.Mark.Ellipsis)
	ctx, conn := r.ctx, r.conn
	return func() tea.Msg {
		x, err := conn.Explain(ctx, who)
		return explainedMsg{who, x, err}
	}
}

// explained shows an answer: the explanation, or the objects that the name may mean.
func (r *root) explained(msg explainedMsg) tea.Cmd {
	r.note = ""
	x := msg.explanation
	switch {
	case msg.err != nil:
		r.fail("Could not explain "+msg.who, msg.err)
	case x.Found:
		name, answer, _ := strings.Cut(view.ExplainTitle(x), ": ")
		r.ask(&component.Reading{Title: name, Lines: func(l look.Look, width int) []string {
			return explanationLines(l, answer, x, width)
		}, Commands: []page.Command{explainedCopies(x).Command(copier{r}, r.look)}})
	case len(x.Candidates) == 0:
		text, remedy := view.NotFound(x)
		r.say("%s. Searched: %s. %s", text, view.Searched(x), remedy)
	default:
		r.ask(r.whoOf(x))
	}
	return nil
}

// explainedCopies returns the texts of an explanation.
func explainedCopies(x control.Explanation) (all draw.Copies) {
	all.Add("m", "e-mail or group", x.Key)
	all.Add("n", "name", x.Name)
	all.Add("d", "DN", x.Where.DN)
	all.Add("a", "AD id", string(x.Anchor))
	all.Add("c", "cloud id", string(x.Match.ID))
	if x.Cloud != nil {
		all.Add("c", "cloud id", string(x.Cloud.ID))
	}
	for _, p := range x.Problems {
		all.Add("p", "problem", p.Message)
	}
	if x.Failing != nil {
		all.Error(x.Failing.Message)
	}
	return all
}

// whoOf offers the objects that a name may mean; choosing one explains it.
func (r *root) whoOf(x control.Explanation) page.Dialog {
	title, _ := view.NotFound(x)
	if !x.Ambiguous {
		title += ". Similar names:"
	}
	var all []component.Option
	for _, c := range x.Candidates {
		name, exact := view.Candidate(c)
		at := c.DN
		if at == "" {
			at = "account " + string(c.ID)
		}
		all = append(all, component.Option{Text: name + "   " + at, Do: func() tea.Cmd { return r.explain(exact) }})
	}
	return component.NewFinder(title, all)
}

// explanationLines returns the facts; those that need a fix have a separate style.
func explanationLines(l look.Look, answer string, x control.Explanation, width int) (lines []string) {
	for _, line := range l.Wrap(l.Clean(view.Sentence(view.Capital(answer))), width-2) {
		lines = append(lines, " "+l.Style.Title.Render(line))
	}
	for _, fact := range view.Explain(x, view.Console) {
		for _, line := range view.Lines(l, fact, width-1) {
			if fact.Tone == view.Bad {
				line = l.Style.Bad.Render(line)
			}
			lines = append(lines, " "+line)
		}
	}
	return lines
}
