package workdb

import (
	"context"

	"dirbridge/sync/identity"
)

// Edge is a membership or the like of a directory. To may be known by its folded DN alone.
type Edge struct {
	Directory string
	From      identity.Anchor
	Kind      identity.EdgeKind
	To        identity.Anchor
	ToDN      string // folded
}

// SpoolEdge keeps an edge until it is known whether the edges are needed, see EachSpooledEdge.
func (w *DB) SpoolEdge(e Edge) error {
	return w.edges.add(e.Directory, string(e.From), string(e.Kind), string(e.To), e.ToDN)
}

// EachSpooledEdge calls fn for every edge that was spooled.
func (w *DB) EachSpooledEdge(ctx context.Context, fn func(Edge) error) error {
	return w.edges.each(ctx, 5, func(v []string) error {
		return fn(Edge{v[0], identity.Anchor(v[1]), identity.EdgeKind(v[2]), identity.Anchor(v[3]), v[4]})
	})
}

// SpooledSums are the sums of the hashes of the spooled edges and members, in any order.
func (w *DB) SpooledSums() (edges, members uint64) { return w.edges.sum, w.members.sum }

// SpooledMembers is how many memberships of the cloud were spooled.
func (w *DB) SpooledMembers() int64 { return w.members.rows }

// AddEdge adds an edge.
func (w *DB) AddEdge(ctx context.Context, e Edge) error {
	return w.exec(ctx, `INSERT INTO edge VALUES(?,?,?,?,?)`,
		e.Directory, string(e.From), string(e.Kind), string(e.To), e.ToDN)
}

// EachEdge calls fn for every edge of a directory, in order.
func (w *DB) EachEdge(ctx context.Context, directory string, fn func(identity.Edge) error) error {
	const edges = `SELECT kind, src, to_anchor, to_dnf FROM edge WHERE dir=? ORDER BY 1, 2, 3, 4`
	return each(ctx, w, edges, func(e *identity.Edge) []any {
		return []any{&e.Kind, &e.From, &e.To.Anchor, &e.To.DN}
	}, fn, directory)
}

// KeepMembers adds to the edges of a directory the cloud memberships of objects whose account is
// left unchanged for now.
func (w *DB) KeepMembers(ctx context.Context, directory string) error {
	return w.exec(ctx, keptMembers, directory)
}

const keptMembers = `INSERT INTO edge SELECT ?1, g.anchor, 'member', m.anchor, '' FROM cloud_member
CROSS JOIN matched g ON g.kind='group' AND g.id=cloud_member.gid AND substr(g.anchor,1,length(?1)+1)=?1||':'
CROSS JOIN shadow m ON m.kind IN ('user','group') AND m.id=cloud_member.mid
WHERE NOT EXISTS(SELECT 1 FROM matched c WHERE c.kind=m.kind AND c.id=cloud_member.mid)`

// SpoolMember keeps a membership of the cloud until it is known whether those are needed.
func (w *DB) SpoolMember(group, member identity.ResourceID) error {
	return w.members.add(string(group), string(member))
}

// EachSpooledMember calls fn for every membership that was spooled.
func (w *DB) EachSpooledMember(ctx context.Context, fn func(group, member identity.ResourceID) error) error {
	return w.members.each(ctx, 2, func(v []string) error {
		return fn(identity.ResourceID(v[0]), identity.ResourceID(v[1]))
	})
}

// AddMember adds a membership of the cloud.
func (w *DB) AddMember(ctx context.Context, group, member identity.ResourceID) error {
	return w.exec(ctx, `INSERT INTO cloud_member VALUES(?,?)`, string(group), string(member))
}

// CountMembers counts the members of a group of the cloud.
func (w *DB) CountMembers(ctx context.Context, group identity.ResourceID) (int64, error) {
	return w.number(ctx, `SELECT count(*) FROM cloud_member WHERE gid=?`, string(group))
}

// Memberships is a table of memberships of the directory.
type Memberships int

const (
	OfEdges Memberships = iota // see Edge
	OfPairs                    // see Pair
)

// columns returns the table, and where it has anchor and folded DN of a member.
func (m Memberships) columns() (table, anchor, dn string) {
	if m == OfPairs {
		return "pair", "a", "dnf"
	}
	return "edge", "to_anchor", "to_dnf"
}

// EachForeignDN calls fn for the DN of every member without an anchor that names a SID below a
// folded DN.
func (w *DB) EachForeignDN(ctx context.Context, of Memberships, below string, fn func(dn string) error) error {
	table, anchor, dn := of.columns()
	query := `SELECT DISTINCT ` + dn + ` FROM ` + table + ` WHERE ` + anchor + `=''
		AND ` + dn + ` LIKE 'cn=s-1-%,` + below + `%'`
	return each(ctx, w, query, column[string], fn)
}

// IndexSIDs makes NameForeign fast.
func (w *DB) IndexSIDs(ctx context.Context) error {
	return w.exec(ctx, `CREATE INDEX IF NOT EXISTS src_sid ON entry(sid)`)
}

// NameForeign gives the members of a DN the anchor of the entry with a SID, if there is one.
func (w *DB) NameForeign(ctx context.Context, of Memberships, sid, member string) error {
	table, anchor, dn := of.columns()
	update := `UPDATE OR REPLACE ` + table + ` SET ` + anchor + `=(SELECT min(x.anchor) FROM entry x WHERE x.sid=?1)
		WHERE ` + anchor + `='' AND ` + dn + `=?2 AND EXISTS(SELECT 1 FROM entry x WHERE x.sid=?1)`
	return w.exec(ctx, update, sid, member)
}
