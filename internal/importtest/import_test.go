package importtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/napkin-infra/napkin/"

// foundation lists the packages of the lowest storey in their order: each may import those before it.
var foundation = []string{"unit", "procfs", "scratch", "rate", "estimate", "limit", "report", "suppress", "progress", "database", "sqltoken", "schema", "workspace"}

// place is where a package stands: its storey, and within it the unit that has no sideways imports.
type place struct {
	storey int // 0 foundation, 1 engine, 2 engagement, 3 face
	unit   string
	rank   int // within the foundation
}

const (
	foundationStorey = iota
	engineStorey
	engagementStorey
	faceStorey
)

// locate places a package path that is relative to the module. Packages under internal and the root
// package stand outside the storeys: they hold tests and what tests need.
func locate(path string) (place, bool, error) {
	parts := strings.Split(path, "/")
	if len(parts) < 2 {
		if parts[0] == "web" {
			return place{storey: faceStorey, unit: "web"}, true, nil
		}
		return place{}, false, nil
	}
	switch parts[0] {
	case "foundation":
		for i, name := range foundation {
			if name == parts[1] {
				return place{storey: foundationStorey, unit: name, rank: i}, true, nil
			}
		}
		return place{}, false, fmt.Errorf("%s is not in the order of the foundation; give it a place there and in docs/architecture.md", path)
	case "engine":
		return place{storey: engineStorey, unit: parts[1]}, true, nil
	case "engagement":
		return place{storey: engagementStorey, unit: parts[1]}, true, nil
	case "cmd", "web":
		return place{storey: faceStorey, unit: parts[0]}, true, nil
	}
	return place{}, false, nil
}

// complaint says why from may not import to, or nothing.
func complaint(from, to place) string {
	switch {
	case to.storey > from.storey:
		return "imports point down"
	case to.storey < from.storey || to.unit == from.unit || from.storey == faceStorey:
		return ""
	case from.storey == foundationStorey && to.rank < from.rank:
		return ""
	case from.storey == foundationStorey:
		return "the foundation is ordered, and this points up in it"
	}
	return "no imports sideways between engines or between engagements"
}

func TestRules(t *testing.T) {
	for _, c := range []struct {
		from, to string
		ok       bool
	}{
		{"cmd/napkin", "engagement/audit", true},
		{"cmd/napkin", "foundation/unit", true},
		{"engagement/audit", "engine/calc", true},
		{"engagement/audit/code/flow", "engagement/audit/code/syntax", true},
		{"foundation/report", "foundation/unit", true},
		{"foundation/report", "foundation/report/chart", true},
		{"engagement/audit", "engagement/review", false},
		{"engine/calc", "engine/datadiff", false},
		{"engine/calc", "engagement/audit", false},
		{"foundation/unit", "foundation/report", false},
		{"foundation/schema", "engine/calc", false},
		{"engagement/audit", "cmd/napkin", false},
	} {
		from, _, err := locate(c.from)
		if err != nil {
			t.Fatal(err)
		}
		to, _, err := locate(c.to)
		if err != nil {
			t.Fatal(err)
		}
		if got := complaint(from, to) == ""; got != c.ok {
			t.Errorf("%s imports %s: allowed %v, want %v", c.from, c.to, got, c.ok)
		}
	}
	if _, _, err := locate("foundation/util"); err == nil {
		t.Error("a package outside the order of the foundation has a place")
	}
}

// TestStoreys reads the imports of every file of the module, whatever its build tags.
func TestStoreys(t *testing.T) {
	root := moduleRoot(t)
	files := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			if path != root && (strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "testdata" || name == "node_modules" || name == "examples") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		files++
		relative, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		checkFile(t, path, filepath.ToSlash(relative))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 20 {
		t.Errorf("only %d files were read; the test looks in the wrong place", files)
	}
}

func checkFile(t *testing.T, path, relative string) {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Errorf("%s: %v", relative, err)
		return
	}
	from, placed, err := locate(strings.TrimSuffix(relative, "/"+filepath.Base(path)))
	if err != nil {
		t.Errorf("%s: %v", relative, err)
		return
	}
	if !placed {
		return
	}
	test := strings.HasSuffix(relative, "_test.go")
	for _, spec := range file.Imports {
		target, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		local, ours := strings.CutPrefix(target, module)
		if !ours {
			continue
		}
		if strings.HasPrefix(local, "internal/") {
			if !test && !strings.Contains(relative, "test/") {
				t.Errorf("%s imports %s: what tests need is imported by tests only", relative, local)
			}
			continue
		}
		to, ok, err := locate(local)
		if err != nil {
			t.Errorf("%s: %v", relative, err)
			continue
		}
		if !ok {
			continue
		}
		if why := complaint(from, to); why != "" {
			t.Errorf("%s imports %s: %s", relative, local, why)
		}
	}
	if test || from.storey == faceStorey {
		return
	}
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		switch name := printed(call.Fun); name {
		case "fmt.Print", "fmt.Printf", "fmt.Println", "os.Exit", "log.Fatal", "log.Fatalf", "log.Print", "log.Printf", "log.Println", "print", "println":
			t.Errorf("%s: %s below the faces; return a value or an error", set.Position(call.Pos()), name)
		}
		return true
	})
}

// printed returns the name that a call is written with: "fmt.Print", "println".
func printed(fun ast.Expr) string {
	switch f := fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		if x, ok := f.X.(*ast.Ident); ok {
			return x.Name + "." + f.Sel.Name
		}
	}
	return ""
}

func moduleRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = parent
	}
}
