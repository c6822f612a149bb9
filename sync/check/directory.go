package check

import (
	"context"
	"fmt"
	"strings"

	"dirbridge/sync/identity"
	"dirbridge/sync/mapping"
	"dirbridge/sync/schema"
)

// directoryCheck reads one directory and checks each of its objects.
type directoryCheck struct {
	Directory
	check  *Check
	work   *work
	number int
	counts Counts
}

func (d *directoryCheck) run(ctx context.Context) (Read, error) {
	read := Read{Name: d.Name}
	d.check.phase(Connecting, d.Name)
	who, err := d.Source.Describe(ctx)
	if err != nil {
		return read, err
	}
	read.Server = who.Server
	for _, warning := range who.Warnings {
		if err := d.add(ctx, Finding{Class: DirectoryWarning, DN: who.BaseDN, Detail: warning}); err != nil {
			return read, err
		}
	}
	for _, step := range []func(context.Context, string) error{d.cookie, d.people, d.groups, d.edges, d.countOthers} {
		if err := step(ctx, who.BaseDN); err != nil {
			return read, err
		}
	}
	read.Counts = d.counts
	return read, nil
}

func (d *directoryCheck) add(ctx context.Context, f Finding) error {
	f.Directory = d.Name
	return d.work.add(ctx, d.number, f, "")
}

// cookie checks what incremental runs will see. If they are impossible, that is a warning only: a
// full run needs no cookie.
func (d *directoryCheck) cookie(ctx context.Context, base string) error {
	p, err := d.Source.Cookie(ctx)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return d.add(ctx, Finding{Class: DirectoryWarning, DN: base, Remedy: identity.Remedy(err),
			Detail: "It cannot be asked for changes, so every run reads everything: " + err.Error()})
	case p.NoDeletions != "":
		return d.add(ctx, Finding{Class: UnseenDeletions, DN: base, Detail: p.NoDeletions, Remedy: p.Remedy})
	}
	return nil
}

func (d *directoryCheck) people(ctx context.Context, _ string) error {
	d.check.phase(People, d.Name)
	return d.Source.People(ctx, func(e identity.Entry) error {
		d.counts.People++
		err := d.readable(ctx, identity.User, e)
		if err == nil {
			err = d.person(ctx, e)
		}
		d.check.read(d.work.found)
		return err
	})
}

func (d *directoryCheck) groups(ctx context.Context, _ string) error {
	d.check.phase(Groups, d.Name)
	return d.Source.Groups(ctx, func(e identity.Entry) error {
		d.counts.Groups++
		err := d.readable(ctx, identity.Group, e)
		if err == nil {
			err = d.group(ctx, e)
		}
		d.check.read(d.work.found)
		return err
	})
}

func (d *directoryCheck) edges(ctx context.Context, _ string) error {
	d.check.phase(Memberships, d.Name)
	err := d.Source.Edges(ctx, func(e identity.Edge) error {
		if e.Kind != identity.Membership {
			return nil
		}
		d.counts.Memberships++
		d.check.read(d.work.found)
		return d.work.edge(ctx, d.number, e)
	})
	if err != nil {
		return err
	}
	return d.work.flush(ctx)
}

// countOthers counts contacts and rooms, which have no accounts. If they cannot be counted, that is a
// warning only.
func (d *directoryCheck) countOthers(ctx context.Context, base string) error {
	source, ok := d.Source.(contactLister)
	if !ok {
		return nil
	}
	d.check.phase(Others, d.Name)
	for kind, n := range map[identity.Kind]*int64{identity.Contact: &d.counts.Contacts, identity.Room: &d.counts.Rooms} {
		err := source.ListContacts(ctx, kind, func(identity.Entry) error {
			*n++
			d.check.read(d.work.found)
			return nil
		})
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			*n = 0
			f := Finding{Class: DirectoryWarning, DN: base, Remedy: identity.Remedy(err),
				Detail: fmt.Sprintf("The %ss could not be counted: %v", kind, err)}
			if err := d.add(ctx, f); err != nil {
				return err
			}
		}
	}
	return nil
}

// readable reports what could not be read of an entry.
func (d *directoryCheck) readable(ctx context.Context, kind identity.Kind, e identity.Entry) error {
	if e.Anchor.GUID() == "" && len(e.Problems) == 0 {
		e.Problems = []identity.Problem{{Attribute: "objectGUID", Message: "It has no GUID, by which it is known for good."}}
	}
	for _, p := range e.Problems {
		f := Finding{Class: Unreadable, Kind: kind, DN: clean(e.DN, shownDN), Attribute: p.Attribute,
			Detail: clean(p.Message, shownDetail), Remedy: p.Remedy}
		if err := d.add(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

func (d *directoryCheck) person(ctx context.Context, e identity.Entry) error {
	o := row{dir: d.number, kind: aPerson, dn: e.DN, anchor: e.Anchor}
	looked := map[string]bool{}
	for _, f := range d.Mapper.Fields(e) {
		switch {
		case f.Attribute.Format == schema.GUID: // readable reports it
		case f.Problem != nil:
			if err := d.refused(ctx, e, f); err != nil {
				return err
			}
		case f.Attribute.Format == schema.Disabled && len(f.Values) > 0 && f.Values[0] == "true":
			d.counts.Disabled++
		case f.Attribute.Reference && len(f.Values) > 0:
			o.manager = f.Values[0]
		case f.Attribute.Name == schema.UID && len(f.Values) > 0:
			o.key = f.Values[0]
			o.domain = domain(o.key)
		case f.Attribute.Name == schema.GroupName && len(f.Values) == 0:
			if err := d.add(ctx,
				Finding{Class: NoName, Kind: identity.User, DN: clean(e.DN, shownDN), Attribute: f.Rule}); err != nil {
				return err
			}
		}
		if textual(f.Attribute) {
			if err := d.spelling(ctx, e, f, looked); err != nil {
				return err
			}
		}
	}
	return d.work.object(ctx, o)
}

// textual reports whether people type the values of an attribute.
func textual(a schema.Attribute) bool {
	return !a.Reference && a.Format != schema.GUID && a.Format != schema.Disabled
}

// groupName is the name of a group, as a field of the mapping.
func groupName(e identity.Entry, problem *identity.Problem, values []string) mapping.Field {
	return mapping.Field{Attribute: schema.Attribute{Name: schema.GroupName, Format: schema.Text, Required: true,
		Single: true, MaxLen: groupNameLen},
		Rule: "cn", Values: values, Problem: problem}
}

// groupNameLen is the number of characters that the mapping accepts for the name of a group.
const groupNameLen = 256

func (d *directoryCheck) group(ctx context.Context, e identity.Entry) error {
	g := d.Mapper.Group(e)
	o := row{dir: d.number, kind: aGroup, dn: e.DN, anchor: e.Anchor, key: g.Key}
	var problem *identity.Problem
	for i := range g.Problems {
		if p := &g.Problems[i]; strings.EqualFold(p.Attribute, "cn") {
			problem = p
		}
	}
	f := groupName(e, problem, g.Attrs[schema.GroupName])
	if problem != nil {
		if err := d.refused(ctx, e, f); err != nil {
			return err
		}
	}
	if err := d.spelling(ctx, e, f, map[string]bool{}); err != nil {
		return err
	}
	return d.work.object(ctx, o)
}
