package workdb

const workSchema = `
CREATE TABLE entry(anchor TEXT, kind TEXT, dir TEXT, guid TEXT, dn TEXT, dnf TEXT, parent TEXT, rdn TEXT,
	key TEXT, keyf TEXT, active INT, attrs TEXT, inputs TEXT, base TEXT, mgr TEXT, problem INT, fingerprint INT, sid TEXT);
CREATE TABLE resource(id TEXT, kind TEXT, extf TEXT, key TEXT, keyf TEXT, name TEXT, active INT, admin INT,
	type TEXT, version TEXT, attrs TEXT, base TEXT, owner TEXT, maker TEXT);
CREATE TABLE shadow(anchor TEXT, kind TEXT, id TEXT, state TEXT, linked INT, json TEXT, sid TEXT);
CREATE TABLE unanswered(anchor TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE container(anchor TEXT, dir TEXT, dn TEXT, dnf TEXT, parent TEXT);
CREATE TABLE edge(dir TEXT, src TEXT, kind TEXT, to_anchor TEXT, to_dnf TEXT);
CREATE TABLE cloud_member(gid TEXT, mid TEXT);
CREATE TABLE matched(anchor TEXT PRIMARY KEY, kind TEXT, id TEXT, how TEXT, wave INT DEFAULT 0, via TEXT DEFAULT '',
	was TEXT DEFAULT '');
CREATE TABLE sid_history(anchor TEXT, sid TEXT);
CREATE TABLE sid_match(old TEXT, successor TEXT, unread INT);
CREATE TABLE deferred_key(anchor TEXT PRIMARY KEY, keyf TEXT);
CREATE TABLE nameless(kind TEXT, dnf TEXT, keyf TEXT);
CREATE TABLE lacking(dir TEXT, kind TEXT, anchor TEXT, dnf TEXT, attr TEXT);
CREATE TABLE guarded(kind TEXT, id TEXT, PRIMARY KEY(kind, id)) WITHOUT ROWID;
CREATE TABLE off_limits(anchor TEXT PRIMARY KEY, id TEXT);
CREATE TABLE withheld(anchor TEXT PRIMARY KEY, id TEXT, rule TEXT, json TEXT);
CREATE TABLE ended(anchor TEXT PRIMARY KEY);
CREATE TABLE conflicting(anchor TEXT PRIMARY KEY);
CREATE TABLE wanted(kind TEXT, id TEXT, PRIMARY KEY(kind, id)) WITHOUT ROWID;
CREATE TABLE protected(kind TEXT, id TEXT, PRIMARY KEY(kind, id)) WITHOUT ROWID;
CREATE TABLE finding(kind TEXT, subject TEXT, anchor TEXT, dn TEXT, attr TEXT, side TEXT, message TEXT, remedy TEXT);
CREATE TABLE change(phase INT, wave INT, kind TEXT, keyf TEXT, sub TEXT, anchor TEXT, action TEXT, missing INT,
	cause TEXT, reason TEXT,
	fields TEXT, drift INT, search TEXT, payload BLOB);
CREATE TABLE unmatched(keyf TEXT, id TEXT, kind TEXT, key TEXT, name TEXT, active INT, admin INT, kept TEXT);
CREATE TABLE renewed(anchor TEXT PRIMARY KEY, payload BLOB);
CREATE TABLE forgotten(anchor TEXT PRIMARY KEY);
CREATE TABLE again(anchor TEXT PRIMARY KEY, kind TEXT);
CREATE TABLE known(anchor TEXT PRIMARY KEY, dir TEXT, dnf TEXT, id TEXT, state TEXT);
CREATE TABLE present(anchor TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE fresh(src TEXT, kind TEXT, a TEXT, dnf TEXT);
CREATE TABLE stored(src TEXT, kind TEXT, a TEXT, dnf TEXT);
CREATE TABLE whole(anchor TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE scope_before(ref TEXT PRIMARY KEY, a TEXT, dn TEXT, sid TEXT) WITHOUT ROWID;
CREATE TABLE scope_now(ref TEXT PRIMARY KEY, a TEXT, dn TEXT, sid TEXT) WITHOUT ROWID;
CREATE TABLE pair(src TEXT, kind TEXT, a TEXT, dnf TEXT, removed INT, PRIMARY KEY(src, kind, a, dnf,
	removed)) WITHOUT ROWID;
-- What guards count of the changes, a row each: counting and grouping by cause is the database's work.
CREATE TABLE guard_count(rule TEXT, dir TEXT, kind TEXT, subject TEXT, name TEXT, anchor TEXT, id TEXT, cause TEXT);
`

// workIndexes are created once the tables are full: an index that is maintained while rows arrive
// in random order costs several times as much. A page that shifts during a read returns a record
// twice; it counts once.
const workIndexes = `
CREATE INDEX entry_anchor ON entry(anchor);
DELETE FROM entry WHERE EXISTS(SELECT 1 FROM entry o WHERE o.anchor=entry.anchor AND o.rowid<entry.rowid);
CREATE INDEX entry_key ON entry(kind, keyf);
CREATE INDEX entry_guid ON entry(kind, guid);
CREATE INDEX entry_dn ON entry(dnf);
CREATE INDEX resource_id ON resource(kind, id);
DELETE FROM resource WHERE EXISTS(SELECT 1 FROM resource o WHERE o.kind=resource.kind AND o.id=resource.id
	AND o.rowid<resource.rowid);
CREATE INDEX resource_ext ON resource(kind, extf);
CREATE INDEX resource_key ON resource(kind, keyf);
CREATE UNIQUE INDEX shadow_anchor ON shadow(anchor);
CREATE INDEX shadow_id ON shadow(kind, id);
CREATE INDEX container_dn ON container(dnf);
CREATE INDEX nameless_dn ON nameless(kind, dnf);
CREATE INDEX lacking_dn ON lacking(kind, dnf) WHERE anchor='';
`
