package servers

import (
	"testing"

	"dirbridge/cloud/scimtest"
	"dirbridge/ldap/ldaptest/lab"
	"dirbridge/ui/e2e/site"
)

// TestSambaIntoTheEmbeddedCloud does the main job on real servers: everything goes to the cloud,
// nothing the second time, and then exactly an administrator's changes. Each of these tests has a
// directory of its own, a whole company, which it compares with the cloud.
func TestSambaIntoTheEmbeddedCloud(t *testing.T) {
	t.Parallel()
	mainJob(t, lab.Samba(t, lab.Company(5000, 100)), site.EmbeddedCloud(t), 5000, false)
}

func TestSambaIntoSCIMMY(t *testing.T) {
	t.Parallel()
	mainJob(t, lab.Samba(t, lab.Company(1000, 40)), site.SCIMMY(servers.Scimmy(t)), 1000, true)
}

func TestOpenLDAPIntoTheEmbeddedCloud(t *testing.T) {
	t.Parallel()
	mainJob(t, lab.Slapd(t, lab.Company(1500, 60)), site.EmbeddedCloud(t), 1500, true)
}

func mainJob(t *testing.T, d *lab.Directory, p site.Cloud, people int, thorough bool) {
	t.Cleanup(d.Close)
	s := site.New(t, d, p, site.Settings{})
	r := s.Sync(t)
	if r.Counts.Users.Add != int64(people) {
		t.Errorf("%d people were added, want %d", r.Counts.Users.Add, people)
	}
	s.Settled(t)
	w := &world{Site: s, left: map[string]account{}, thorough: thorough}
	w.equal(t)
	for _, e := range edits() {
		if !thorough && !e.main {
			continue
		}
		if !t.Run(e.name, func(t *testing.T) { w.edit(t, e) }) {
			t.FailNow() // later steps build on it
		}
	}
	s.Settled(t)
	w.equal(t)
	if p.Sandbox != nil {
		neverTwice(t, p.Sandbox)
	}
}

// neverTwice checks that no account and no group was created twice, and that none was deleted.
func neverTwice(t *testing.T, s *scimtest.Server) {
	t.Helper()
	stats := s.Stats()
	for key, n := range stats.Creates {
		if n > 1 {
			t.Errorf("%s was created %d times", key, n)
		}
	}
	if len(stats.Deletes) > 0 {
		t.Errorf("deleted: %v", stats.Deletes)
	}
}
