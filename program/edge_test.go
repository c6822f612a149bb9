package program

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestSecretsStopAtTheEdge checks that every error an adapter method returns has had its secrets
// removed, so that a new method cannot forget it.
func TestSecretsStopAtTheEdge(t *testing.T) {
	t.Parallel()
	for folder, adapter := range map[string]string{"ldap": "Source", "cloud": "Target"} {
		found := 0
		files, err := filepath.Glob(filepath.Join("..", folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range file.Decls {
				f, ok := d.(*ast.FuncDecl)
				if !ok || !f.Name.IsExported() || f.Name.Name == "Close" || receiver(f) != adapter || !returnsError(f) ||
					strings.HasSuffix(name, "_test.go") {
					continue
				}
				found++
				if !freesError(f) {
					t.Errorf("%s: %s.%s does not begin with: defer ...secrets.In(&err)", name, adapter, f.Name.Name)
				}
			}
		}
		if found < 8 {
			t.Errorf("%s: %d methods were found", folder, found)
		}
	}
}

func receiver(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return ""
	}
	if star, ok := f.Recv.List[0].Type.(*ast.StarExpr); ok {
		if name, ok := star.X.(*ast.Ident); ok {
			return name.Name
		}
	}
	return ""
}

func returnsError(f *ast.FuncDecl) bool {
	return f.Type.Results != nil && slices.ContainsFunc(f.Type.Results.List, func(r *ast.Field) bool {
		name, ok := r.Type.(*ast.Ident)
		return ok && name.Name == "error"
	})
}

func freesError(f *ast.FuncDecl) bool {
	d, ok := f.Body.List[0].(*ast.DeferStmt)
	if !ok {
		return false
	}
	call, ok := d.Call.Fun.(*ast.SelectorExpr)
	return ok && call.Sel.Name == "In"
}
