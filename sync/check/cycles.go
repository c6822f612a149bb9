package check

import (
	"context"
	"slices"
	"strings"

	"dirbridge/sync/identity"
)

// cycles finds groups that are members of themselves, directly or indirectly. Groups without a
// parent or without nested groups are removed repeatedly, until only those on a cycle or between
// two cycles are left: few enough for memory.
func (j *crossChecks) cycles(ctx context.Context) error {
	for _, statement := range []string{
		`CREATE TABLE place(h INTEGER PRIMARY KEY, g INT)`,
		`INSERT OR IGNORE INTO place SELECT h, rowid FROM (SELECT ah AS h, rowid FROM object WHERE kind=2 UNION ALL ` +
			`SELECT dh, rowid FROM object WHERE kind=2) WHERE h<>0`,
		`CREATE TABLE nest(f INT, t INT)`,
		`INSERT INTO nest SELECT DISTINCT a.g, b.g FROM edge JOIN place b ON b.h=edge.t JOIN place a ON a.h=edge.f`,
	} {
		if err := j.work.Exec(ctx, statement); err != nil {
			return err
		}
	}
	for left := int64(-1); ; {
		if err := j.work.Exec(ctx,
			`DELETE FROM nest WHERE f NOT IN (SELECT t FROM nest) OR t NOT IN (SELECT f FROM nest)`); err != nil {
			return err
		}
		var n int64
		if err := j.work.Row(ctx, `SELECT COUNT(*) FROM nest`, nil, &n); err != nil {
			return err
		}
		if n == left || n == 0 {
			break
		}
		left = n
	}
	nested := map[int64][]int64{}
	err := j.work.Each(ctx, `SELECT f, t FROM nest ORDER BY f, t`, func(scan func(...any) error) error {
		var f, t int64
		err := scan(&f, &t)
		nested[f] = append(nested[f], t)
		return err
	})
	if err != nil {
		return err
	}
	for g := range nested {
		if circle := circleFrom(nested, g); circle != nil {
			if err := j.reportCycle(ctx, circle); err != nil {
				return err
			}
		}
	}
	return nil
}

// circleFrom returns the shortest way from a group back to itself, beginning with it; nil if there
// is none.
func circleFrom(nested map[int64][]int64, from int64) []int64 {
	before := map[int64]int64{}
	queue := []int64{from}
	for len(queue) > 0 {
		g := queue[0]
		queue = queue[1:]
		for _, t := range nested[g] {
			if t == from {
				var way []int64
				for at := g; at != from; at = before[at] {
					way = append(way, at)
				}
				way = append(way, from)
				slices.Reverse(way)
				return way
			}
			if _, seen := before[t]; !seen {
				before[t] = g
				queue = append(queue, t)
			}
		}
	}
	return nil
}

// circleNamed is how many groups of a cycle are named.
const circleNamed = 5

func (j *crossChecks) reportCycle(ctx context.Context, circle []int64) error {
	var dir int
	var dn string
	var names []string
	for i, g := range circle {
		if i == circleNamed {
			names = append(names, "...")
			break
		}
		var in int
		var at, name string
		if err := j.work.Row(ctx, `SELECT dir, dn, key FROM object WHERE rowid=?`, []any{g}, &in, &at, &name); err != nil {
			return err
		}
		if i == 0 {
			dir, dn = in, at
		}
		names = append(names, clean(name, shownValue))
	}
	names = append(names, names[0])
	return j.work.add(ctx, dir,
		Finding{Class: GroupCycle, Kind: identity.Group, Directory: j.name(dir), DN: clean(dn, shownDN), Attribute: "member",
			Detail: strings.Join(names, " has ")}, "")
}
