package read

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"dirbridge/sync/identity"
	"dirbridge/sync/mapping"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/schema"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// row is an insertion on its way from a reader to the work database.
type row struct {
	query string
	args  []any
}

// errStopped ends a reader whose consumer has given up.
var errStopped = errors.New("reading stopped")

// Sides spools both sides and the shadows. The directories, one after the other, and the cloud are
// read at the same time: they are different servers, and most of the time is spent waiting for
// them.
func Sides(ctx context.Context, d *stage.Draft) error {
	d.Env.Meter.Phase(port.ReadingDirectory, 0)
	var err error
	if d.Fingerprints, err = loadFingerprints(ctx, d); err != nil {
		return err
	}
	whole := ctx
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	rows := make(chan row, 512)
	ends := make(chan error, 2)
	put := func(query string, args ...any) error {
		select {
		case rows <- row{query, args}:
			return nil
		case <-ctx.Done():
			return errStopped
		}
	}
	go func() { ends <- readDirectories(ctx, d, put) }()
	go func() { ends <- readCloud(ctx, d, put) }()

	var failure error
	for running := 2; running > 0; {
		select {
		case r := <-rows:
			if failure == nil {
				if failure = d.Work.Exec(ctx, r.query, r.args...); failure != nil {
					cancel()
				}
			}
		case err := <-ends:
			running--
			if err != nil && (failure == nil || errors.Is(failure, errStopped)) {
				failure = err
				cancel()
			}
		}
	}
	for len(rows) > 0 && failure == nil {
		r := <-rows
		failure = d.Work.Exec(ctx, r.query, r.args...)
	}
	if err := whole.Err(); err != nil {
		return fmt.Errorf("reading was cancelled: %w", err)
	}
	if failure != nil {
		return failure
	}
	if err := changed(ctx, d); err != nil {
		return err
	}
	if err := d.Work.Index(ctx, true); err != nil {
		return err
	}
	return DropFrozen(ctx, d)
}

type putFunc func(query string, args ...any) error

// readDirectories reads each source. A source that fails freezes its own people; if none can be
// read, there is nothing to plan from.
func readDirectories(ctx context.Context, d *stage.Draft, put putFunc) error {
	d.Frozen = map[string]bool{}
	var failures []error
	for _, src := range d.Env.Sources {
		dir, err := src.Describe(ctx)
		read := plan.DirectoryRead{Directory: dir, ReadAt: d.Env.Now().UTC(), Whole: true}
		if err == nil {
			err = readDirectory(ctx, d, src, dir.Name, &read, put)
		}
		if err != nil {
			if ctx.Err() != nil {
				return errors.Join(err, ctx.Err())
			}
			failures = append(failures, fmt.Errorf("directory %s: %w", dir.Name, err))
			read.Whole, read.Error = false, err.Error()
			d.Frozen[dir.Name] = true
		}
		Record(d, read, err)
		d.Header.Directories = append(d.Header.Directories, read)
	}
	if len(failures) == len(d.Env.Sources) {
		return errors.Join(failures...)
	}
	return nil
}

func readDirectory(ctx context.Context, d *stage.Draft, src port.Source, dir string, read *plan.DirectoryRead,
	put putFunc) error {
	if err := beginCookie(ctx, d, src, read); err != nil {
		return fmt.Errorf("ask from where changes begin: %w", err)
	}
	err := src.Containers(ctx, func(c identity.Container) error {
		return put(`INSERT INTO container VALUES(?,?,?,?,?)`, string(c.Anchor), dir, c.DN, identity.Fold(c.DN), identity.Fold(c.Parent))
	})
	if err != nil {
		return fmt.Errorf("read containers: %w", err)
	}
	err = src.People(ctx, func(en identity.Entry) error {
		read.People++
		d.Env.Meter.Update(func(p *port.Progress) { p.Done++; p.People++ })
		if d.Fingerprints.Source(en) {
			return nil
		}
		return PutEntry(d, dir, en, d.Env.Mapped(dir, en), put)
	})
	if err != nil {
		return fmt.Errorf("read people: %w", err)
	}
	err = src.Groups(ctx, func(en identity.Entry) error {
		read.Groups++
		d.Env.Meter.Add(1)
		return PutEntry(d, dir, en, d.Env.Mapped(dir, en), put)
	})
	if err != nil {
		return fmt.Errorf("read groups: %w", err)
	}
	err = src.Edges(ctx, func(ed identity.Edge) error {
		return d.Work.Edges.Add(dir, string(ed.From), string(ed.Kind), string(ed.To.Anchor), identity.Fold(ed.To.DN))
	})
	if err != nil {
		return fmt.Errorf("read memberships: %w", err)
	}
	return keepCookie(ctx, d, src, read)
}

// PutEntry spools one entry with what the mapping made of it. An entry without an anchor is only a
// problem: nothing can be linked to it.
func PutEntry(d *stage.Draft, dir string, en identity.Entry, p identity.Person, put putFunc) error {
	for _, pr := range p.Problems {
		if err := put(workdb.InsertProblem, workdb.ProblemRow(en.Kind, pr)...); err != nil {
			return err
		}
	}
	if err := putLacks(dir, en, p, put); err != nil {
		return err
	}
	if en.Anchor == "" {
		return put(`INSERT INTO nameless VALUES(?,?,?)`, string(en.Kind), identity.Fold(en.DN), identity.Fold(p.Key))
	}
	manager := ""
	attrs := p.Attrs
	if v := attrs.First(schema.Manager); v != "" {
		manager = identity.Fold(v)
		attrs = attrs.Clone()
		delete(attrs, schema.Manager)
	}
	if en.Kind == identity.User {
		for _, sid := range identity.ValuesOf(en.Attrs, identity.AttrSIDHistory) {
			if err := put(`INSERT INTO sid_history VALUES(?,?)`, string(en.Anchor), sid); err != nil {
				return err
			}
		}
	}
	return put(`INSERT INTO entry VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
		string(en.Anchor), string(en.Kind), dir, en.Anchor.GUID(), en.DN, identity.Fold(en.DN), identity.Fold(en.Parent),
		en.RDN,
		p.Key, identity.Fold(p.Key), p.Active, workdb.Encode(attrs), workdb.Encode(en.Attrs), mapping.Base(p), manager,
		len(p.Problems) > 0, int64(d.Fingerprints.Entry(en)), identity.SID(en.Attrs))
}

func readCloud(ctx context.Context, d *stage.Draft, put putFunc) error {
	d.Header.CloudReadAt = d.Env.Now().UTC()
	for _, kind := range []identity.Kind{identity.User, identity.Group} {
		err := d.Env.Target.Resources(ctx, kind, func(r identity.Resource) error {
			countResource(d, r)
			if d.Fingerprints.Resource(r) {
				return nil
			}
			return PutResource(d, r, put)
		})
		if err != nil {
			return fmt.Errorf("cloud: list %ss: %w", kind, err)
		}
	}
	err := d.Env.Target.Members(ctx, func(group, member identity.ResourceID) error {
		return d.Work.Held.Add(string(group), string(member))
	})
	if err != nil {
		return fmt.Errorf("cloud: list memberships: %w", err)
	}
	return nil
}

func PutResource(d *stage.Draft, r identity.Resource, put putFunc) error {
	return put(`INSERT INTO resource VALUES(?,?,?,?,?,?,?,?,?,?,?,?,NULL)`,
		string(r.ID), string(r.Kind), strings.ToLower(r.ExternalID), r.Key, identity.Fold(r.Key), r.Name, r.Active,
		int(r.Admin),
		r.Type, r.Version, workdb.Encode(r.Attrs), CloudBase(d.Env, r))
}

func countResource(d *stage.Draft, r identity.Resource) {
	d.Env.Meter.Update(func(p *port.Progress) { p.Accounts++ })
	if r.Kind == identity.Group {
		d.Header.CloudGroups++
		d.Stats.Groups++
		return
	}
	d.Header.CloudUsers++
	if r.Active {
		d.Stats.Active++
	} else {
		d.Stats.Deactivated++
	}
	if r.Admin != identity.Unknown {
		d.AdminsKnown = true
	}
	if r.Admin == identity.Yes {
		d.Stats.Admins++
		if r.Active {
			d.AdminsActive++
		}
	}
}

// CloudBase returns the fingerprint of the managed part of a resource, by which a saved plan
// notices that the account changed.
func CloudBase(e *stage.Env, r identity.Resource) string {
	return mapping.Base(identity.Person{Key: r.Key, Active: r.Active, Attrs: r.Attrs})
}

// DropFrozen discards what was read of a directory before it failed: half of a listing must not
// count as the whole (P1). Its accounts are protected.
func DropFrozen(ctx context.Context, d *stage.Draft) error {
	d.Header.Complete = len(d.Frozen) == 0
	for dir := range d.Frozen {
		for _, q := range []string{
			`DELETE FROM container WHERE dir=?1`,
			`DELETE FROM finding WHERE substr(subject,1,length(?1)+1)=?1||':'`,
			`INSERT OR IGNORE INTO protected SELECT r.kind, r.id FROM entry s JOIN resource r ON r.kind=s.kind AND (r.extf=s.guid OR r.keyf=s.keyf) WHERE s.dir=?1`,
			`DELETE FROM entry WHERE dir=?1`,
			`DELETE FROM lacking WHERE dir=?1`,
			`INSERT OR IGNORE INTO protected SELECT kind, id FROM shadow WHERE id<>'' AND substr(anchor,1,length(?1)+1)=?1||':'`,
		} {
			if err := d.Work.Exec(ctx, q, dir); err != nil {
				return err
			}
		}
	}
	return nil
}

// putLacks spools the required values that an entry lacks. For a disabled person they do not count:
// the mail address of a leaver is often cleared.
func putLacks(dir string, en identity.Entry, p identity.Person, put putFunc) error {
	if !p.Active {
		return nil
	}
	for _, attr := range p.Lacks {
		if err := put(`INSERT INTO lacking VALUES(?,?,?,?,?)`, dir, string(en.Kind), string(en.Anchor), identity.Fold(en.DN), attr); err != nil {
			return err
		}
	}
	return nil
}
