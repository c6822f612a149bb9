package app

import (
	"cmp"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/ui/component"
	"dirbridge/ui/page"
)

// palette finds any command by a few letters: those used last first, then those of the page in front,
// then the console's. Unavailable ones come last, with the reason.
func (r *root) palette() tea.Cmd {
	all := r.choices(r.registry())
	rank := func(o component.Option) int {
		if i := slices.Index(r.recent, o.ID); i >= 0 {
			return i
		}
		if o.Off != "" {
			return len(r.recent) + 1
		}
		return len(r.recent)
	}
	slices.SortStableFunc(all, func(a, b component.Option) int { return cmp.Compare(rank(a), rank(b)) })
	r.ask(component.NewFinder("Commands", all))
	return nil
}

// choices returns commands as options, each with its name, what it does, and its keys.
func (r *root) choices(commands []page.Command) (all []component.Option) {
	for _, c := range commands {
		if c.ID == "" || c.ID == "palette" || c.Do == nil {
			continue
		}
		keys := c.Label()
		if keys == "" {
			keys = chord(c)
		}
		name, about, _ := strings.Cut(c.Title, ": ")
		all = append(all, component.Option{ID: c.ID, Text: name, About: about, Keys: keys, Off: c.Off, Do: func() tea.Cmd {
			r.recent = slices.DeleteFunc(r.recent, func(id string) bool { return id == c.ID })
			r.recent = append([]string{c.ID}, r.recent[:min(len(r.recent), 4)]...)
			return r.use(c)
		}})
	}
	return all
}
