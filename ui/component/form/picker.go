package form

import (
	"os"
	"path/filepath"
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"

	"dirbridge/ui/look"
)

// picker chooses a file. huh draws names as they are, so its styles are left empty, and its lines
// are cleaned here.
type picker struct {
	huh  *huh.FilePicker
	file string
}

// newPicker starts in the folder of a path, or else where certificates usually are.
func newPicker(path string) *picker {
	p := &picker{}
	dir := look.Home()
	for _, folder := range []string{"/etc/ssl", filepath.Dir(look.HomePath(path))} {
		if info, err := os.Stat(folder); err == nil && info.IsDir() && folder != "." {
			dir = folder
		}
	}
	p.huh = huh.NewFilePicker().ShowPermissions(false).
		FileAllowed(true).DirAllowed(false).CurrentDirectory(dir).Value(&p.file)
	k := huh.NewDefaultKeyMap()
	k.FilePicker.Back.SetKeys("h", "backspace", "left")
	k.FilePicker.Close.Unbind()
	k.FilePicker.Next.Unbind()
	k.FilePicker.Prev.Unbind()
	p.huh.WithTheme(huh.ThemeFunc(func(bool) *huh.Styles { return &huh.Styles{} })).WithKeyMap(k)
	p.huh.Picking(true)
	return p
}

func (p *picker) init() tea.Cmd { return p.huh.Init() }

// Update handles what the picker asked for, such as the names in a folder.
func (f *Form) Update(msg tea.Msg) tea.Cmd {
	if f.picker == nil {
		return nil
	}
	_, cmd := f.picker.huh.Update(msg)
	return cmd
}

// pick handles a key while a file is being chosen.
func (f *Form) pick(k tea.KeyPressMsg) (Event, tea.Cmd) {
	if k.String() == "esc" {
		f.picker = nil
		return Event{}, nil
	}
	p := f.picker
	_, cmd := p.huh.Update(k)
	if p.file == "" {
		return Event{}, cmd
	}
	r := f.rows[f.at]
	f.picker = nil
	r.set(Typed(p.file))
	f.fault = Fault{}
	f.focus(f.at)
	return Event{Changed: r.field.ID}, nil
}

func (p *picker) view(l look.Look, width, height int) []string {
	p.huh.WithWidth(width).WithHeight(height)
	out := []string{l.Style.Head.Render(" Choose a file") + l.Style.Dim.Render("  Left goes up, Esc closes")}
	for _, line := range strings.Split(p.huh.View(), "\n") {
		line = l.Clean(strings.TrimRight(line, " "))
		if strings.HasPrefix(line, ">") {
			line = l.Row(" "+line[1:], width)
		}
		out = append(out, l.Cut(line, width))
	}
	return out[:min(len(out), height)]
}
