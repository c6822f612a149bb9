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
		{ID: "help.keys", Key: page.Keys("Keys", "?", "f1"), Title: "the keys of this page",
			Menu: place("Help", "", "Keys", "k"), Do: r.help},
		{ID: "help.faq", Title: "FAQ: what administrators ask", Menu: place("Help", "", "FAQ", "f"), Do: r.faq},
		{ID: "help.about", Title: "about: version, connector and terminal", Menu: place("Help", "", "About", "a"),
			Do: r.about},
		{ID: "palette", Key: page.Keys("Commands", ":", "ctrl+p"), Title: "find a command by a few letters",
			Do: r.palette},
	}
}

// help lists the keys of the page in front, then those of the console. A word or a key finds one, and
// Enter does it.
func (r *root) help() tea.Cmd {
	var commands []page.Command
	for _, c := range r.registry() {
		if len(c.Key.Keys()) > 0 || c.Menu.Menu != "" {
			commands = append(commands, c)
		}
	}
	f := component.NewFinder("Keys: "+r.active.Title()+", then everywhere", r.choices(commands))
	f.ByKey = true
	f.Foot = "In lists: arrows or hjkl, PgUp, PgDn, Home, End. Where Alt does not arrive: Esc, then the letter."
	r.ask(f)
	return nil
}

// read shows a page of the help.
func (r *root) read(title, text string) {
	r.ask(&component.Reading{Title: title, Lines: func(l look.Look, width int) []string {
		return component.Markdown(l, text, width)
	}})
}

func (r *root) helpText() tea.Cmd {
	r.read("Help", helpPage)
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
		{"connector", r.status.Connector},
		{"directory", r.status.Directory},
		{"cloud", r.status.Cloud},
		{"settings", r.conn.Path()},
		{"terminal", fmt.Sprintf("%s, %d x %d, theme %s, %s, mouse %s", view.None(os.Getenv("TERM")), r.width, r.height,
			l.Theme,
			marks, mouse)},
	}
	r.ask(&component.Reading{Title: "About", Lines: func(l look.Look, width int) []string {
		head, foot, _ := strings.Cut(aboutPage, "---\n")
		w := draw.Details{L: l, Width: width, Lines: append(component.Markdown(l, head, width), "")}
		for _, f := range facts {
			w.Fact(f[0], f[1])
		}
		return append(append(w.Lines, ""), component.Markdown(l, foot, width)...)
	}})
	return nil
}

// faq offers the questions; a search looks into the answers, too. Choosing one shows its answer among the
// others.
func (r *root) faq() tea.Cmd {
	var all []component.Option
	for _, part := range strings.Split("\n"+faqPage, "\n# ")[1:] {
		question, answer, _ := strings.Cut(part, "\n")
		before, _, _ := strings.Cut(faqPage, "# "+question)
		all = append(all, component.Option{Text: question, More: answer, Do: func() tea.Cmd {
			r.ask(&component.Reading{Title: "FAQ", Lines: func(l look.Look, width int) []string {
				return component.Markdown(l, faqPage, width)
			}, Start: func(l look.Look, width int) int {
				if before == "" {
					return 0
				}
				return len(component.Markdown(l, before, width)) + 1
			}})
			return nil
		}})
	}
	r.ask(component.NewFinder("FAQ", all))
	return nil
}
