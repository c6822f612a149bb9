package sync

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

// read spools both sides and the shadows. The directories, one after the other, and the cloud are
// read at the same time: they are different servers, and most of the time is spent waiting for
// them.
func (d *draft) read(ctx context.Context) error {
	d.env.Meter.Phase(port.ReadingDirectory, 0)
	var err error
	if d.fingerprints, err = d.loadFingerprints(ctx); err != nil {
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
	go func() { ends <- d.readDirectories(ctx, put) }()
	go func() { ends <- d.readCloud(ctx, put) }()

	var failure error
	for running := 2; running > 0; {
		select {
		case r := <-rows:
			if failure == nil {
				if failure = d.work.Exec(ctx, r.query, r.args...); failure != nil {
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
		failure = d.work.Exec(ctx, r.query, r.args...)
	}
	if err := whole.Err(); err != nil {
		return fmt.Errorf("reading was cancelled: %w", err)
	}
	if failure != nil {
		return failure
	}
	if err := d.readChanged(ctx); err != nil {
		return err
	}
	if err := d.work.Index(ctx, true); err != nil {
		return err
	}
	return d.dropFrozen(ctx)
}

type putFunc func(query string, args ...any) error

// readDirectories reads each source. A source that fails freezes its own people; if none can be
// read, there is nothing to plan from.
func (d *draft) readDirectories(ctx context.Context, put putFunc) error {
	d.frozen = map[string]bool{}
	var failures []error
	for _, src := range d.env.Sources {
		dir, err := src.Describe(ctx)
		read := plan.DirectoryRead{Directory: dir, ReadAt: d.env.Now().UTC(), Whole: true}
		if err == nil {
			err = d.readDirectory(ctx, src, dir.Name, &read, put)
		}
		if err != nil {
			if ctx.Err() != nil {
				return errors.Join(err, ctx.Err())
			}
			failures = append(failures, fmt.Errorf("directory %s: %w", dir.Name, err))
			read.Whole, read.Error = false, err.Error()
			d.frozen[dir.Name] = true
		}
		d.find(read, err)
		d.header.Directories = append(d.header.Directories, read)
	}
	if len(failures) == len(d.env.Sources) {
		return errors.Join(failures...)
	}
	return nil
}

func (d *draft) readDirectory(ctx context.Context, src port.Source, dir string, read *plan.DirectoryRead,
	put putFunc) error {
	if err := d.begin(ctx, src, read); err != nil {
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
		d.env.Meter.Update(func(p *port.Progress) { p.Done++; p.People++ })
		if d.fingerprints.Source(en) {
			return nil
		}
		return d.putEntry(dir, en, d.env.Mapped(dir, en), put)
	})
	if err != nil {
		return fmt.Errorf("read people: %w", err)
	}
	err = src.Groups(ctx, func(en identity.Entry) error {
		read.Groups++
		d.env.Meter.Add(1)
		return d.putEntry(dir, en, d.env.Mapped(dir, en), put)
	})
	if err != nil {
		return fmt.Errorf("read groups: %w", err)
	}
	err = src.Edges(ctx, func(ed identity.Edge) error {
		return d.work.Edges.Add(dir, string(ed.From), string(ed.Kind), string(ed.To.Anchor), identity.Fold(ed.To.DN))
	})
	if err != nil {
		return fmt.Errorf("read memberships: %w", err)
	}
	return d.arrive(ctx, src, read)
}

// putEntry spools one entry with what the mapping made of it. An entry without an anchor is only a
// problem: nothing can be linked to it.
func (d *draft) putEntry(dir string, en identity.Entry, p identity.Person, put putFunc) error {
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
		len(p.Problems) > 0, int64(d.fingerprints.Entry(en)), identity.SID(en.Attrs))
}

func (d *draft) readCloud(ctx context.Context, put putFunc) error {
	d.header.CloudReadAt = d.env.Now().UTC()
	for _, kind := range []identity.Kind{identity.User, identity.Group} {
		err := d.env.Target.Resources(ctx, kind, func(r identity.Resource) error {
			d.countResource(r)
			if d.fingerprints.Resource(r) {
				return nil
			}
			return d.putResource(r, put)
		})
		if err != nil {
			return fmt.Errorf("cloud: list %ss: %w", kind, err)
		}
	}
	err := d.env.Target.Members(ctx, func(group, member identity.ResourceID) error {
		return d.work.Held.Add(string(group), string(member))
	})
	if err != nil {
		return fmt.Errorf("cloud: list memberships: %w", err)
	}
	return nil
}

func (d *draft) putResource(r identity.Resource, put putFunc) error {
	return put(`INSERT INTO resource VALUES(?,?,?,?,?,?,?,?,?,?,?,?,NULL)`,
		string(r.ID), string(r.Kind), strings.ToLower(r.ExternalID), r.Key, identity.Fold(r.Key), r.Name, r.Active,
		int(r.Admin),
		r.Type, r.Version, workdb.Encode(r.Attrs), cloudBase(d.env, r))
}

func (d *draft) countResource(r identity.Resource) {
	d.env.Meter.Update(func(p *port.Progress) { p.Accounts++ })
	if r.Kind == identity.Group {
		d.header.CloudGroups++
		d.stats.Groups++
		return
	}
	d.header.CloudUsers++
	if r.Active {
		d.stats.Active++
	} else {
		d.stats.Deactivated++
	}
	if r.Admin != identity.Unknown {
		d.adminsKnown = true
	}
	if r.Admin == identity.Yes {
		d.stats.Admins++
		if r.Active {
			d.adminsActive++
		}
	}
}

// cloudBase returns the fingerprint of the managed part of a resource, by which a saved plan
// notices that the account changed.
func cloudBase(e *stage.Env, r identity.Resource) string {
	return mapping.Base(identity.Person{Key: r.Key, Active: r.Active, Attrs: r.Attrs})
}

// dropFrozen discards what was read of a directory before it failed: half of a listing must not
// count as the whole (P1). Its accounts are protected.
func (d *draft) dropFrozen(ctx context.Context) error {
	d.header.Complete = len(d.frozen) == 0
	for dir := range d.frozen {
		for _, q := range []string{
			`DELETE FROM container WHERE dir=?1`,
			`DELETE FROM finding WHERE substr(subject,1,length(?1)+1)=?1||':'`,
			`INSERT OR IGNORE INTO protected SELECT r.kind, r.id FROM entry s JOIN resource r ON r.kind=s.kind AND (r.extf=s.guid OR r.keyf=s.keyf) WHERE s.dir=?1`,
			`DELETE FROM entry WHERE dir=?1`,
			`DELETE FROM lacking WHERE dir=?1`,
			`INSERT OR IGNORE INTO protected SELECT kind, id FROM shadow WHERE id<>'' AND substr(anchor,1,length(?1)+1)=?1||':'`,
		} {
			if err := d.work.Exec(ctx, q, dir); err != nil {
				return err
			}
		}
	}
	return nil
}
