package check

import (
	"context"
	"fmt"
	"strings"

	"dirbridge/sync/identity"
	"dirbridge/sync/schema"
)

// crossChecks finds what shows only after all objects were read.
type crossChecks struct {
	work   *work
	opt    Options
	report *Report
}

func (j *crossChecks) run(ctx context.Context) error {
	for _, step := range []func(context.Context) error{j.sharedKeys, j.domains, j.references, j.members, j.cycles} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (j *crossChecks) name(dir int) string { return j.opt.Directories[dir].Name }

// keyAttribute is the attribute behind the key of a kind in a directory.
func (j *crossChecks) keyAttribute(dir, kind int) string {
	if kind == aGroup {
		return "cn"
	}
	for _, f := range j.opt.Directories[dir].Mapper.Fields(identity.Entry{}) {
		if f.Attribute.Name == schema.UID {
			return f.Rule
		}
	}
	return ""
}

// sharedKeys finds all objects that share a key, case-insensitively and across directories. An
// entry that was read twice does not share its key with itself.
func (j *crossChecks) sharedKeys(ctx context.Context) error {
	for kind, class := range map[int]ClassID{aPerson: DuplicateKey, aGroup: DuplicateGroup} {
		if err := j.work.Exec(ctx,
			`CREATE TABLE IF NOT EXISTS key_holder(key TEXT, shown TEXT, dir INT, dn TEXT, anchor TEXT)`); err != nil {
			return err
		}
		err := j.work.Each(ctx, `SELECT key, dir, dn, anchor FROM object WHERE kind=? AND keyh IN
			(SELECT keyh FROM object WHERE kind=? AND keyh<>0 GROUP BY keyh HAVING COUNT(*)>1)`,
			func(scan func(...any) error) error {
				var key, dn, anchor string
				var dir int
				if err := scan(&key, &dir, &dn, &anchor); err != nil {
					return err
				}
				return j.work.Exec(ctx, `INSERT INTO key_holder VALUES(?,?,?,?,?)`, identity.Fold(key), key, dir, dn, anchor)
			}, kind, kind)
		if err != nil {
			return err
		}
		if err := j.reportSharedKeys(ctx, kind, class); err != nil {
			return err
		}
		if err := j.work.Exec(ctx, `DELETE FROM key_holder`); err != nil {
			return err
		}
	}
	return nil
}

// keyHolder is one of the objects that share a key.
type keyHolder struct {
	key, shown, dn string
	dir            int
}

// othersNamed is how many other objects a finding names.
const othersNamed = 2

func (j *crossChecks) reportSharedKeys(ctx context.Context, kind int, class ClassID) error {
	var first []keyHolder // the first objects with a key, enough to name others
	var n, seen int64
	report := func(t keyHolder) error { return j.reportSharedKey(ctx, kind, class, t, first, n) }
	early := func() error { // reports those that waited for others to name
		for _, t := range first {
			if err := report(t); err != nil {
				return err
			}
		}
		return nil
	}
	err := j.work.Each(ctx, `SELECT t.key, t.shown, t.dir, t.dn, c.n FROM key_holder t JOIN
		(SELECT key, COUNT(DISTINCT CASE anchor WHEN '' THEN dn ELSE anchor END) AS n FROM key_holder
			GROUP BY key HAVING n>1) c ON c.key=t.key
		GROUP BY t.key, t.anchor, CASE t.anchor WHEN '' THEN t.dn END ORDER BY t.key, t.dn, t.dir`,
		func(scan func(...any) error) error {
			var t keyHolder
			var of int64
			if err := scan(&t.key, &t.shown, &t.dir, &t.dn, &of); err != nil {
				return err
			}
			if len(first) == 0 || first[0].key != t.key {
				first, n, seen = first[:0], of, 0
			}
			seen++
			if len(first) > othersNamed {
				return report(t)
			}
			first = append(first, t)
			if len(first) > othersNamed || seen == n {
				return early()
			}
			return nil
		})
	return err
}

func (j *crossChecks) reportSharedKey(ctx context.Context, kind int, class ClassID, t keyHolder, first []keyHolder,
	n int64) error {
	var names []string
	for _, o := range first {
		if len(names) == othersNamed || o == t {
			continue
		}
		name := clean(o.dn, shownDN)
		if o.dir != t.dir {
			name += " of " + j.name(o.dir)
		}
		names = append(names, name)
	}
	detail := "also " + strings.Join(names, "; ")
	if more := n - 1 - int64(len(names)); more > 0 {
		detail += fmt.Sprintf("; and %d more", more)
	}
	of := identity.User
	if kind == aGroup {
		of = identity.Group
	}
	return j.work.add(ctx, t.dir, Finding{Class: class, Kind: of, Directory: j.name(t.dir), DN: clean(t.dn, shownDN),
		Attribute: j.keyAttribute(t.dir, kind), Value: clean(t.shown, shownValue), Detail: detail},
		t.key+"\x00"+identity.Fold(t.dn))
}

// domains finds mails with a rare domain.
func (j *crossChecks) domains(ctx context.Context) error {
	return j.work.Each(ctx, `SELECT o.dir, o.dn, o.key, o.domain, d.n FROM object o JOIN
		(SELECT domh, COUNT(*) AS n FROM object WHERE domh<>0 GROUP BY domh
		 HAVING n < ? AND n * ? < (SELECT COUNT(*) FROM object WHERE domh<>0)) d ON d.domh=o.domh`,
		func(scan func(...any) error) error {
			var dir int
			var n int64
			var dn, key, domain string
			if err := scan(&dir, &dn, &key, &domain, &n); err != nil {
				return err
			}
			detail := "no other address has the domain " + clean(domain, shownValue)
			if n > 1 {
				detail = fmt.Sprintf("only %d people have the domain %s", n, clean(domain, shownValue))
			}
			return j.work.add(ctx, dir,
				Finding{Class: UnusualDomain, Kind: identity.User, Directory: j.name(dir), DN: clean(dn, shownDN),
					Attribute: j.keyAttribute(dir, aPerson), Value: clean(key, shownValue), Detail: detail}, "")
		}, rarePeople, rareShare)
}

// references counts managers and members out of scope. A manager or member may be in another
// directory than the object that refers to it.
func (j *crossChecks) references(ctx context.Context) error {
	for _, statement := range []string{
		`CREATE TABLE known(h INTEGER PRIMARY KEY)`,
		`INSERT OR IGNORE INTO known SELECT h FROM (SELECT ah AS h FROM object UNION ALL SELECT dh FROM object) WHERE ` +
			`h<>0 ORDER BY h`,
		`CREATE TABLE size(f INTEGER PRIMARY KEY, n INT, elsewhere INT)`,
		`INSERT INTO size SELECT f, COUNT(*), SUM(NOT EXISTS(SELECT 1 FROM known WHERE h=t)) FROM edge GROUP BY f`,
	} {
		if err := j.work.Exec(ctx, statement); err != nil {
			return err
		}
	}
	if err := j.count(ctx,
		`SELECT dir, COUNT(*) FROM object WHERE mh<>0 AND NOT EXISTS(SELECT 1 FROM known WHERE h=mh) GROUP BY dir`,
		func(c *Counts, n int64) { c.ManagersElsewhere = n }); err != nil {
		return err
	}
	groups := `FROM object JOIN size ON f=ah WHERE kind=2 AND elsewhere>0 GROUP BY dir`
	if err := j.count(ctx, `SELECT dir, SUM(elsewhere) `+groups, func(c *Counts, n int64) {
		c.MembersElsewhere = n
	}); err != nil {
		return err
	}
	return j.count(ctx, `SELECT dir, COUNT(*) `+groups, func(c *Counts, n int64) { c.GroupsElsewhere = n })
}

// count runs a query for a directory's number and a count.
func (j *crossChecks) count(ctx context.Context, query string, set func(*Counts, int64)) error {
	return j.work.Each(ctx, query, func(scan func(...any) error) error {
		var dir int
		var n int64
		if err := scan(&dir, &n); err != nil {
			return err
		}
		set(&j.report.Directories[dir].Counts, n)
		return nil
	})
}

// members finds groups without members, and very large ones.
func (j *crossChecks) members(ctx context.Context) error {
	return j.work.Each(ctx, `SELECT dir, dn, key, COALESCE(n, 0) FROM object LEFT JOIN size ON f=ah
		WHERE kind=2 AND ah<>0 AND (n IS NULL OR n>?)`, func(scan func(...any) error) error {
		var dir int
		var n int64
		var dn, key string
		if err := scan(&dir, &dn, &key, &n); err != nil {
			return err
		}
		f := Finding{Class: EmptyGroup, Kind: identity.Group, Directory: j.name(dir), DN: clean(dn, shownDN),
			Attribute: "member", Detail: "it has no members"}
		if n > 0 {
			f.Class, f.Detail = LargeGroup, fmt.Sprintf("it has %d members", n)
		}
		return j.work.add(ctx, dir, f, "")
	}, j.opt.Large)
}
