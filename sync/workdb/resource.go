package workdb

import (
	"context"
	"strings"

	"dirbridge/sync/identity"
)

// Resource is an account or a group of the cloud. Base is the fingerprint of its managed values.
type Resource struct {
	identity.Resource
	Base string
}

// Row encodes the resource.
func (r Resource) Row() Row {
	return Row{`INSERT INTO resource VALUES(?,?,?,?,?,?,?,?,?,?,?,?,NULL,?)`, []any{
		string(r.ID), string(r.Kind), strings.ToLower(r.ExternalID), r.Key, identity.Fold(r.Key), r.Name, r.Active,
		int(r.Admin),
		r.Type, r.Version, Encode(r.Attrs), r.Base, r.Provisioner}}
}

// AddRole records only the role of an account.
func (w *DB) AddRole(ctx context.Context, r identity.Resource) error {
	return w.exec(ctx, `INSERT INTO resource(id, kind, admin) VALUES(?,?,?)`, string(r.ID), string(r.Kind), int(r.Admin))
}

// AddListed adds a resource that is only looked up by its id, see Listed.
func (w *DB) AddListed(ctx context.Context, r identity.Resource) error {
	return w.exec(ctx, `INSERT INTO resource(id,kind,active,attrs,version,key,admin)
		VALUES(?,?,?,?,?,?,?)`, string(r.ID), string(r.Kind), r.Active, Encode(r.Attrs), r.Version, r.Key, int(r.Admin))
}

// IndexListed makes Listed fast once all resources are added.
func (w *DB) IndexListed(ctx context.Context) error {
	return w.exec(ctx, `CREATE INDEX resource_id ON resource(kind, id)`)
}

// Listed returns a resource that AddListed added.
func (w *DB) Listed(ctx context.Context, kind identity.Kind, id identity.ResourceID) (r identity.Resource, ok bool,
	err error) {
	type listed struct {
		identity.Resource
		attrs string
	}
	err = each(ctx, w, `SELECT active, attrs, version, key, admin FROM resource
		WHERE kind=? AND id=?`, func(l *listed) []any {
		return []any{&l.Active, &l.attrs, &l.Version, &l.Key, &l.Admin}
	}, func(l listed) error {
		r, ok = l.Resource, true
		r.ID, r.Kind = id, kind
		return Decode(l.attrs, &r.Attrs)
	}, string(kind), string(id))
	return r, ok, err
}

// EachExternalID calls fn for the externalId of every account of a person that has one.
func (w *DB) EachExternalID(ctx context.Context, fn func(guid string) error) error {
	return each(ctx, w, `SELECT extf FROM resource WHERE kind='user' AND extf<>''`, column[string], fn)
}

// ManagersInCloud returns the ids of the accounts that accounts have as their managers.
func (w *DB) ManagersInCloud(ctx context.Context) ([]string, error) {
	return list(ctx, w, `SELECT DISTINCT json_extract(attrs,'$.manager[0]') FROM resource
		WHERE json_extract(attrs,'$.manager[0]') IS NOT NULL`, column[string])
}

// FindOwners finds the owner of each resource: the linked object, or else the entry whose GUID it
// carries.
func (w *DB) FindOwners(ctx context.Context) error {
	return w.all(ctx, []string{
		`UPDATE resource SET owner=(SELECT anchor FROM shadow WHERE shadow.kind=resource.kind AND shadow.id=resource.id)`,
		`UPDATE resource SET owner=(SELECT min(anchor) FROM entry WHERE entry.kind=resource.kind
			AND entry.guid=resource.extf) WHERE owner IS NULL AND extf<>''`,
	})
}

// OwnedResource is a resource with the DN of the entry that is matched with it, or "".
type OwnedResource struct {
	identity.Resource
	DN string
}

// EachResource calls fn for every resource, with kind, id, names, activation and role.
func (w *DB) EachResource(ctx context.Context, fn func(OwnedResource) error) error {
	const all = `SELECT r.kind, r.id, r.key, r.name, r.active, r.admin, coalesce((SELECT s.dn
		FROM matched c JOIN entry s ON s.anchor=c.anchor
		WHERE c.kind=r.kind AND c.id=r.id LIMIT 1),'') FROM resource r`
	return each(ctx, w, all, func(r *OwnedResource) []any {
		return []any{&r.Kind, &r.ID, &r.Key, &r.Name, &r.Active, &r.Admin, &r.DN}
	}, fn)
}

// EachUnmatched calls fn for every resource that is neither matched nor protected, in order of kind
// and key. Its attributes are not read.
func (w *DB) EachUnmatched(ctx context.Context, fn func(Resource) error) error {
	const query = `SELECT r.kind, r.id, r.key, r.name, r.active, r.admin, r.version, coalesce(r.base,'') FROM resource r
WHERE NOT EXISTS(SELECT 1 FROM matched c WHERE c.kind=r.kind AND c.id=r.id)
AND NOT EXISTS(SELECT 1 FROM protected p WHERE p.kind=r.kind AND p.id=r.id) ORDER BY r.kind, r.keyf, r.id`
	return each(ctx, w, query, func(r *Resource) []any {
		return []any{&r.Kind, &r.ID, &r.Key, &r.Name, &r.Active, &r.Admin, &r.Version, &r.Base}
	}, fn)
}
