package app

import (
	"fmt"
	"os"
	"runtime"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page"
	"dirbridge/ui/page/draw"
	"dirbridge/ui/view"
)

func (r *root) helpCommands() []page.Command {
	return []page.Command{
		{ID: "help", Title: "help: how to work with the console", Menu: place("Help", "", "Help", "h"), Do: r.helpText},
		{ID: "help.keys", Keys: []string{"?", "f1"}, Short: "Keys", Title: "the keys of this page",
			Menu: place("Help", "", "Keys", "k"), Do: r.help},
		{ID: "help.faq", Title: "FAQ: what administrators ask", Menu: place("Help", "", "FAQ", "f"), Do: r.faq},
		{ID: "help.about", Title: "about: version, connector and terminal", Menu: place("Help", "", "About", "a"),
			Do: r.about},
		{ID: "palette", Keys: []string{":", "ctrl+p"}, Short: "Commands", Title: "find a command by a few letters",
			Do: r.palette},
	}
}

// help lists the keys of the page in front, then those of the console. A word or a key finds one, and
// Enter does it.
func (r *root) help() tea.Cmd {
	var commands []page.Command
	for _, c := range r.registry() {
		if len(c.Keys) > 0 || c.Menu.Menu != "" {
			commands = append(commands, c)
		}
	}
	f := component.NewFinder("Keys: "+r.active.Title()+", then everywhere", r.choices(commands))
	f.ByKey = true
	f.Foot = "In lists: arrows or hjkl, PgUp, PgDn, Home, End. Where Alt does not arrive: Esc, then the letter."
	r.ask(f)
	return nil
}

// read shows wrapped paragraphs. A paragraph that starts with blanks is not wrapped.
func (r *root) read(title string, paragraphs []string) {
	r.ask(&component.Reading{Title: title, Lines: func(l look.Look, width int) []string {
		var lines []string
		for _, p := range paragraphs {
			if rest, ok := strings.CutPrefix(p, "# "); ok {
				lines = append(lines, "", " "+l.Style.Head.Render(l.Clean(rest)))
				continue
			}
			indent := p[:len(p)-len(strings.TrimLeft(p, " "))]
			for _, line := range l.Wrap(l.Clean(strings.TrimSpace(p)), max(min(width, 100)-2-len(indent), 8)) {
				lines = append(lines, " "+indent+line)
			}
		}
		return lines
	}})
}

func (r *root) helpText() tea.Cmd {
	r.read("Help", helpParagraphs())
	return nil
}

func (r *root) about() tea.Cmd {
	l := r.look
	marks := "lines"
	if l.Mark.ASCII {
		marks = "ASCII"
	}
	mouse := "left to the terminal"
	if r.mouse {
		mouse = "used"
	}
	facts := [][2]string{
		{"program", "Dirbridge " + r.opts.Version + ", " + runtime.GOOS + "/" + runtime.GOARCH + ", " + runtime.Version()},
		{"does", "keeps a cloud user directory in step with Active Directory, AD LDS or any LDAP server"},
		{"connector", r.status.Connector},
		{"directory", r.status.Directory},
		{"cloud", r.status.Cloud},
		{"settings", r.conn.Path()},
		{"terminal", fmt.Sprintf("%s, %d x %d, theme %s, %s, mouse %s", view.None(os.Getenv("TERM")), r.width, r.height,
			l.Theme,
			marks, mouse)},
		{"licence", "Apache License 2.0"},
	}
	r.ask(&component.Reading{Title: "About", Lines: func(l look.Look, width int) []string {
		w := draw.Details{L: l, Width: width}
		for _, f := range facts {
			w.Fact(f[0], f[1])
		}
		return w.Lines
	}})
	return nil
}

// faq offers the questions; choosing one shows its answer.
func (r *root) faq() tea.Cmd {
	var all []component.Option
	for _, q := range questionsAsked() {
		all = append(all, component.Option{Text: q.question, Do: func() tea.Cmd {
			r.read(q.question, q.answer)
			return nil
		}})
	}
	r.ask(component.NewFinder("FAQ", all))
	return nil
}
