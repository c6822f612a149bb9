package sample

import (
	"fmt"
	"iter"
)

// Group is one group of the directory. Members are people by index; Nested are groups by index into
// Groups.
type Group struct {
	Name        string
	Description string
	Mail        string // "" for most
	Members     []int
	Nested      []int
	OU          int
	GUID        GUID
	SID         string
}

// Groups lists all groups: one for each department, one that nests the departments of each
// division, one with all people as direct members, and project teams.
func (c *Company) Groups() []Group {
	var groups []Group
	add := func(g Group) int {
		i := len(groups)
		g.OU = c.OU(groupsOU)
		g.GUID = c.guid(forGroupGUID, uint64(i))
		g.SID = c.sid(firstGroupRID + i)
		groups = append(groups, g)
		return i
	}
	everybody := Group{Name: "All Staff", Description: "Everybody, by name", Mail: "all-staff@" + c.opts.MailDomain}
	members := make([][]int, len(c.depts))
	for i := range c.opts.People {
		if f, ok := c.flaws[i]; ok && f.Kind == ServiceAccount {
			continue
		}
		everybody.Members = append(everybody.Members, i)
		if i > 0 {
			d := c.department(i)
			members[d] = append(members[d], i)
		}
	}
	add(everybody)
	divisions := []struct{ name, prefix string }{
		{"Division Engineering", "4"}, {"Division Sales and Marketing", "5"},
		{"Division Operations", "6"}, {"Division Corporate", "7"},
	}
	nested := make([][]int, len(divisions))
	for d, dept := range c.depts {
		g := add(Group{Name: "Dept " + dept.name, Description: "Cost centre " + dept.number, Members: members[d]})
		for k, v := range divisions {
			if dept.number[:1] == v.prefix {
				nested[k] = append(nested[k], g)
			}
		}
	}
	tops := make([]int, 0, len(divisions))
	for k, v := range divisions {
		tops = append(tops, add(Group{Name: v.name, Description: "Its departments", Nested: nested[k]}))
	}
	add(Group{Name: "Remote Access", Description: "May use the VPN: all divisions, and contractors one by one",
		Nested: tops, Members: c.some(1, max(1, c.opts.People/50))})
	add(Group{Name: "Empty Group", Description: "Nobody is left in it"})
	for g := range c.projects() {
		add(g)
	}
	return groups
}

// projects yields the project teams: one for every 25 people, at most 400.
func (c *Company) projects() iter.Seq[Group] {
	moons := words(
		"Titan Rhea Mimas Dione Tethys Hyperion Phoebe Janus Pandora Atlas Callisto Europa Ganymede Io Amalthea Himalia " +
			"Elara Ariel Umbriel Titania Oberon Miranda Triton Nereid Proteus Charon Hydra Nix Styx Deimos")
	return func(yield func(Group) bool) {
		for k := range min(400, c.opts.People/25) {
			name := "Project " + moons[k%len(moons)]
			if k >= len(moons) {
				name += fmt.Sprint(" ", k/len(moons)+1)
			}
			g := Group{Name: name, Description: "Project team",
				Members: c.some(uint64(k)+100, 4+c.pick(forGroup, uint64(k), 16))}
			if k%10 == 3 {
				g.Name += " (R&D, phase 1)"
			}
			if !yield(g) {
				return
			}
		}
	}
}

// some draws about n people, each once.
func (c *Company) some(salt uint64, n int) []int {
	seen := map[int]bool{}
	var people []int
	for k := range n {
		i := c.pick(forGroup, salt<<32|uint64(k), c.opts.People)
		if !seen[i] {
			seen[i] = true
			people = append(people, i)
		}
	}
	return people
}

// GroupDN is the group's DN below base.
func (c *Company) GroupDN(g Group, base string) string {
	return "CN=" + EscapeRDN(g.Name) + "," + c.OUDN(g.OU, base)
}
