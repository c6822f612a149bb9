package synctest

import (
	"fmt"
	"sort"
	"strings"

	"dirbridge/sync/identity"
)

// outside is the OU, out of scope, into which MoveOUOut moves.
const outside = "Outside"

// unit creates a missing OU, with its parents, and reports what it creates.
func (d *Directory) unit(path string) {
	if path == "" || d.units[path] != "" {
		return
	}
	d.unit(above(path))
	d.nextUnit++
	d.units[path] = identity.NewAnchor(d.Name, fmt.Sprintf("%08d-0000-4000-9000-%012d", d.nextUnit, d.nextUnit))
	d.notify(event{anchor: d.units[path], created: true})
}

func above(path string) string { return path[:max(0, strings.LastIndexByte(path, '/'))] }

// AddOU creates an OU, and returns its permanent anchor.
func (d *Directory) AddOU(path string) identity.Anchor {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.unit(path)
	return d.units[path]
}

// RenameOU gives an OU another path: another name, or another parent. Only the OU is reported,
// although the DNs of everything below it change. It returns false if there is no such OU, or the
// new path exists.
func (d *Directory) RenameOU(old, path string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if old == "" || path == "" || d.units[old] == "" || d.units[path] != "" || strings.HasPrefix(path, old+"/") {
		return false
	}
	d.unit(above(path))
	for p, a := range d.units {
		if moved, ok := underPath(p, old, path); ok {
			delete(d.units, p)
			d.units[moved] = a
		}
	}
	for _, objects := range []map[identity.Anchor]*Object{d.objects, d.deleted} {
		for _, o := range objects {
			if moved, ok := underPath(o.OU, old, path); ok {
				o.OU = moved
			}
		}
	}
	d.notify(event{anchor: d.units[path]})
	return true
}

// MoveOUOut moves an OU out of scope with everything below it, or back to its path. It returns
// whether it did, as RenameOU does.
func (d *Directory) MoveOUOut(ou string, out bool) bool {
	if out {
		return d.RenameOU(ou, outside+"/"+ou)
	}
	return d.RenameOU(outside+"/"+ou, ou)
}

// underPath is p with its prefix old replaced, if it is there or below.
func underPath(p, old, path string) (string, bool) {
	if p == old {
		return path, true
	}
	rest, ok := strings.CutPrefix(p, old+"/")
	return path + "/" + rest, ok
}

// outOU reports whether an OU, or a parent of it, is out of scope.
func (d *Directory) outOU(path string) bool {
	for ; path != ""; path = above(path) {
		if d.OutOUs[path] {
			return true
		}
	}
	return false
}

// ouDN is the DN of an OU; "" is the base.
func (d *Directory) ouDN(path string) string {
	if path == "" {
		return d.Base
	}
	return "OU=" + escapeRDN(path[strings.LastIndexByte(path, '/')+1:]) + "," + d.ouDN(above(path))
}

func (d *Directory) dn(o *Object) string { return "CN=" + escapeRDN(o.CN) + "," + d.ouDN(o.OU) }

// escapeRDN escapes a value for a DN (RFC 4514 section 2.4).
func escapeRDN(v string) string {
	var b strings.Builder
	for i, r := range v {
		if strings.ContainsRune(`"+,;<>\`, r) || i == 0 && (r == '#' || r == ' ') || i == len(v)-1 && r == ' ' {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// paths lists all OUs, in order.
func (d *Directory) paths() []string {
	out := make([]string, 0, len(d.units))
	for p := range d.units {
		out = append(out, p)
	}
	sort.Strings(out)
	return out
}

// DeleteOU deletes an empty OU. It returns whether it did.
func (d *Directory) DeleteOU(path string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for p := range d.units {
		if above(p) == path {
			return false
		}
	}
	for _, o := range d.objects {
		if o.OU == path {
			return false
		}
	}
	a := d.units[path]
	if a == "" {
		return false
	}
	delete(d.units, path)
	d.deleted[a] = &Object{Anchor: a, Kind: identity.Unit, CN: path[strings.LastIndexByte(path, '/')+1:]}
	d.notify(event{anchor: a})
	return true
}
