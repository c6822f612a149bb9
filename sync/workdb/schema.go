package workdb

const workSchema = `
CREATE TABLE src(anchor TEXT, kind TEXT, dir TEXT, guid TEXT, dn TEXT, dnf TEXT, parent TEXT, rdn TEXT,
	key TEXT, keyf TEXT, active INT, attrs TEXT, inputs TEXT, base TEXT, mgr TEXT, problem INT, fingerprint INT, sid TEXT);
CREATE TABLE res(id TEXT, kind TEXT, extf TEXT, key TEXT, keyf TEXT, name TEXT, active INT, admin INT,
	type TEXT, version TEXT, attrs TEXT, base TEXT, owner TEXT);
CREATE TABLE sh(anchor TEXT, kind TEXT, id TEXT, state TEXT, linked INT, json TEXT, sid TEXT);
CREATE TABLE unanswered(anchor TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE cont(anchor TEXT, dir TEXT, dn TEXT, dnf TEXT, parent TEXT);
CREATE TABLE edge(dir TEXT, src TEXT, kind TEXT, to_anchor TEXT, to_dnf TEXT);
CREATE TABLE cm(gid TEXT, mid TEXT);
CREATE TABLE matched(anchor TEXT PRIMARY KEY, kind TEXT, id TEXT, how TEXT, wave INT DEFAULT 0, via TEXT DEFAULT '', was TEXT DEFAULT '');
CREATE TABLE sid_history(anchor TEXT, sid TEXT);
CREATE TABLE sid_match(old TEXT, successor TEXT, unread INT);
CREATE TABLE deferred_key(anchor TEXT PRIMARY KEY, keyf TEXT);
CREATE TABLE nameless(kind TEXT, dnf TEXT, keyf TEXT);
CREATE TABLE lacks(dir TEXT, kind TEXT, anchor TEXT, dnf TEXT, attr TEXT);
CREATE TABLE guarded(kind TEXT, id TEXT, PRIMARY KEY(kind, id)) WITHOUT ROWID;
CREATE TABLE shut(anchor TEXT PRIMARY KEY, id TEXT);
CREATE TABLE withheld(anchor TEXT PRIMARY KEY, id TEXT, rule TEXT, json TEXT);
CREATE TABLE ended(anchor TEXT PRIMARY KEY);
CREATE TABLE spoiled(anchor TEXT PRIMARY KEY);
CREATE TABLE wants(kind TEXT, id TEXT, PRIMARY KEY(kind, id)) WITHOUT ROWID;
CREATE TABLE protect(kind TEXT, id TEXT, PRIMARY KEY(kind, id)) WITHOUT ROWID;
CREATE TABLE prob(kind TEXT, subject TEXT, json TEXT);
CREATE TABLE change(phase INT, wave INT, kind TEXT, keyf TEXT, sub TEXT, json TEXT);
CREATE TABLE unmatched(keyf TEXT, json TEXT);
CREATE TABLE keep(anchor TEXT PRIMARY KEY, json TEXT);
CREATE TABLE forget(anchor TEXT PRIMARY KEY);
CREATE TABLE again(anchor TEXT PRIMARY KEY, kind TEXT);
CREATE TABLE known(anchor TEXT PRIMARY KEY, dir TEXT, dnf TEXT, id TEXT, state TEXT);
CREATE TABLE present(anchor TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE fresh(src TEXT, kind TEXT, a TEXT, dnf TEXT);
CREATE TABLE stored(src TEXT, kind TEXT, a TEXT, dnf TEXT);
CREATE TABLE whole(anchor TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE scopewas(ref TEXT PRIMARY KEY, a TEXT, dn TEXT, sid TEXT) WITHOUT ROWID;
CREATE TABLE scopenow(ref TEXT PRIMARY KEY, a TEXT, dn TEXT, sid TEXT) WITHOUT ROWID;
CREATE TABLE pair(src TEXT, kind TEXT, a TEXT, dnf TEXT, removed INT, PRIMARY KEY(src, kind, a, dnf, removed)) WITHOUT ROWID;
-- What guards count of the changes, a row each: counting and grouping by cause is the database's work.
CREATE TABLE guard_count(rule TEXT, dir TEXT, kind TEXT, subject TEXT, name TEXT, anchor TEXT, id TEXT, cause TEXT);
`

// workIndexes are created once the tables are full: an index that is maintained while rows arrive
// in random order costs several times as much. A page that shifts during a read returns a record
// twice; it counts once.
const workIndexes = `
CREATE INDEX src_anchor ON src(anchor);
DELETE FROM src WHERE EXISTS(SELECT 1 FROM src o WHERE o.anchor=src.anchor AND o.rowid<src.rowid);
CREATE INDEX src_key ON src(kind, keyf);
CREATE INDEX src_guid ON src(kind, guid);
CREATE INDEX src_dn ON src(dnf);
CREATE INDEX res_id ON res(kind, id);
DELETE FROM res WHERE EXISTS(SELECT 1 FROM res o WHERE o.kind=res.kind AND o.id=res.id AND o.rowid<res.rowid);
CREATE INDEX res_ext ON res(kind, extf);
CREATE INDEX res_key ON res(kind, keyf);
CREATE UNIQUE INDEX sh_anchor ON sh(anchor);
CREATE INDEX sh_id ON sh(kind, id);
CREATE INDEX cont_dn ON cont(dnf);
CREATE INDEX nameless_dn ON nameless(kind, dnf);
CREATE INDEX lacks_dn ON lacks(kind, dnf) WHERE anchor='';
`
