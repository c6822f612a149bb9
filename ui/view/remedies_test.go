package view

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// TestEveryRemedyHasAFormForEachFrontEnd reads the texts of the engine, of both sides and of the
// program. One that names a verb must name a key in the console and a choice in the accessible mode;
// only what is typed in a terminal by design may stay. The form for verbs names no key.
func TestEveryRemedyHasAFormForEachFrontEnd(t *testing.T) {
	t.Parallel()
	verb := regexp.MustCompile(`dirbridge [a-z]+( --[a-z]+)?|--[a-z]{2,}`)
	key := regexp.MustCompile(`\[[A-Za-z]\]|press [a-z]\b|page \d`)
	n := 0
	for _, text := range engineTexts(t) {
		if key.MatchString(text.is) {
			t.Errorf("%s: the form for verbs names a key or a page: %q", text.at, text.is)
		}
		if !verb.MatchString(text.is) && fileWords(text.is) == "" {
			continue
		}
		n++
		for _, to := range []Audience{Console, Plain} {
			said := In(to, text.is)
			if again := In(to, said); again != said {
				t.Errorf("%s: said twice it becomes %q", text.at, again)
			}
			if at := verb.FindString(terminal.Replace(said)); at != "" {
				t.Errorf("%s: for front end %d it names %q: %q", text.at, to, at, said)
			}
			if at := fileWords(said); at != "" {
				t.Errorf("%s: for front end %d it names the key %q of the file (ui/view/keys.go has the words): %q",
					text.at, to, at, said)
			}
		}
	}
	if n < 40 {
		t.Errorf("only %d remedies were found", n)
	}
}

// terminal is what is typed in a terminal by design, whatever shows it.
var terminal = strings.NewReplacer("dirbridge run", "", "retro-changelog set --attribute", "")

// fileWords returns a key of the configuration file, or a section, that a text names.
func fileWords(text string) string {
	if at := regexp.MustCompile(`\[\[?[a-z]{3,}\]`).FindString(text); at != "" {
		return at
	}
	for _, word := range regexp.MustCompile(`[a-z]+[a-z_.]*_[a-z_]+`).FindAllString(text, -1) {
		if names()[word[strings.LastIndexByte(word, '.')+1:]] {
			return word
		}
	}
	return ""
}

// names are the keys of the file, from its manual.
var names = sync.OnceValue(func() map[string]bool {
	manual, err := os.ReadFile(filepath.Join("..", "..", "docs", "configuration.md"))
	if err != nil {
		panic(err)
	}
	all := map[string]bool{}
	for _, name := range regexp.MustCompile("`([a-z_]+)`").FindAllSubmatch(manual, -1) {
		all[string(name[1])] = true
	}
	return all
})

type sourceText struct{ at, is string }

// engineTexts returns the texts of several words in the packages whose messages every front end shows.
func engineTexts(t *testing.T) (all []sourceText) {
	t.Helper()
	files := token.NewFileSet()
	for _, folder := range []string{"sync", "ldap", "cloud", "program"} {
		err := filepath.WalkDir(filepath.Join("..", "..", folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() && strings.HasSuffix(path, "test") {
				return fs.SkipDir
			}
			if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return nil
			}
			f, err := parser.ParseFile(files, path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(f, func(n ast.Node) bool {
				e, ok := n.(ast.Expr)
				if !ok {
					return true
				}
				text, whole := folded(e)
				if whole && strings.Count(text, " ") > 1 && !strings.Contains(text, "\n") {
					all = append(all, sourceText{files.Position(e.Pos()).String(), text})
				}
				return !whole
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

var placeholder = regexp.MustCompile(`%[a-z]`)

// folded joins the parts of a text; a value that is not known here is 7.
func folded(e ast.Expr) (text string, whole bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return "", false
		}
		text, _ = strconv.Unquote(e.Value)
		return placeholder.ReplaceAllString(text, "7"), true
	case *ast.BinaryExpr:
		left, l := folded(e.X)
		right, r := folded(e.Y)
		if e.Op != token.ADD || !l && !r {
			return "", false
		}
		if !l {
			left = "7"
		}
		if !r {
			right = "7"
		}
		return left + right, true
	}
	return "", false
}
