package ldap

import (
	"bytes"
	"context"
	"strconv"

	goldap "github.com/go-ldap/ldap/v3"
)

// 389 Directory Server implements RFC 4533 with its retro changelog, and differs from OpenLDAP:
//
//   - Its cookie names the server, the account, the base and the filter, and ends with the number
//     of the last change. Another server does not accept it.
//   - It never announces that it reported all deletions (refreshDeletes), and never reports
//     remaining objects. After a cookie it reports changes and deletions.
//   - It names objects by nsUniqueId. It sends changed objects with all user attributes, whatever
//     was requested, and without operational ones.
//   - It continues from a number that its changelog has forgotten, and after an import that its
//     changelog does not contain, as if nothing had happened in between.
//   - If its changelog does not record which object changed, it reports nothing, with success.
//
// The last two would keep leavers for ever. The numbers and the data version in the rootDSE, and a
// request for changes that are known to exist, detect them.

// changelog is the state of the retro changelog, from the rootDSE.
type changelog struct {
	first, last int64
	version     string // changes with each import and each start
}

// provenBy is how many of the last changes are requested to see that the server reports any.
const provenBy = 1000

// changelogNumber returns the change number in a cookie that comes from a changelog.
func changelogNumber(cookie []byte) (n int64, ok bool) {
	first, last := bytes.IndexByte(cookie, '#'), bytes.LastIndexByte(cookie, '#')
	if first < 1 || first == last {
		return 0, false
	}
	n, err := strconv.ParseInt(string(cookie[last+1:]), 10, 64)
	return n, err == nil && n >= 0 && strconv.FormatInt(n, 10) == string(cookie[last+1:])
}

// changelogFrom is the same cookie with another change number.
func changelogFrom(cookie []byte, n int64) []byte {
	last := bytes.LastIndexByte(cookie, '#')
	return strconv.AppendInt(bytes.Clone(cookie[:last+1]), n, 10)
}

func (c *session) changelog(ctx context.Context) (log changelog, err error) {
	root, err := c.readRoot(ctx)
	if err != nil {
		return log, err
	}
	var failed [2]error
	log.first, failed[0] = strconv.ParseInt(root.first("firstChangeNumber"), 10, 64)
	log.last, failed[1] = strconv.ParseInt(root.first("lastChangeNumber"), 10, 64)
	log.version = root.first("dataVersion")
	if failed[0] != nil || failed[1] != nil || log.version == "" {
		return log,
			stale("%s does not show in its rootDSE what its changelog holds (firstChangeNumber, lastChangeNumber, dataVersion)",
				c.server)
	}
	return log, nil
}

// proveChangelog returns nil if the server reports at least one of the last changes below root.
// cookie is the present one.
func (c *session) proveChangelog(ctx context.Context, root string, cookie []byte, log changelog) error {
	n, _ := changelogNumber(cookie)
	from := max(log.first-1, n-provenBy, 0)
	if from >= n {
		return stale("the changelog of %s holds no change yet, by which to see that it tells of any", c.server)
	}
	r := refresh{session: c, cookie: changelogFrom(cookie, from)}
	q := query{what: "asking by syncrepl for the last changes below " + root, base: root, scope: goldap.ScopeWholeSubtree,
		filter: everything, attrs: none()}
	if err := r.run(ctx, q, r.cookie); err != nil {
		return err
	}
	if r.namedCount == 0 {
		return stale(
			"%s tells none of its last %d changes below %s: its Retro Changelog plug-in does not record "+
				"nsuniqueid:targetUniqueId, or leaves %s out", c.server, n-from, root, root)
	}
	return nil
}

// checkChangelog returns nil if the server still has every change after number n. It is called after the
// answer: a changelog that still has them then had them before.
func (c *session) checkChangelog(ctx context.Context, n int64, version string) error {
	log, err := c.changelog(ctx)
	switch {
	case err != nil:
		return err
	case log.version != version:
		return stale("%s was started, or its data imported, since the last position", c.server)
	case log.first > n+1:
		return stale(
			"the changelog of %s begins with change %d, after the last position, %d: what went in between is forgotten",
			c.server, log.first, n)
	}
	return nil
}
