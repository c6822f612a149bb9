package plan_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
)

// full is a plan with 300 rows in every table, which readers read in two pages.
func full(t testing.TB, path string) *plan.Plan { return filled(t, path, 300) }

func filled(t testing.TB, path string, rows int) *plan.Plan {
	t.Helper()
	w, err := plan.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range mixed(rows) {
		must(w.Add(c))
	}
	for i := range rows {
		must(w.AddProblem(identity.User, problem(i)))
		must(w.AddUnmatched(unmatched(i)))
		must(w.AddShadow(*person(i).After))
		must(w.Forget(identity.NewAnchor("corp", fmt.Sprint(i))))
		must(w.AddEdge([]string{"corp", "lab"}[i%2], edge(i)))
		must(w.AddContainer([]string{"corp", "lab"}[i%2], container(i)))
		must(w.ChangeEdge(edgeChange(i).Directory, edgeChange(i).Edge, edgeChange(i).Removed))
		must(w.AddDeferred(deferred(i)))
		must(w.AddWithheld(withheld(i)))
		must(w.Settle(identity.NewAnchor("lab", fmt.Sprint(rows-i))))
	}
	must(w.ReplaceDeferred())
	must(w.ReplaceDeferred())
	must(w.SetValue("cookie:corp", "old"))
	must(w.SetValue("cookie:corp", "new"))
	must(w.SetValue("adopted", "1"))
	p, err := w.Seal(header())
	must(err)
	t.Cleanup(func() { p.Close() })
	return p
}

func problem(i int) identity.Problem {
	return identity.Problem{Anchor: identity.NewAnchor("corp", fmt.Sprint(i)), DN: fmt.Sprintf("CN=P%d,DC=x", i),
		Attribute: "mail",
		Side:      identity.InDirectory, Message: "The required attribute mail is missing", Remedy: "Set it"}
}

func unmatched(i int) plan.Unmatched {
	return plan.Unmatched{ID: identity.ResourceID(fmt.Sprint("id", i)), Kind: identity.User,
		Key:  fmt.Sprintf("Guest%d@example.com", i),
		Name: "Guest", Active: i%2 == 0, Admin: i%3 == 0, Kept: "reported only"}
}

func edge(i int) identity.Edge {
	return identity.Edge{Kind: identity.Membership, From: "corp:g",
		To: identity.Ref{DN: fmt.Sprintf("CN=M%d", i), SID: "S-1-5"}}
}

func container(i int) identity.Container {
	return identity.Container{Anchor: identity.NewAnchor("corp", fmt.Sprint(i)), DN: fmt.Sprintf("OU=%d,DC=x", i),
		Parent: "DC=x"}
}

func edgeChange(i int) plan.EdgeChange {
	return plan.EdgeChange{Directory: []string{"corp", "lab", ""}[i%3], Removed: i%2 == 0,
		Edge: identity.Edge{Kind: identity.Manager,
			From: identity.NewAnchor("corp", fmt.Sprint(i%7)),
			To:   identity.Ref{Anchor: identity.NewAnchor("lab", fmt.Sprint(i)), DN: "CN=x", SID: "S-1"}}}
}

func deferred(i int) identity.Deferred {
	return identity.Deferred{Anchor: identity.NewAnchor("corp", fmt.Sprint(500-i)), Kind: identity.User,
		Key: fmt.Sprintf("trouble%d@x.org", i), Again: i%4 == 0}
}

// content is everything in a plan.
type content struct {
	Header     plan.Header
	Changes    []plan.Change
	Problems   []identity.Problem
	Unmatched  []plan.Unmatched
	Shadows    []identity.Shadow
	Forgets    []identity.Anchor
	Edges      []identity.Edge
	Containers []identity.Container
	Values     []string
	Changed    []plan.EdgeChange
	Deferred   []identity.Deferred
	Settled    []identity.Anchor
	Replaces   bool
}

func read(ctx context.Context, p *plan.Plan) (content, error) {
	c := content{Header: p.Header(), Replaces: p.ReplacesDeferred()}
	err := errors.Join(
		p.Changes(ctx, func(x plan.Change) error { c.Changes = append(c.Changes, x); return nil }),
		p.Problems(ctx, func(k identity.Kind, x identity.Problem) error { c.Problems = append(c.Problems, x); return nil }),
		p.Unmatched(ctx, func(x plan.Unmatched) error { c.Unmatched = append(c.Unmatched, x); return nil }),
		p.Shadows(ctx, func(x identity.Shadow) error { c.Shadows = append(c.Shadows, x); return nil }),
		p.Forgets(ctx, func(x identity.Anchor) error { c.Forgets = append(c.Forgets, x); return nil }),
		p.Edges(ctx, "lab", func(x identity.Edge) error { c.Edges = append(c.Edges, x); return nil }),
		p.Containers(ctx, "lab", func(x identity.Container) error { c.Containers = append(c.Containers, x); return nil }),
		p.Values(ctx, func(n, v string) error { c.Values = append(c.Values, n+"="+v); return nil }),
		p.EdgeChanges(ctx, func(x plan.EdgeChange) error { c.Changed = append(c.Changed, x); return nil }),
		p.Deferred(ctx, func(x identity.Deferred) error { c.Deferred = append(c.Deferred, x); return nil }),
		p.Settled(ctx, func(x identity.Anchor) error { c.Settled = append(c.Settled, x); return nil }),
	)
	return c, err
}

func TestEveryTableReadsBack(t *testing.T) {
	p := full(t, "")
	if err := p.Verify(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, err := read(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	want := content{Header: p.Header(), Changes: mixed(300), Values: []string{"adopted=1", "cookie:corp=new"},
		Replaces: true}
	for i := range 300 {
		want.Changes[i].Seq = int64(i + 1)
		want.Problems = append(want.Problems, problem(i))
		want.Unmatched = append(want.Unmatched, unmatched(i))
		want.Shadows = append(want.Shadows, *person(i).After)
		want.Forgets = append(want.Forgets, identity.NewAnchor("corp", fmt.Sprint(i)))
		want.Changed, want.Deferred = append(want.Changed, edgeChange(i)), append(want.Deferred, deferred(i))
		want.Settled = append(want.Settled, identity.NewAnchor("lab", fmt.Sprint(300-i)))
		if i%2 == 1 {
			want.Edges = append(want.Edges, edge(i))
			want.Containers = append(want.Containers, container(i))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// ReplacesDeferred decides which objects the next run looks at again.
func TestDeferredReplaceOthersOnlyWhereThePlanSaysSo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.plan")
	p := write(t, path, people(2)...)
	if p.ReplacesDeferred() {
		t.Error("a plan that says nothing of troubles replaces them")
	}
	p.Close()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("INSERT INTO replaced VALUES (1, 'trouble')"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	if err := openAndVerify(path); !errors.Is(err, plan.ErrChanged) {
		t.Errorf("a plan that was made to replace them: %v", err)
	}
}

func TestProblemAndAccountListsAreFiltered(t *testing.T) {
	p, ctx := full(t, ""), t.Context()
	problems, err := p.ProblemWindow(ctx, "cn=p29", 1, 3)
	if err != nil {
		t.Fatal(err)
	}
	want := []plan.RecordProblem{{Kind: identity.User, Problem: problem(290)},
		{Kind: identity.User, Problem: problem(291)}, {Kind: identity.User, Problem: problem(292)}}
	if diff := cmp.Diff(want, problems); diff != "" {
		t.Error(diff)
	}
	accounts, err := p.UnmatchedWindow(ctx, "GUEST29", 10, 5)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]plan.Unmatched{unmatched(299)}, accounts); diff != "" {
		t.Error(diff)
	}
	tail, err := p.UnmatchedWindow(ctx, "", 298, 10)
	if err != nil || len(tail) != 2 || tail[0] != unmatched(298) {
		t.Errorf("the end of the list is %v, %v", tail, err)
	}
	for _, c := range []struct {
		count  func(context.Context, string) (int64, error)
		filter string
		want   int64
	}{{p.ProblemCount, "", 300}, {p.ProblemCount, "MAIL IS MISSING", 300}, {p.ProblemCount, "cn=p29", 11},
		{p.UnmatchedCount, "", 300}, {p.UnmatchedCount, "nobody", 0}} {
		if got, err := c.count(ctx, c.filter); err != nil || got != c.want {
			t.Errorf("%q counts %d, %v; want %d", c.filter, got, err, c.want)
		}
	}
}

func TestDigestDependsOnlyOnContent(t *testing.T) {
	a, b := full(t, "").Header(), full(t, "").Header()
	if a.Digest != b.Digest || len(a.Digest) != 64 || a.ID != a.Digest[:12] {
		t.Errorf("digests %s and %s, id %s", a.Digest, b.Digest, a.ID)
	}
	changes := mixed(300)
	base := write(t, "", changes...).Header().Digest
	changes[100].Fields = []plan.FieldDiff{{Name: "title", Old: []string{"ab", "c"}}}
	one := write(t, "", changes...).Header().Digest
	changes[100].Fields = []plan.FieldDiff{{Name: "title", Old: []string{"a", "bc"}}}
	two := write(t, "", changes...).Header().Digest
	if base == one || one == two {
		t.Error("other changes have the same digest")
	}
}

// openAndVerify does what apply does first.
func openAndVerify(path string) error {
	p, err := plan.Open(path)
	if err != nil {
		return err
	}
	defer p.Close()
	return p.Verify(context.Background())
}

func TestChangedFilesAreRefused(t *testing.T) {
	edit := func(statements ...string) func(*testing.T, string) {
		return func(t *testing.T, path string) {
			db, err := sql.Open("sqlite", path)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			for _, s := range statements {
				if _, err := db.Exec(s); err != nil {
					t.Fatal(s, err)
				}
			}
		}
	}
	bytewise := func(fn func([]byte) []byte) func(*testing.T, string) {
		return func(t *testing.T, path string) {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, fn(b), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	replace := func(content string) func(*testing.T, string) {
		return bytewise(func([]byte) []byte { return []byte(content) })
	}
	base := full(t, "")
	whole, err := os.ReadFile(base.Path())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		damage func(*testing.T, string)
		want   error
	}{
		"cut in half":       {bytewise(func(b []byte) []byte { return b[:len(b)/2] }), plan.ErrChanged},
		"cut by a page":     {bytewise(func(b []byte) []byte { return b[:len(b)-8192] }), plan.ErrChanged},
		"cut by a byte":     {bytewise(func(b []byte) []byte { return b[:len(b)-1] }), plan.ErrChanged},
		"cut to its header": {bytewise(func(b []byte) []byte { return b[:100] }), plan.ErrChanged},
		"cut within header": {bytewise(func(b []byte) []byte { return b[:50] }), plan.ErrNotPlan},
		"longer":            {bytewise(func(b []byte) []byte { return append(b, 0) }), plan.ErrChanged},
		"value edited": {bytewise(func(b []byte) []byte {
			return bytes.Replace(b, []byte("user250@"), []byte("evil250@"), 1)
		}), plan.ErrChanged},
		"payload edited": {edit("UPDATE change SET payload = (SELECT payload FROM change WHERE seq = 2) WHERE seq = 1"),
			plan.ErrChanged},
		"payload emptied":      {edit("UPDATE change SET payload = x'' WHERE seq = 1"), plan.ErrChanged},
		"row hidden in views":  {edit("UPDATE facet SET action = 'match' WHERE seq = 4"), plan.ErrChanged},
		"row hidden by filter": {edit("UPDATE search SET text = '' WHERE seq = 4"), plan.ErrChanged},
		"reason reworded":      {edit("UPDATE label SET text = 'nothing much' WHERE seq = 1"), plan.ErrChanged},
		"row removed":          {edit("DELETE FROM change WHERE seq = 7"), plan.ErrChanged},
		"last row removed": {edit("DELETE FROM change WHERE seq = 300", "DELETE FROM facet WHERE seq = 300",
			"DELETE FROM search WHERE seq = 300"), plan.ErrChanged},
		"row added": {edit("INSERT INTO change SELECT 301, payload FROM change WHERE seq = 1"), plan.ErrChanged},
		"row far away": {edit("INSERT INTO change SELECT 9223372036854775807, payload FROM change WHERE seq = 1"),
			plan.ErrChanged},
		"row before the first": {
			edit("INSERT INTO facet SELECT -5, action, kind, missing, cause, reason, fields, drift FROM facet WHERE seq = 1"),
			plan.ErrChanged},
		"problem removed": {edit("DELETE FROM problem"), plan.ErrChanged},
		"shadow edited": {edit("UPDATE shadow SET payload = (SELECT payload FROM shadow WHERE seq = 2) WHERE seq = 1"),
			plan.ErrChanged},
		"edge turned round": {edit("UPDATE edge_change SET removed = 1 - removed WHERE seq = 9"), plan.ErrChanged},
		"edges out of order": {edit("UPDATE edge_change SET seq = seq + 1000", "UPDATE edge_change SET seq = 1301 - seq"),
			plan.ErrChanged},
		"edge change removed": {edit("DELETE FROM edge_change WHERE seq = 300"), plan.ErrChanged},
		"trouble edited":      {edit("UPDATE trouble SET key = 'x' WHERE seq = 5"), plan.ErrChanged},
		"trouble put off":     {edit("UPDATE trouble SET again = 0"), plan.ErrChanged},
		"settled swapped":     {edit("UPDATE settled SET anchor = 'corp:1' WHERE seq = 2"), plan.ErrChanged},
		"troubles kept":       {edit("DELETE FROM replaced"), plan.ErrChanged},
		"reason taken out": {
			edit("UPDATE plan SET value = replace(value, 'position was lost', 'nothing') WHERE name = 'header'"),
			plan.ErrChanged},
		"cookie edited": {edit("UPDATE value SET value = 'x'"), plan.ErrChanged},
		"hold lifted": {edit("UPDATE plan SET value = replace(value, 'empty-source', 'none') WHERE name = 'header'"),
			plan.ErrChanged},
		"organization swapped": {edit("UPDATE plan SET value = replace(value, 'org1', 'org2') WHERE name = 'header'"),
			plan.ErrChanged},
		"digest edited": {edit("UPDATE plan SET value = replace(value, substr(value, 1, 1), 'x') WHERE name = 'digest'"),
			plan.ErrChanged},
		"digest gone":    {edit("DELETE FROM plan WHERE name = 'digest'"), plan.ErrChanged},
		"header gone":    {edit("DELETE FROM plan WHERE name = 'header'"), plan.ErrChanged},
		"header no JSON": {edit("UPDATE plan SET value = '{' WHERE name = 'header'"), plan.ErrChanged},
		"a view for a table": {edit("ALTER TABLE change RENAME TO c2", "CREATE VIEW change AS SELECT * FROM c2"),
			plan.ErrChanged},
		"a table more":     {edit("CREATE TABLE extra (x)"), plan.ErrChanged},
		"a table less":     {edit("DROP TABLE forget"), plan.ErrChanged},
		"a trigger":        {edit("CREATE TRIGGER t AFTER INSERT ON change BEGIN SELECT 1; END"), plan.ErrChanged},
		"foreign database": {edit("PRAGMA application_id = 7"), plan.ErrNotPlan},
		"text":             {replace("dn: cn=x\n"), plan.ErrNotPlan},
		"long text":        {replace(strings.Repeat("dn: cn=x\n", 10_000)), plan.ErrNotPlan},
		"empty":            {replace(""), plan.ErrNotPlan},
		"newer format":     {edit("PRAGMA user_version = 4"), plan.ErrNewer},
		"format of before": {edit("PRAGMA user_version = 2"), plan.ErrChanged},
		"withheld removed": {edit("DELETE FROM withheld"), plan.ErrChanged},
		"withheld edited":  {edit("UPDATE withheld SET payload = replace(payload, 'corp', 'evil')"), plan.ErrChanged},
		"older format":     {edit("PRAGMA user_version = 1"), plan.ErrOlder},
		"no format":        {edit("PRAGMA user_version = 0"), plan.ErrChanged},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.plan")
			if err := os.WriteFile(path, whole, 0o600); err != nil {
				t.Fatal(err)
			}
			c.damage(t, path)
			err := openAndVerify(path)
			if !errors.Is(err, c.want) {
				t.Fatalf("got %v; want %v", err, c.want)
			}
			if !strings.Contains(err.Error(), path) || identity.Remedy(err) == "" {
				t.Errorf("error %q does not name the file, or has no remedy (%q)", err, identity.Remedy(err))
			}
		})
	}
}

func TestMissingFileIsReported(t *testing.T) {
	for name, path := range map[string]string{"missing": filepath.Join(t.TempDir(), "no.plan"), "directory": t.TempDir()} {
		_, err := plan.Open(path)
		if err == nil || identity.Remedy(err) == "" || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v (remedy %q)", name, err, identity.Remedy(err))
		}
	}
}

// A plan that verifies is what was sealed, whatever byte is changed.
func TestEveryChangedByteIsDetected(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.plan")
	p := filled(t, path, 40)
	want, err := read(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	p.Close()
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	seen := 0
	for i := range 200 {
		at := random.IntN(len(whole))
		if i < 60 {
			at = i // the header of the file
		}
		b := bytes.Clone(whole)
		b[at] ^= byte(1 + random.IntN(255))
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := plan.Open(path)
		if err != nil {
			seen++
			continue
		}
		if err := p.Verify(t.Context()); err != nil {
			seen++
		} else if got, err := read(t.Context(), p); err != nil || !cmp.Equal(want, got) {
			t.Errorf("byte %d changed from %x to %x: verified, but reads %v\n%s", at, whole[at], b[at], err, cmp.Diff(want, got))
		}
		p.Close()
	}
	if seen < 50 {
		t.Errorf("only %d of 200 changes were seen", seen)
	}
}

func TestSaveAs(t *testing.T) {
	dir := t.TempDir()
	p := full(t, "")
	to := filepath.Join(dir, "saved.plan")
	if err := p.SaveAs(to); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(to); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v; want 0600", info.Mode(), err)
	}
	other := write(t, "", people(3)...)
	if err := other.SaveAs(to); err != nil {
		t.Fatalf("a plan does not replace a plan: %v", err)
	}
	if err := openAndVerify(to); err != nil {
		t.Error(err)
	}
	if saved, err := plan.Open(to); err != nil || saved.Header().ID != other.Header().ID || saved.Len() != 3 {
		t.Errorf("the saved plan is another one (%v)", err)
	} else {
		saved.SaveAs(to) // onto itself: nothing to do
		saved.Close()
	}
	letter := filepath.Join(dir, "letter.txt")
	if err := os.WriteFile(letter, []byte("dear"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := p.SaveAs(letter)
	if err == nil || identity.Remedy(err) == "" {
		t.Errorf("a letter is overwritten: %v", err)
	}
	if _, err := plan.Create(letter); err == nil {
		t.Error("Create would overwrite a letter")
	}
	if b, _ := os.ReadFile(letter); string(b) != "dear" {
		t.Errorf("the letter reads %q", b)
	}
	if err := p.SaveAs(filepath.Join(dir, "no", "such", "dir.plan")); identity.Remedy(err) == "" {
		t.Errorf("no remedy: %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 2 {
		t.Errorf("more is left than the plan and the letter: %v", left)
	}
}

func TestTemporaryAndDiscardedPlansAreRemoved(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	p := write(t, "", people(2)...)
	if !strings.HasPrefix(p.Path(), dir+string(filepath.Separator)) {
		t.Errorf("the plan is at %s", p.Path())
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	w, err := plan.Create(filepath.Join(dir, "out.plan"))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Add(person(1)); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "out.plan")); err == nil {
		t.Error("an unfinished plan stands under its name")
	}
	if err := errors.Join(w.Discard(), w.Discard()); err != nil {
		t.Fatal(err)
	}
	if err := w.Add(person(2)); err == nil {
		t.Error("a discarded plan takes changes")
	}
	if _, err := w.Seal(header()); err == nil {
		t.Error("a discarded plan is sealed")
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

func TestSeqIsAssignedOrTheNextOne(t *testing.T) {
	w, err := plan.Create("")
	if err != nil {
		t.Fatal(err)
	}
	defer w.Discard()
	c := person(1)
	c.Seq = 1
	if err := w.Add(c); err != nil {
		t.Fatal(err)
	}
	c.Seq = 7
	if err := w.Add(c); err == nil {
		t.Error("a plan with a hole is not refused")
	}
}

func TestReadingWritesNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.plan")
	full(t, path).Close()
	if err := os.Chmod(path, 0o400); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir, 0o700)
	p, err := plan.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := p.Verify(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Count(t.Context(), plan.View{Filter: "user"}); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("beside the plan: %v", left)
	}
}

func FuzzOpen(f *testing.F) {
	path := filepath.Join(f.TempDir(), "seed.plan")
	write(f, path, mixed(5)...).Close()
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	// Mutations of a complete plan at some places, so that the corpus stays small.
	f.Add(uint32(0), []byte("SQLite format 3\x00"))
	f.Add(uint32(28), binary.BigEndian.AppendUint32(nil, 1))
	f.Add(uint32(100), []byte{0x0d, 0, 0, 0xff, 0xff})
	f.Add(uint32(8192), []byte{5, 0, 0, 0, 1})
	f.Add(uint32(8192*3-40), bytes.Repeat([]byte{0xff}, 40))
	f.Fuzz(func(t *testing.T, at uint32, patch []byte) {
		b := bytes.Clone(whole)
		copy(b[int(at)%len(b):], patch)
		path := filepath.Join(t.TempDir(), "a.plan")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := plan.Open(path)
		if err != nil {
			return
		}
		defer p.Close()
		verified := p.Verify(t.Context())
		_, unread := read(t.Context(), p)
		if verified == nil && unread != nil {
			t.Errorf("verified, but cannot be read: %v", unread)
		}
		p.Count(t.Context(), plan.View{Filter: "user"})
		p.WindowAt(t.Context(), plan.View{Actions: []plan.Action{plan.Add}}, 1, 3)
		p.Grouped(t.Context(), "field", plan.View{})
	})
}
