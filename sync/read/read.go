package read

import (
	"context"
	"errors"
	"fmt"

	"dirbridge/sync/identity"
	"dirbridge/sync/mapping"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/schema"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

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
	rows := make(chan workdb.Row, 512)
	ends := make(chan error, 2)
	put := func(r workdb.Row) error {
		select {
		case rows <- r:
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
				if failure = d.Work.Put(ctx, r); failure != nil {
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
		failure = d.Work.Put(ctx, <-rows)
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

type putFunc func(workdb.Row) error

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
		return put(workdb.Container{Container: c, Directory: dir}.Row())
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
		return d.Work.SpoolEdge(workdb.Edge{Directory: dir, From: ed.From, Kind: ed.Kind, To: ed.To.Anchor,
			ToDN: identity.Fold(ed.To.DN)})
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
		if err := put(workdb.Finding{Kind: en.Kind, Problem: pr}.Row()); err != nil {
			return err
		}
	}
	if err := putLacks(dir, en, p, put); err != nil {
		return err
	}
	if en.Anchor == "" {
		return put(workdb.Nameless{Kind: en.Kind, DN: en.DN, Key: p.Key}.Row())
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
			if err := put(workdb.FormerSID{Anchor: en.Anchor, SID: sid}.Row()); err != nil {
				return err
			}
		}
	}
	return put(workdb.Entry{Entry: en, Directory: dir, Key: p.Key, Active: p.Active, Mapped: attrs, Manager: manager,
		Base: mapping.Base(p), Problem: len(p.Problems) > 0, Fingerprint: int64(d.Fingerprints.Entry(en))}.Row())
}

func readCloud(ctx context.Context, d *stage.Draft, put putFunc) error {
	d.Header.CloudReadAt = d.Env.Now().UTC()
	for _, kind := range []identity.Kind{identity.User, identity.Group} {
		err := d.Env.Target.Resources(ctx, kind, func(r identity.Resource) error {
			countResource(d, r)
			if d.Fingerprints.Resource(r) {
				return nil
			}
			return put(ResourceRow(d, r))
		})
		if err != nil {
			return fmt.Errorf("cloud: list %ss: %w", kind, err)
		}
	}
	err := d.Env.Target.Members(ctx, func(group, member identity.ResourceID) error {
		return d.Work.SpoolMember(group, member)
	})
	if err != nil {
		return fmt.Errorf("cloud: list memberships: %w", err)
	}
	return nil
}

// ResourceRow returns the row of a resource.
func ResourceRow(d *stage.Draft, r identity.Resource) workdb.Row {
	return workdb.Resource{Resource: r, Base: CloudBase(d.Env, r)}.Row()
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
	countProvisioner(d, r)
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
		if err := d.Work.DropDirectory(ctx, dir); err != nil {
			return err
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
		lacking := workdb.Lacking{Directory: dir, Kind: en.Kind, Anchor: en.Anchor, DN: en.DN, Attribute: attr}
		if err := put(lacking.Row()); err != nil {
			return err
		}
	}
	return nil
}
