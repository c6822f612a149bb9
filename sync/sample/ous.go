package sample

import "strings"

// OU is a container of the tree. Path is its place below the domain, from the top, with slashes;
// Parent is the index of its parent, -1 for the domain.
type OU struct {
	Name        string
	Path        string
	Parent      int
	Description string
	GUID        GUID
}

// OUs lists all containers, parents first.
func (c *Company) OUs() []OU { return c.ous }

// OUDN is the DN of a container below base; base itself for -1.
func (c *Company) OUDN(ou int, base string) string {
	if ou < 0 {
		return base
	}
	o := c.ous[ou]
	return "OU=" + EscapeRDN(o.Name) + "," + c.OUDN(o.Parent, base)
}

// OU finds a container by its path; -1 if there is none.
func (c *Company) OU(path string) int {
	for i, o := range c.ous {
		if o.Path == path {
			return i
		}
	}
	return -1
}

func (c *Company) makeOUs() []OU {
	var ous []OU
	seen := map[string]int{}
	var plant func(path string) int
	plant = func(path string) int {
		if i, ok := seen[path]; ok {
			return i
		}
		parent, name := -1, path
		if k := strings.LastIndexByte(path, '/'); k >= 0 {
			parent, name = plant(path[:k]), path[k+1:]
		}
		i := len(ous)
		seen[path] = i
		ous = append(ous, OU{Name: name, Path: path, Parent: parent,
			Description: describeOU(path), GUID: c.guid(forOUGUID, uint64(i))})
		return i
	}
	plant(executiveOU)
	for _, d := range c.depts {
		plant(d.ou)
	}
	plant(contractorsOU)
	plant(serviceAccountsOU)
	plant(groupsOU)
	return ous
}

func describeOU(path string) string {
	switch path {
	case "Staff":
		return "Everybody who works here"
	case contractorsOU:
		return "People of other companies"
	case serviceAccountsOU:
		return "Accounts of programs; nobody's mailbox"
	case groupsOU:
		return "Security groups and teams"
	}
	return ""
}

// EscapeRDN escapes a value for use in a DN (RFC 4514 section 2.4).
func EscapeRDN(value string) string {
	var b strings.Builder
	for i := 0; i < len(value); i++ {
		ch := value[i]
		edge := i == 0 && (ch == ' ' || ch == '#') || i == len(value)-1 && ch == ' '
		if edge || strings.IndexByte(`,+"\<>;=`, ch) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(ch)
	}
	return b.String()
}
