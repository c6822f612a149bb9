package component

import (
	"os"
	"path/filepath"
	"strings"

	"charm.land/bubbles/v2/filepicker"
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"dirbridge/ui/look"
	"dirbridge/ui/page"
)

// Picker chooses a file that exists. Bubbles draws names as they are, so its styles are left empty, and
// its lines are cleaned here.
type Picker struct {
	model  filepicker.Model
	Chosen string // the file, as soon as it is chosen
}

// NewPicker starts in the folder of a path, or else where certificates usually are, or at home. ends are
// the ends of the names that can be chosen; none is all.
func NewPicker(path string, ends ...string) (*Picker, tea.Cmd) {
	m := filepicker.New()
	m.CurrentDirectory, m.AllowedTypes, m.AutoHeight, m.ShowPermissions = look.Home(), ends, false, false
	folders := []string{filepath.Dir(look.HomePath(path))}
	if len(ends) == 0 {
		folders = append([]string{"/etc/ssl"}, folders...)
	}
	for _, folder := range folders {
		if info, err := os.Stat(folder); err == nil && info.IsDir() && folder != "." {
			m.CurrentDirectory = folder
		}
	}
	m.KeyMap.Back.SetKeys("h", "backspace", "left")
	m.Styles = filepicker.Styles{}
	m.Styles.EmptyDirectory = m.Styles.EmptyDirectory.SetString(" No file here.")
	return &Picker{model: m}, m.Init()
}

// Update handles a key, or the names in a folder.
func (p *Picker) Update(msg tea.Msg) (cmd tea.Cmd) {
	k, pressed := msg.(tea.KeyPressMsg)
	if pressed && key.Matches(k, p.model.KeyMap.Open) && p.model.HighlightedPath() == "" {
		return nil // its folder is still being read
	}
	p.model, cmd = p.model.Update(msg)
	if _, file := p.model.DidSelectFile(msg); file != "" {
		p.Chosen = file
	}
	return cmd
}

// Hints returns the keys that do something.
func (p *Picker) Hints() []key.Binding {
	return []key.Binding{page.Keys("open", "enter"), page.Keys("up", "left"), page.Keys("close", "esc")}
}

// View draws at most height lines.
func (p *Picker) View(l look.Look, width, height int) []string {
	if room := max(height-2, 1); room != p.model.Height() {
		p.model.SetHeight(room)
		p.model, _ = p.model.Update(tea.WindowSizeMsg{}) // it shows more files only then
	}
	out := []string{l.Style.Head.Render(l.Cut(" "+l.Clean(p.model.CurrentDirectory), width))}
	for _, line := range strings.Split(p.model.View(), "\n") {
		line = l.Clean(strings.TrimRight(line, " "))
		if strings.HasPrefix(line, ">") {
			line = l.Row(" "+line[1:], width)
		}
		out = append(out, l.Cut(line, width))
	}
	return out[:min(len(out), height)]
}
