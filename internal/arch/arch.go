// Package arch holds the import rules between the packages of this module, and checks source trees against them.
package arch

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// File is one Go source file and what it imports.
type File struct {
	Path    string // slash-separated, from the module's root
	Imports []string
}

// dir is the package's directory, "." for the root.
func (f File) dir() string { return path.Dir(f.Path) }

// test tells whether the file is compiled into tests only.
func (f File) test() bool { return strings.HasSuffix(f.Path, "_test.go") }

// Parse reads the imports of every Go file below the root of fsys, whatever its build constraints. Directories that the go
// tool leaves out (testdata, vendor, a leading dot or underscore) are left out here too.
func Parse(fsys fs.FS) ([]File, error) {
	var files []File
	fset := token.NewFileSet()
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := d.Name()
		hidden := name != "." && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_"))
		if d.IsDir() {
			if hidden || base == "testdata" || base == "vendor" {
				return fs.SkipDir
			}
			return nil
		}
		if hidden || path.Ext(base) != ".go" {
			return nil
		}
		src, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		parsed, err := parser.ParseFile(fset, name, src, parser.ImportsOnly)
		if err != nil {
			return err
		}
		f := File{Path: name}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return fmt.Errorf("%s: import %s: %w", name, spec.Path.Value, err)
			}
			f.Imports = append(f.Imports, imported)
		}
		files = append(files, f)
		return nil
	})
	return files, err
}

// Rule is what one package, and those below it that have no rule of their own, must not import outside tests.
type Rule struct {
	Package string
	// Never lists import paths. Each stands for itself and all below it. A path of this module begins with "./"; "./..."
	// is every package of this module.
	Never []string
	// But are exceptions from Never.
	But []string
}

// Fence is an import path that only some files may name, tests excepted.
type Fence struct {
	Path string   // as in Rule.Never
	Open []string // path.Match patterns of files, or directories ending in "/"
}

// Reach is an import path that a package must not get at through other packages of this module either.
type Reach struct {
	Package string
	Path    string // as in Rule.Never
}

// Rules are all import rules of a module.
type Rules struct {
	Module  string
	Rules   []Rule
	Fences  []Fence
	Reaches []Reach
}

// Check lists every breach, one sentence each, in the order of the files.
func (r Rules) Check(files []File) []string {
	var found []string
	for _, f := range files {
		if f.test() {
			continue
		}
		for _, imported := range f.Imports {
			if rule, ok := r.ruleOf(f.dir()); ok && r.forbids(rule, f.dir(), imported) {
				found = append(found, fmt.Sprintf("%s: package %s must not import %s", f.Path, f.dir(), imported))
			}
			for _, fence := range r.Fences {
				if covers(r.absolute(fence.Path), imported) && !covers(r.absolute(fence.Path), path.Join(r.Module, f.dir())) && !fence.admits(f.Path) {
					found = append(found, fmt.Sprintf("%s: only %s may import %s", f.Path, strings.Join(fence.Open, ", "), imported))
				}
			}
		}
	}
	for _, reach := range r.Reaches {
		if chain := r.chain(files, path.Join(r.Module, reach.Package), r.absolute(reach.Path)); len(chain) > 2 {
			found = append(found, fmt.Sprintf("package %s must not reach %s: %s", reach.Package, reach.Path, strings.Join(chain, " -> ")))
		}
	}
	return found
}

// ruleOf is the rule of the directory, or of the nearest one above it that has any.
func (r Rules) ruleOf(dir string) (Rule, bool) {
	for d := dir; ; d = path.Dir(d) {
		i := slices.IndexFunc(r.Rules, func(rule Rule) bool { return rule.Package == d })
		if i >= 0 {
			return r.Rules[i], true
		}
		if d == "." {
			return Rule{}, false
		}
	}
}

func (r Rules) forbids(rule Rule, dir, imported string) bool {
	if covers(path.Join(r.Module, dir), imported) { // its own inside
		return false
	}
	any := func(paths []string) bool {
		return slices.ContainsFunc(paths, func(p string) bool { return covers(r.absolute(p), imported) })
	}
	return any(rule.Never) && !any(rule.But)
}

func (r Rules) absolute(p string) string {
	if p == "./..." {
		return r.Module
	}
	if inside, ok := strings.CutPrefix(p, "./"); ok {
		return r.Module + "/" + inside
	}
	return p
}

// covers tells whether imported is root or lies below it.
func covers(root, imported string) bool {
	return imported == root || strings.HasPrefix(imported, root+"/")
}

func (f Fence) admits(file string) bool {
	return slices.ContainsFunc(f.Open, func(p string) bool {
		if strings.HasSuffix(p, "/") {
			return strings.HasPrefix(file, p)
		}
		ok, err := path.Match(p, file)
		return err == nil && ok
	})
}

// chain is the shortest way of imports from one package of the module to target, through packages of the module only; nil if there is none.
func (r Rules) chain(files []File, from, target string) []string {
	imports := map[string][]string{}
	for _, f := range files {
		if !f.test() {
			pkg := path.Join(r.Module, f.dir())
			imports[pkg] = append(imports[pkg], f.Imports...)
		}
	}
	ways := [][]string{{from}}
	seen := map[string]bool{from: true}
	for len(ways) > 0 {
		way := ways[0]
		ways = ways[1:]
		for _, next := range imports[way[len(way)-1]] {
			if covers(target, next) {
				return append(slices.Clone(way), next)
			}
			if covers(r.Module, next) && !seen[next] {
				seen[next] = true
				ways = append(ways, append(slices.Clone(way), next))
			}
		}
	}
	return nil
}
