package synctest

import (
	"strings"
	"testing"

	"dirbridge/sync/identity"
)

// fakeEditor edits the directory in memory like an administrator.
type fakeEditor struct{ d *Directory }

// at finds what is at a DN: an object, or the path of an OU ("" for the base).
func (h fakeEditor) at(t testing.TB, dn string) (a identity.Anchor, path string) {
	t.Helper()
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	for a, o := range h.d.objects {
		if strings.EqualFold(h.d.dn(o), dn) {
			return a, ""
		}
	}
	for p := range h.d.units {
		if strings.EqualFold(h.d.ouDN(p), dn) {
			return "", p
		}
	}
	if !strings.EqualFold(dn, h.d.Base) {
		t.Fatalf("%s is not there", dn)
	}
	return "", ""
}

func (h fakeEditor) spelling(a identity.Anchor) string {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	return h.d.dn(h.d.objects[a])
}

func join(parent, name string) string { return strings.TrimPrefix(parent+"/"+name, "/") }

func (h fakeEditor) AddContainer(t testing.TB, parent, name string) string {
	_, path := h.at(t, parent)
	h.d.AddOU(join(path, name))
	return h.d.ouDN(join(path, name))
}

func (h fakeEditor) add(t testing.TB, kind identity.Kind, parent, name string, attrs map[string][]string) string {
	_, path := h.at(t, parent)
	a := h.d.Add(Object{Kind: kind, OU: path, CN: name})
	for name, values := range attrs {
		h.Set(t, h.spelling(a), name, values...)
	}
	return h.spelling(a)
}

func (h fakeEditor) AddPerson(t testing.TB, parent, name string, attrs map[string][]string) string {
	return h.add(t, identity.User, parent, name, attrs)
}

func (h fakeEditor) AddGroup(t testing.TB, parent, name string) string {
	return h.add(t, identity.Group, parent, name, nil)
}

func (h fakeEditor) Rename(t testing.TB, dn, name string) string {
	a, path := h.at(t, dn)
	if a == "" {
		return h.moveOU(t, path, join(above(path), name))
	}
	h.d.Edit(a, func(o *Object) { o.CN = name })
	return h.spelling(a)
}

func (h fakeEditor) Move(t testing.TB, dn, parent string) string {
	_, to := h.at(t, parent)
	a, path := h.at(t, dn)
	if a == "" {
		return h.moveOU(t, path, join(to, path[strings.LastIndexByte(path, '/')+1:]))
	}
	h.d.Edit(a, func(o *Object) { o.OU = to })
	return h.spelling(a)
}

func (h fakeEditor) moveOU(t testing.TB, old, path string) string {
	if !h.d.RenameOU(old, path) {
		t.Fatalf("%s cannot become %s", old, path)
	}
	return h.d.ouDN(path)
}

// Set ignores attributes that the source does not read.
func (h fakeEditor) Set(t testing.TB, dn, attribute string, values ...string) {
	a, _ := h.at(t, dn)
	var boss identity.Anchor
	if attribute == "manager" && len(values) > 0 {
		boss, _ = h.at(t, values[0])
	}
	h.d.Edit(a, func(o *Object) {
		switch {
		case attribute == "manager":
			o.Manager = boss
		case attribute == "title":
		case len(values) == 0:
			delete(o.Attrs, attribute)
		default:
			o.Attrs[attribute] = values
		}
	})
}

func (h fakeEditor) AddMember(t testing.TB, group string, members ...string) {
	h.members(t, group, members, true)
}

func (h fakeEditor) RemoveMember(t testing.TB, group string, members ...string) {
	h.members(t, group, members, false)
}

func (h fakeEditor) members(t testing.TB, group string, members []string, in bool) {
	var anchors []identity.Anchor
	for _, m := range members {
		a, _ := h.at(t, m)
		anchors = append(anchors, a)
	}
	g, _ := h.at(t, group)
	h.d.Edit(g, func(o *Object) {
		for _, a := range anchors {
			if in {
				o.Members[a] = true
			} else {
				delete(o.Members, a)
			}
		}
	})
}

func (h fakeEditor) Delete(t testing.TB, dn string) {
	a, path := h.at(t, dn)
	if a != "" {
		h.d.Delete(a)
	} else if !h.d.DeleteOU(path) {
		t.Fatalf("%s cannot be deleted", dn)
	}
}

func (h fakeEditor) GUID(t testing.TB, dn string) string {
	a, path := h.at(t, dn)
	if a == "" && path == "" {
		return "base"
	}
	if a == "" {
		h.d.mu.Lock()
		defer h.d.mu.Unlock()
		a = h.d.units[path]
	}
	return a.GUID()
}

// fakeSource is the directory in memory, in one of its modes.
func fakeSource(mood func(*Directory)) func(t *testing.T) SourceFixture {
	return func(t *testing.T) SourceFixture {
		d := NewDirectory("corp")
		mood(d)
		h := fakeEditor{d}
		return SourceFixture{Source: d, Directory: h, Name: "corp", Large: 250, Way: d.Way, Untold: d.Untold != "",
			Base: h.AddContainer(t, d.Base, "Company"), Outside: h.AddContainer(t, d.Base, "Outside"),
			Undelete: func(_ testing.TB, guid, _ string) { d.Undelete(identity.NewAnchor("corp", guid)) },
		}
	}
}

// The directory in memory, which the engine's own tests use, keeps the contract of sources.
func TestSourceConformanceOnTheFake(t *testing.T) {
	Source(t, fakeSource(func(*Directory) {}))
}

func TestChangesConformanceOnTheFake(t *testing.T) {
	for name, mood := range map[string]func(*Directory){
		"plain":        func(*Directory) {},
		"members told": func(d *Directory) { d.ReportMembers = true },
		"all at once": func(d *Directory) {
			d.ReportMembers, d.OmitKinds, d.OmitDeletedKinds, d.ReportTwice = true, true, true, true
		},
		"what is left":     func(d *Directory) { d.ReportRemaining, d.Way, d.RefsByDN = true, identity.SyncRepl, true },
		"deletions untold": func(d *Directory) { d.Untold, d.Way = "they are not to be seen", identity.Timestamp },
		"members by DN":    func(d *Directory) { d.ReportMembers, d.RefsByDN, d.Way = true, true, identity.USN },
	} {
		t.Run(name, func(t *testing.T) { Changes(t, fakeSource(mood)) })
	}
}
