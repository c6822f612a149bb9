package profile

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// Problem is a mistake in a profile's file.
type Problem struct {
	Line, Column int // 0 if it concerns the whole file
	Key          string
	Text         string
}

func (p *Problem) Error() string {
	where := ""
	if p.Line > 0 {
		where = fmt.Sprintf("line %d, column %d: ", p.Line, p.Column)
	}
	if p.Key != "" {
		where += p.Key + ": "
	}
	return where + p.Text
}

// largest bounds a profile's file.
const largest = 256 << 10

// Decode reads a profile. An error is a *Problem.
func Decode(data []byte) (Profile, error) {
	p := Standard()
	if len(data) > largest {
		return Profile{}, &Problem{Text: fmt.Sprintf("a profile has at most %d bytes", largest)}
	}
	d := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return Profile{}, problemOf(err)
	}
	if bad := p.check(); bad != nil {
		bad.Line, bad.Column = placeOf(data, bad.Key)
		return Profile{}, bad
	}
	return p, nil
}

func problemOf(err error) *Problem {
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) && len(unknown.Errors) > 0 {
		e := unknown.Errors[0]
		line, column := e.Position()
		return &Problem{Line: line, Column: column, Key: strings.Join(e.Key(), "."), Text: "there is no such key"}
	}
	var bad *toml.DecodeError
	if errors.As(err, &bad) {
		line, column := bad.Position()
		text := strings.TrimPrefix(bad.Error(), "toml: ")
		return &Problem{Line: line, Column: column, Key: strings.Join(bad.Key(), "."), Text: text}
	}
	return &Problem{Text: strings.TrimPrefix(err.Error(), "toml: ")}
}

// check returns the first value that makes no sense, or nil.
func (p *Profile) check() *Problem {
	if bad := p.checkWords(); bad != nil {
		return bad
	}
	for _, n := range []struct {
		key        string
		n          int
		least, top int
	}{
		{"list.page", p.List.Page, 1, 10_000},
		{"group.members_page", p.Group.MembersPage, 0, 10_000},
		{"group.chunk", p.Group.Chunk, 1, 100_000},
		{"group.payload", p.Group.Payload, 0, 1 << 30},
		{"bulk.operations", p.Bulk.Operations, 0, 10_000},
		{"bulk.payload", p.Bulk.Payload, 0, 1 << 30},
	} {
		if n.n < n.least || n.n > n.top {
			return &Problem{Key: n.key, Text: fmt.Sprintf("it must be from %d to %d, not %d", n.least, n.top, n.n)}
		}
	}
	for _, f := range []struct {
		key   string
		given []string
		known []string
	}{
		{"filter.users", p.Filter.Users, []string{"userName", "externalId"}},
		{"filter.groups", p.Filter.Groups, []string{"displayName", "externalId"}},
	} {
		for _, a := range f.given {
			if !slices.Contains(f.known, a) {
				return &Problem{Key: f.key, Text: fmt.Sprintf("%q is never searched for; known are %s", a,
					strings.Join(f.known, ", "))}
			}
		}
	}
	switch {
	case strings.TrimSpace(p.Title) == "":
		return &Problem{Key: "title", Text: "it must be set: the provider's name"}
	case p.Bulk.Operations > 0 && p.Bulk.Key == "":
		return &Problem{Key: "bulk.key", Text: "it must be set for bulk"}
	case p.Group.Members == Endpoint && p.Group.MembersPage == 0:
		return &Problem{Key: "group.members_page", Text: `it must be set for members = "endpoint"`}
	case p.List.Paging == Unlisted && len(p.Filter.Users) == 0:
		return &Problem{Key: "filter.users", Text: `it must name an attribute for paging = "none"`}
	}
	return nil
}

// placeOf is the line and column of a key in a file that was decoded, or zeros if the file leaves it
// out.
func placeOf(data []byte, key string) (line, column int) {
	table, name := "", key
	if at := strings.LastIndexByte(key, '.'); at >= 0 {
		table, name = key[:at], key[at+1:]
	}
	in := ""
	for n, text := range strings.Split(string(data), "\n") {
		body := strings.TrimSpace(text)
		if strings.HasPrefix(body, "[") && strings.Contains(body, "]") {
			in = strings.TrimSpace(body[1:strings.IndexByte(body, ']')])
			continue
		}
		left, _, ok := strings.Cut(body, "=")
		left = strings.TrimSpace(left)
		if ok && (in == table && left == name || in == "" && left == key) {
			return n + 1, strings.Index(text, left) + 1
		}
	}
	return 0, 0
}
