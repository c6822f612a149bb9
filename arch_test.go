package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

const module = "dirbridge"

// part is a piece of the tree: a folder with everything below it that is not a separate part. may
// lists the parts that its packages may import, besides each other.
type part struct {
	folder string
	may    []string
}

var leaves = []string{"sync/identity", "sync/schema", "sync/record"}

// stages are what every stage of a plan may import.
var stages = with(leaves, "sync/stage", "sync/fingerprint", "sync/facts", "sync/workdb", "sync/digest", "sync/policy",
	"sync/port", "sync/plan", "sync/mapping", "sync/scratch")

// pages are what a page of the console may import: never another page.
var pages = with(leaves, "sync/control", "config", "ui/component", "ui/look", "ui/page", "ui/page/draw", "ui/scope",
	"ui/view")

// parts are the arrows of docs/design.md. A folder that is not listed may import no package of this
// module, unless it is in composition.
var parts = []part{
	{"program", nil},
	{"ui/e2e", nil},
	{"ui/uitest", with(leaves, "sync/control", "sync/plan")},
	{"config", []string{"sync/fileperm", "sync/scratch"}},
	{"ui", with(leaves, "sync/control", "config", "ui/view", "ui/wizard")},
	{"ui/app", with(pages, "ui/page/check", "ui/page/convert", "ui/page/dashboard", "ui/page/dryrun", "ui/page/events",
		"ui/page/history",
		"ui/page/mapping", "ui/page/objects", "ui/page/purge", "ui/page/settings", "ui/page/setup", "ui/page/signin",
		"ui/wizard")},
	{"ui/page", with(leaves, "sync/control", "config", "ui/look", "ui/view")},
	{"ui/page/check", pages},
	{"ui/page/convert", pages},
	{"ui/page/dashboard", pages},
	{"ui/page/dryrun", pages},
	{"ui/page/events", pages},
	{"ui/page/history", pages},
	{"ui/page/mapping", pages},
	{"ui/page/objects", pages},
	{"ui/page/purge", pages},
	{"ui/page/settings", with(pages, "ui/component/form", "ui/wizard")},
	{"ui/page/setup", with(leaves, "sync/control", "ui/component", "ui/component/form", "ui/look", "ui/page",
		"ui/page/draw", "ui/view", "ui/wizard")},
	{"ui/page/signin", with(pages, "ui/component/form", "ui/wizard")},
	{"ui/page/draw", with(leaves, "sync/control", "ui/component", "ui/look", "ui/page", "ui/view")},
	{"ui/component", []string{"ui/look", "ui/page"}},
	{"ui/component/form", with(leaves, "ui/component", "ui/look", "ui/page", "ui/wizard")},
	{"ui/view", with(leaves, "sync/control", "config", "ui/look")},
	{"ui/wizard", with(leaves, "sync/control", "config", "ui/look")},
	{"ui/plain", with(leaves, "sync/control", "config", "ui/look", "ui/scope", "ui/view", "ui/wizard")},
	{"sync/control", with(leaves, "sync/explain", "sync/apply", "sync/queue", "sync/facts", "sync", "sync/policy",
		"sync/port", "sync/plan", "config")},
	{"sync/service", with(leaves, "sync/apply", "sync/queue", "sync/facts", "sync", "sync/policy", "sync/port",
		"sync/plan")},
	{"sync/store", with(leaves, "sync/port", "sync/plan", "sync/fileperm", "sync/scratch")},
	{"sync", with(stages, "sync/apply", "sync/read", "sync/match", "sync/guard", "sync/diff", "sync/seal", "sync/purge",
		"sync/undo", "sync/affected", "sync/explain", "sync/queue")},
	{"sync/read", stages},
	{"sync/match", with(stages, "sync/read")},
	{"sync/guard", with(stages, "sync/read", "sync/match")},
	{"sync/diff", with(stages, "sync/read", "sync/match", "sync/guard")},
	{"sync/seal", with(stages, "sync/read", "sync/match", "sync/guard", "sync/diff")},
	{"sync/purge", with(stages, "sync/read", "sync/match", "sync/guard", "sync/diff", "sync/queue")},
	{"sync/undo", with(stages, "sync/read", "sync/match", "sync/guard", "sync/diff", "sync/queue")},
	{"sync/affected", with(stages, "sync/read", "sync/diff")},
	{"sync/explain", with(stages, "sync/read", "sync/affected", "sync/match", "sync/guard", "sync/diff", "sync/queue")},
	{"sync/port", with(leaves, "sync/plan")},
	{"sync/policy", with(leaves, "sync/plan")},
	{"sync/workdb", with(leaves, "sync/digest", "sync/plan", "sync/port", "sync/scratch")},
	{"sync/digest", nil},
	{"sync/apply", with(leaves, "sync/stage", "sync/fingerprint", "sync/queue", "sync/facts", "sync/workdb",
		"sync/policy", "sync/port", "sync/plan", "sync/mapping")},
	{"sync/fingerprint", with(leaves, "sync/digest")},
	{"sync/stage", with(leaves, "sync/fingerprint", "sync/digest", "sync/facts", "sync/mapping", "sync/plan",
		"sync/policy", "sync/port", "sync/workdb")},
	{"sync/queue", with(leaves, "sync/facts", "sync/policy", "sync/port", "sync/plan")},
	{"sync/facts", with(leaves, "sync/port", "sync/plan")},
	{"sync/plan", with(leaves, "sync/fileperm", "sync/scratch")},
	{"sync/fileperm", leaves},
	{"sync/mapping", leaves},
	{"sync/sample", leaves},
	{"sync/redact", []string{"sync/identity"}},
	{"sync/scratch", []string{"sync/identity"}},
	{"sync/identity", nil},
	{"sync/schema", nil},
	{"sync/record", []string{"sync/identity"}},
	{"cloud/proxy", []string{"sync/identity", "sync/redact"}},
	{"ldap", []string{"sync/identity", "sync/redact"}},
	{"ldap/ldaptest", []string{"sync/identity", "sync/sample"}},
	{"ldap/ldaptest/lab", []string{"sync/identity"}},
	{"cloud", with(leaves, "cloud/clock", "sync/plan", "sync/redact")},
	{"cloud/auth", []string{"sync/identity", "sync/redact", "sync/scratch", "cloud/clock"}},
	{"cloud/clock", nil},
	{"cloud/scimtest/elimity", nil},
	{"cloud/scimtest", with(leaves, "cloud/webex", "sync/plan", "sync/sample")},
	{"sync/synctest", with(leaves, "sync/apply", "sync/queue", "sync/facts", "sync", "sync/policy", "sync/port",
		"sync/plan", "sync/mapping")},
}

// composition lists the parts that may import all others. main imports program, and only the
// end-to-end tests import either.
var composition = []string{"", "program", "ui/e2e"}

// onlyTests lists parts that only tests may import; main may not.
var onlyTests = []string{"sync/synctest", "ldap/ldaptest/lab", "cloud/scimtest/elimity", "ui/e2e", "ui/uitest"}

// confined lists libraries that only the given folders may import.
var confined = map[string][]string{"github.com/go-ldap/": {"ldap"}}

// namesOfNothing lists names that do not tell what a package is for.
var namesOfNothing = []string{"util", "utils", "common", "types", "helper", "helpers", "misc", "base", "shared"}

// maxColumns is the maximum length of a line of Go. A tab counts as one column; raw strings, which
// are data, do not count.
const maxColumns = 120

func with(list []string, more ...string) []string { return append(slices.Clone(list), more...) }

// listed is a package as `go list -json` describes it, without test imports.
type listed struct {
	ImportPath     string
	Name           string
	Dir            string
	Imports        []string
	GoFiles        []string
	IgnoredGoFiles []string // of other platforms
}

func TestImportArrows(t *testing.T) {
	packages := list(t)
	for _, b := range breaches(packages) {
		t.Error(b)
	}
	for _, p := range packages {
		for _, name := range append(p.GoFiles, p.IgnoredGoFiles...) {
			source, err := os.ReadFile(filepath.Join(p.Dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if b := shadowing(p.ImportPath+"/"+name, source); b != "" {
				t.Error(b)
			}
		}
	}
}

// breaches returns the imports that violate the arrows.
func breaches(packages []listed) []string {
	var found []string
	for _, p := range packages {
		folder := folderOf(p.ImportPath)
		if slices.Contains(namesOfNothing, path.Base(p.ImportPath)) || slices.Contains(namesOfNothing, p.Name) {
			found = append(found, fmt.Sprintf("%s: the name of the package says nothing of what it is for", p.ImportPath))
		}
		for _, imported := range p.Imports {
			if why := forbidden(folder, imported); why != "" {
				found = append(found, fmt.Sprintf("%s imports %s: %s", p.ImportPath, imported, why))
			}
		}
	}
	return found
}

// forbidden returns why the package in folder may not import the other one, or "".
func forbidden(folder, imported string) string {
	if imported == "C" {
		return "there is no cgo here"
	}
	for library, places := range confined {
		if strings.HasPrefix(imported, library) && !slices.ContainsFunc(places,
			func(place string) bool { return within(folder, place) }) {
			return "only " + strings.Join(places, " and ") + " may"
		}
	}
	if !within(imported, module) {
		return ""
	}
	target := folderOf(imported)
	from, to := partOf(folder), partOf(target)
	switch {
	case slices.Contains(onlyTests, to.folder) && from.folder != to.folder && from.folder != "ui/e2e":
		return "only tests may"
	case target == "", target == "program" && !slices.Contains(composition, from.folder):
		return "nothing imports main, and main alone imports program"
	case folder == "", from.folder != "" && slices.Contains(composition, from.folder):
		return ""
	case from.folder == to.folder && from.folder != "", slices.Contains(from.may, to.folder),
		slices.Contains(from.may, target):
		return ""
	case from.folder == "":
		return folder + " is not in the design: docs/design.md and arch_test.go say what a package may import"
	}
	return fmt.Sprintf("%s may import of ours: %s", from.folder, strings.Join(from.may, ", "))
}

// partOf returns the part that the folder belongs to: the longest one that contains it.
func partOf(folder string) part {
	var longest part
	for _, p := range parts {
		if within(folder, p.folder) && len(p.folder) > len(longest.folder) {
			longest = p
		}
	}
	return longest
}

func within(p, folder string) bool { return p == folder || strings.HasPrefix(p, folder+"/") }

func folderOf(importPath string) string {
	return strings.TrimPrefix(strings.TrimPrefix(importPath, module), "/")
}

// TestTheRootIsSmall checks that the root contains only the command, its test, the promises and this file.
func TestTheRootIsSmall(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"arch_test.go", "main.go", "main_test.go", "promises_test.go"}; !slices.Equal(files, want) {
		t.Errorf("Go files in the root: %q, want %q", files, want)
	}
}

// sqlPackages are those that may have SQL: the work database, the state, plan files and the check.
var sqlPackages = []string{"sync/workdb", "sync/store", "sync/plan", "sync/check"}

var sqlText = regexp.MustCompile(`\b(SELECT|INSERT|UPDATE|DELETE|CREATE)\s`)

// TestSQLStaysInItsPackages: a stage of a plan asks the work database by its methods.
func TestSQLStaysInItsPackages(t *testing.T) {
	for _, p := range list(t) {
		folder := folderOf(p.ImportPath)
		if !strings.HasPrefix(folder+"/", "sync/") || slices.Contains(sqlPackages, folder) {
			continue
		}
		for _, name := range append(p.GoFiles, p.IgnoredGoFiles...) {
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if text, ok := n.(*ast.BasicLit); ok && text.Kind == token.STRING && sqlText.MatchString(text.Value) {
					t.Errorf("%s/%s:%d: SQL", folder, name, files.Position(text.Pos()).Line)
				}
				return true
			})
		}
	}
}

// shadowing reports a file that imports both our sync and the standard one, unless the standard one
// is named stdsync.
func shadowing(name string, source []byte) string {
	file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.ImportsOnly)
	if err != nil {
		return err.Error()
	}
	ours, bare := false, false
	for _, i := range file.Imports {
		switch importPath(i) {
		case module + "/sync":
			ours = true
		case "sync":
			bare = i.Name == nil || i.Name.Name != "stdsync"
		}
	}
	if ours && bare {
		return name + ": imports both packages sync: the standard one must be named stdsync"
	}
	return ""
}

func importPath(i *ast.ImportSpec) string {
	p, err := strconv.Unquote(i.Path.Value)
	if err != nil {
		return i.Path.Value
	}
	return p
}

func TestLineLength(t *testing.T) {
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(name) != ".go" {
			return err
		}
		source, err := os.ReadFile(name)
		if err != nil || strings.HasPrefix(string(source), "// Code generated ") {
			return err
		}
		for n, line := range strings.Split(withoutRawStrings(source), "\n") {
			if columns := utf8.RuneCountInString(line); columns > maxColumns {
				t.Errorf("%s:%d: %d columns", name, n+1, columns)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestMapOfTheCode checks that every file named in the map and the glossary exists, and contains
// the functions that the line names with it.
func TestMapOfTheCode(t *testing.T) {
	quoted := regexp.MustCompile("`([^`]+)`")
	for _, page := range []string{"docs/design.md", "docs/glossary.md"} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for n, line := range strings.Split(string(text), "\n") {
			var names []string
			for _, m := range quoted.FindAllStringSubmatch(line, -1) {
				names = append(names, m[1])
			}
			if err := found(names, page == "docs/design.md"); err != nil {
				t.Errorf("%s:%d: %v", page, n+1, err)
			}
		}
	}
}

// found checks that the files are among names and, with functions set, contain the functions.
func found(names []string, functions bool) error {
	identifier := regexp.MustCompile(`^[A-Za-z]+(\.[A-Za-z]+)?$`)
	var sources strings.Builder
	for _, name := range names {
		if !strings.HasSuffix(name, ".go") || !strings.Contains(name, "/") {
			continue // doc.go of each package
		}
		files, err := filepath.Glob(name)
		if err != nil || len(files) == 0 {
			return fmt.Errorf("there is no %s", name)
		}
		for _, file := range files {
			source, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			sources.Write(source)
		}
	}
	for _, name := range names {
		function := name[strings.LastIndex(name, ".")+1:]
		if functions && sources.Len() > 0 && identifier.MatchString(name) && !strings.Contains(sources.String(), function) {
			return fmt.Errorf("%s is not in the files of that line", name)
		}
	}
	return nil
}

// withoutRawStrings returns the source with the lines of raw strings emptied.
func withoutRawStrings(source []byte) string {
	file := token.NewFileSet().AddFile("", -1, len(source))
	var s scanner.Scanner
	s.Init(file, source, nil, 0)
	var text strings.Builder
	from := 0
	for {
		pos, kind, literal := s.Scan()
		switch at := file.Offset(pos); {
		case kind == token.EOF:
			text.Write(source[from:])
			return text.String()
		case kind == token.STRING && literal[0] == '`':
			text.Write(source[from:at])
			text.WriteString(strings.Repeat("\n", strings.Count(literal, "\n")))
			from = at + len(literal)
		}
	}
}

// list asks the go command for every package of the module, and also for the imports of files for
// other platforms.
func list(t *testing.T) []listed {
	t.Helper()
	var packages []listed
	goList(t, func(decode func(any) error) error {
		var p listed
		if err := decode(&p); err != nil {
			return err
		}
		p.IgnoredGoFiles = slices.DeleteFunc(p.IgnoredGoFiles, func(name string) bool {
			return strings.HasSuffix(name,
				"_test.go")
		})
		for _, name := range p.IgnoredGoFiles {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.ImportsOnly)
			if err != nil {
				return err
			}
			for _, i := range file.Imports {
				p.Imports = append(p.Imports, importPath(i))
			}
		}
		packages = append(packages, p)
		return nil
	}, "-json=ImportPath,Name,Dir,Imports,GoFiles,IgnoredGoFiles", "./...")
	return packages
}

// goList runs go list and calls each until all output is read.
func goList(t *testing.T, each func(decode func(any) error) error, args ...string) {
	t.Helper()
	c := exec.Command("go", append([]string{"list"}, args...)...)
	var complaint strings.Builder
	c.Stderr = &complaint
	out, err := c.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, complaint.String())
	}
	d := json.NewDecoder(strings.NewReader(string(out)))
	for {
		if err := each(d.Decode); err == io.EOF {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func TestBreachesAreFound(t *testing.T) {
	for _, c := range []struct {
		from, imported string
		broken         bool
	}{
		{"dirbridge", "dirbridge/program", false},
		{"dirbridge/program", "dirbridge/ldap", false},
		{"dirbridge/program", "dirbridge/ui/app", false},
		{"dirbridge/program", "dirbridge", true},
		{"dirbridge/program", "dirbridge/ldap/ldaptest/lab", true},
		{"dirbridge/program", "github.com/go-ldap/ldap/v3", true},
		{"dirbridge/ui/cli", "dirbridge/program", true},
		{"dirbridge/newcomer", "dirbridge/program", true},
		{"dirbridge/ui/e2e/site", "dirbridge/program", false},
		{"dirbridge/ui/e2e/site", "dirbridge/ldap/ldaptest/lab", false},
		{"dirbridge/ui/e2e/site", "dirbridge", true},
		{"dirbridge/program", "dirbridge/ui/e2e/site", true},
		{"dirbridge", "dirbridge/ldap/ldaptest/lab", true},
		{"dirbridge", "github.com/go-ldap/ldap/v3", true},
		{"dirbridge/config", "dirbridge/sync/identity", true},
		{"dirbridge/config", "github.com/BurntSushi/toml", false},
		{"dirbridge/ldap", "dirbridge/sync/identity", false},
		{"dirbridge/ldap", "dirbridge/sync", true},
		{"dirbridge/ldap", "dirbridge/sync/record", true},
		{"dirbridge/ldap", "dirbridge/sync/sample", true},
		{"dirbridge/ldap", "dirbridge/cloud", true},
		{"dirbridge/ldap", "dirbridge/config", true},
		{"dirbridge/ldap", "github.com/go-ldap/ldap/v3", false},
		{"dirbridge/ldap/ldaptest", "dirbridge/sync/sample", false},
		{"dirbridge/ldap/ldaptest", "dirbridge/ldap", true},
		{"dirbridge/ldap/ldaptest", "dirbridge/cloud/scimtest", true},
		{"dirbridge/cloud", "dirbridge/sync/plan", false},
		{"dirbridge/cloud", "dirbridge/sync", true},
		{"dirbridge/cloud", "dirbridge/ldap", true},
		{"dirbridge/cloud", "github.com/go-ldap/ldap/v3", true},
		{"dirbridge/cloud", "dirbridge/cloud/webex", false},
		{"dirbridge/cloud/webex", "dirbridge/sync/schema", false},
		{"dirbridge/cloud/scimtest", "dirbridge/cloud/webex", false},
		{"dirbridge/cloud/scimtest", "dirbridge/cloud", true},
		{"dirbridge/ui/app", "dirbridge/sync/control", false},
		{"dirbridge/ui/app", "dirbridge/sync/record", false},
		{"dirbridge/ui/app", "dirbridge/config", false},
		{"dirbridge/ui/app", "dirbridge/sync", true},
		{"dirbridge/ui/app", "dirbridge/sync/store", true},
		{"dirbridge/ui/page/events", "dirbridge/ui/page/history", true},
		{"dirbridge/ui/page/events", "dirbridge/ui/app", true},
		{"dirbridge/ui/component", "dirbridge/sync/control", true},
		{"dirbridge/ui/app", "dirbridge/sync/sample", true},
		{"dirbridge/ui/plain", "dirbridge/ui/view", false},
		{"dirbridge/ui/plain", "dirbridge/ui/app", true},
		{"dirbridge/ui/plain", "dirbridge/config", false},
		{"dirbridge/ui/cli", "dirbridge/ldap", true},
		{"dirbridge/ui/cli", "dirbridge/ui/look", false},
		{"dirbridge/sync", "dirbridge/sync/mapping", false},
		{"dirbridge/sync", "dirbridge/sync/store", true},
		{"dirbridge/sync", "dirbridge/ldap", true},
		{"dirbridge/sync", "dirbridge/cloud", true},
		{"dirbridge/sync", "dirbridge/ui/app", true},
		{"dirbridge/sync/control", "dirbridge/config", false},
		{"dirbridge/sync", "dirbridge/config", true},
		{"dirbridge/sync/store", "dirbridge/sync", true},
		{"dirbridge/sync/store", "dirbridge/sync/plan/wire", false},
		{"dirbridge/sync/plan", "dirbridge/sync/identity", false},
		{"dirbridge/sync/plan", "dirbridge/sync", true},
		{"dirbridge/sync/plan/wire", "dirbridge/sync/store", true},
		{"dirbridge/sync/mapping", "dirbridge/sync/plan", true},
		{"dirbridge/sync/identity", "dirbridge/sync/record", true},
		{"dirbridge/sync/record", "dirbridge/sync/identity", false},
		{"dirbridge/sync/synctest", "dirbridge/sync", false},
		{"dirbridge/sync/synctest", "dirbridge/cloud", true},
		{"dirbridge/sync/synctest", "github.com/go-ldap/ldap/v3", true},
		{"dirbridge/ldap/ldaptest/lab", "github.com/go-ldap/ldap/v3", false},
		{"dirbridge/sync/newcomer", "dirbridge/ldap", true},
		{"dirbridge/newcomer", "dirbridge/sync/identity", true},
		{"dirbridge/newcomer", "strings", false},
		{"dirbridge/sync/identity", "dirbridge", true},
		{"dirbridge/ui/app", "C", true},
	} {
		got := breaches([]listed{{ImportPath: c.from, Name: path.Base(c.from), Imports: []string{"fmt", c.imported}}})
		if broken := len(got) > 0; broken != c.broken {
			t.Errorf("%s -> %s: %q", c.from, c.imported, got)
		}
	}
	for _, name := range []string{"util", "common", "types"} {
		if len(breaches([]listed{{ImportPath: "dirbridge/sync/" + name, Name: name}})) == 0 {
			t.Errorf("a package named %s was let through", name)
		}
	}
}

func TestShadowingIsFound(t *testing.T) {
	for _, c := range []struct {
		imports string
		broken  bool
	}{
		{`import ("sync"; "dirbridge/sync")`, true},
		{`import ("dirbridge/sync"; other "sync")`, true},
		{`import (stdsync "sync"; "dirbridge/sync")`, false},
		{`import "sync"`, false},
		{`import ("sync"; "dirbridge/sync/identity")`, false},
	} {
		if got := shadowing("made_up.go", []byte("package p\n"+c.imports)); (got != "") != c.broken {
			t.Errorf("%s: %q", c.imports, got)
		}
	}
}

// TestExportedNames checks that no exported name of our packages shows a type of the LDAP library,
// and that our sync exports no name of the standard one.
func TestExportedNames(t *testing.T) {
	compiled := map[string]string{}
	goList(t, func(decode func(any) error) error {
		var p struct{ ImportPath, Export string }
		if err := decode(&p); err != nil {
			return err
		}
		compiled[p.ImportPath] = p.Export
		return nil
	}, "-export", "-deps", "-json=ImportPath,Export", "./...")
	from := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser,
		error) {
		return os.Open(compiled[path])
	})
	load := func(path string) *types.Package {
		p, err := from.Import(path)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	for path := range compiled {
		if !within(path, module) || path == module || within(path, module+"/ldap/ldaptest/lab") ||
			within(path, module+"/ui/e2e") {
			continue
		}
		for _, name := range leaks(load(path), "github.com/go-ldap/") {
			t.Errorf("%s: %s shows a type of go-ldap", path, name)
		}
	}
	standard := load("sync").Scope()
	for _, name := range load(module + "/sync").Scope().Names() {
		if token.IsExported(name) && standard.Lookup(name) != nil {
			t.Errorf("%s/sync exports %s, as the standard sync does", module, name)
		}
	}
}

// leaks returns the exported objects of the package whose signature, exported fields or methods
// contain a type of the library.
func leaks(p *types.Package, library string) []string {
	var found []string
	for _, name := range p.Scope().Names() {
		object := p.Scope().Lookup(name)
		if !object.Exported() {
			continue
		}
		seen := map[types.Type]bool{}
		shows := holds(object.Type(), library, seen)
		if named, ok := types.Unalias(object.Type()).(*types.Named); ok && !shows {
			shows = holds(named.Underlying(), library, seen)
			for m := range named.Methods() {
				shows = shows || m.Exported() && holds(m.Type(), library, seen)
			}
		}
		if shows {
			found = append(found, name)
		}
	}
	return found
}

// holds reports whether the type exposes a type of the library.
func holds(t types.Type, library string, seen map[types.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	in := func(t types.Type) bool { return holds(t, library, seen) }
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		// named types of other packages are checked there
		from := t.Obj().Pkg()
		return from != nil && strings.HasPrefix(from.Path(), library) ||
			slices.ContainsFunc(slices.Collect(t.TypeArgs().Types()), in)
	case *types.Pointer:
		return in(t.Elem())
	case *types.Slice:
		return in(t.Elem())
	case *types.Array:
		return in(t.Elem())
	case *types.Chan:
		return in(t.Elem())
	case *types.Map:
		return in(t.Key()) || in(t.Elem())
	case *types.Signature:
		return in(t.Params()) || in(t.Results())
	case *types.Tuple:
		for v := range t.Variables() {
			if in(v.Type()) {
				return true
			}
		}
	case *types.Struct:
		for f := range t.Fields() {
			if (f.Exported() || f.Embedded()) && in(f.Type()) {
				return true
			}
		}
	case *types.Interface:
		for m := range t.Methods() {
			if m.Exported() && in(m.Type()) {
				return true
			}
		}
		for e := range t.EmbeddedTypes() {
			if in(e) {
				return true
			}
		}
	}
	return false
}

func TestLeaksAreFound(t *testing.T) {
	library := types.NewPackage("github.com/go-ldap/ldap/v3", "ldap")
	entry := types.NewTypeName(token.NoPos, library, "Entry", nil)
	types.NewNamed(entry, types.NewStruct(nil, nil), nil)
	library.Scope().Insert(entry)
	library.MarkComplete()
	for source, leaking := range map[string]bool{
		"func F(ldap.Entry) {}":                                         true,
		"func F() (int, *ldap.Entry) { return 0, nil }":                 true,
		"func F(func([]ldap.Entry)) {}":                                 true,
		"type T struct { Entries map[string]ldap.Entry }":               true,
		"type T struct { entry ldap.Entry }":                            false,
		"type T struct { ldap.Entry }":                                  true,
		"type T interface { M(ldap.Entry) }":                            true,
		"type T = ldap.Entry":                                           true,
		"type T struct{}; func (*T) M() (e ldap.Entry) { return }":      true,
		"type T struct{}; func (*T) m() (e ldap.Entry) { return }":      false,
		"var V chan ldap.Entry":                                         true,
		"func f(ldap.Entry) {}; func F(n int) { f(ldap.Entry{}) }":      false,
		"type T[P any] struct{}; func F() (t T[ldap.Entry]) { return }": true,
	} {
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, "made_up.go",
			"package p\nimport \"github.com/go-ldap/ldap/v3\"\nvar _ ldap.Entry\n"+source, 0)
		if err != nil {
			t.Fatal(err)
		}
		c := types.Config{Importer: oneImport{library}}
		p, err := c.Check("dirbridge/ldap", files, []*ast.File{file}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := leaks(p, "github.com/go-ldap/"); (len(got) > 0) != leaking {
			t.Errorf("%s: %q", source, got)
		}
	}
}

type oneImport struct{ p *types.Package }

func (i oneImport) Import(string) (*types.Package, error) { return i.p, nil }
