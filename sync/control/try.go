package control

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"dirbridge/config"
	"dirbridge/sync"
	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/schema"
)

// errEnough ends a listing once enough was found.
var errEnough = errors.New("enough")

func (l *Local) Find(ctx context.Context, directory, text string, limit int) (found []identity.Entry, err error) {
	d, err := l.directory(directory)
	if err != nil {
		return nil, err
	}
	text = strings.ToLower(strings.TrimSpace(text))
	err = l.with(d, func(src port.Source) error {
		return src.People(ctx, func(e identity.Entry) error {
			if !resembles(e, text) {
				return nil
			}
			if found = append(found, e); len(found) >= limit {
				return errEnough
			}
			return nil
		})
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return found, err
}

// resembles says whether a name or the mail address of the person begins with text.
func resembles(e identity.Entry, text string) bool {
	if text == "" {
		return e.Attrs.First("mail") != ""
	}
	_, cn, _ := strings.Cut(e.RDN, "=")
	for _, v := range []string{cn, e.Attrs.First("displayName"), e.Attrs.First("mail"), e.Attrs.First("sn")} {
		if strings.HasPrefix(strings.ToLower(v), text) {
			return true
		}
	}
	return false
}

// Catalogue returns the cloud's attributes. Those for which the provider published no place, when a
// run last asked it, have no path.
func (l *Local) Catalogue() schema.Catalogue {
	cat := l.opt.Catalogue
	lacking := l.lacking()
	if len(lacking) == 0 {
		return cat
	}
	cat.Users = slices.Clone(cat.Users)
	for i, a := range cat.Users {
		if slices.Contains(lacking, a.Name) {
			cat.Users[i].Path = ""
		}
	}
	return cat
}

// lacking returns the mapped attributes for which the cloud has no place, according to the state;
// none if the state cannot be read.
func (l *Local) lacking() (names []string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if facts.ReadValue(ctx, l.opt.Store, facts.NoPlaceValue, &names) != nil {
		return nil
	}
	return names
}

func (l *Local) Preview(rules map[string]string, e identity.Entry) ([]Mapped, error) {
	if d, err := l.directory(e.Anchor.Directory()); err == nil {
		rules = d.Rules(rules)
	}
	m, err := sync.NewMapper(l.opt.Catalogue, rules)
	if err != nil {
		return nil, err
	}
	mapped := map[string]Mapped{}
	for _, f := range m.Fields(e) {
		row := Mapped{Value: strings.Join(f.Values, ", ")}
		if f.Problem != nil {
			row.Problem = f.Problem.Message
		}
		mapped[f.Attribute.Name] = row
	}
	var rows []Mapped
	for _, a := range l.opt.Catalogue.Users {
		row := mapped[a.Name]
		row.Attribute, row.Rule = a, rules[a.Name]
		rows = append(rows, row)
	}
	return rows, nil
}

func (l *Local) Coverage(ctx context.Context, s config.Draft) (map[string]Coverage, error) {
	out := map[string]Coverage{}
	for _, d := range s.Directories {
		d.Mapping = d.Rules(s.Mapping) // so that the source reads the attributes that the draft maps
		m, err := sync.NewMapper(l.opt.Catalogue, d.Mapping)
		if err != nil {
			return nil, err
		}
		err = l.with(d, func(src port.Source) error {
			return src.People(ctx, func(e identity.Entry) error {
				for _, f := range m.Fields(e) {
					c := out[f.Attribute.Name]
					switch {
					case f.Problem != nil:
						c.Invalid++
						if c.Example == "" {
							c.Example = f.Problem.Message
						}
					case len(f.Values) == 0:
						c.Empty++
					default:
						c.OK++
					}
					out[f.Attribute.Name] = c
				}
				return nil
			})
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// UnknownAttributes returns the names in a mapping rule that are not among the attributes. If no
// attributes are known, because a server does not show its schema, no name counts as unknown.
func UnknownAttributes(rule string, known []Attribute) (unknown []string) {
	if len(known) == 0 {
		return nil
	}
	for _, name := range strings.Fields(rule) {
		plain, _, _ := strings.Cut(name, ";") // without options, such as a language
		named := func(a Attribute) bool {
			return strings.EqualFold(a.Name, plain) || slices.ContainsFunc(a.Also,
				func(also string) bool { return strings.EqualFold(also, plain) })
		}
		if !slices.ContainsFunc(known, named) {
			unknown = append(unknown, name)
		}
	}
	return unknown
}
