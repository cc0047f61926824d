package arch_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"handoff/internal/arch"
)

func TestImports(t *testing.T) {
	root := filepath.Join("..", "..")
	if _, err := os.Stat(filepath.Join(root, "go.mod")); err != nil {
		t.Fatalf("the module's root is not where it is expected: %v", err)
	}
	files, err := arch.Parse(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 20 {
		t.Fatalf("only %d Go files found: the walk misses the tree", len(files))
	}
	for _, breach := range arch.Handoff().Check(files) {
		t.Error(breach)
	}
}

// A rule about a package that is gone would hold for ever: every rule's package exists, but for those still to come.
func TestRulesNamePackages(t *testing.T) {
	planned := map[string]bool{"board": true}
	for _, rule := range arch.Handoff().Rules {
		_, err := os.Stat(filepath.Join("..", "..", filepath.FromSlash(rule.Package)))
		if err != nil && !planned[rule.Package] {
			t.Errorf("rule of %s: %v", rule.Package, err)
		}
	}
}

func TestCheckFindsBreaches(t *testing.T) {
	tests := []struct {
		name  string
		files []arch.File
		want  []string
	}{
		{
			name: "what the design allows",
			files: []arch.File{
				{Path: "workflow/rules.go", Imports: []string{"time", "github.com/rickar/cal/v2"}},
				{Path: "inbox/read.go", Imports: []string{"handoff/blob", "github.com/jhillyerd/enmime/v2"}},
				{Path: "inbox/imap/client.go", Imports: []string{"handoff/inbox", "github.com/emersion/go-imap/v2/imapclient"}},
				{Path: "outbox/smtp/send.go", Imports: []string{"handoff/outbox", "github.com/wneessen/go-mail"}},
				{Path: "outbox/outbox.go", Imports: []string{"handoff/workflow", "handoff/templates"}},
				{Path: "store/open.go", Imports: []string{"gorm.io/gorm", "database/sql", "handoff/proxy", "handoff/store/migrations"}},
				{Path: "cmd/handoff/demo_cast.go", Imports: []string{"handoff/internal/mailtest"}},
				{Path: "proxy/proxy_test.go", Imports: []string{"handoff/store", "handoff/internal/mailtest"}},
				{Path: "internal/mailtest/office.go", Imports: []string{"handoff/internal/mailtest/samples"}},
			},
		},
		{
			name:  "the domain imports another package of ours",
			files: []arch.File{{Path: "workflow/rules.go", Imports: []string{"handoff/internal/clock"}}},
			want:  []string{"workflow/rules.go: package workflow must not import handoff/internal/clock"},
		},
		{
			name:  "a package below one with a rule, without its own",
			files: []arch.File{{Path: "inbox/mime/scan.go", Imports: []string{"handoff/workflow"}}},
			want:  []string{"inbox/mime/scan.go: package inbox/mime must not import handoff/workflow"},
		},
		{
			name:  "a package below one with a rule, with its own",
			files: []arch.File{{Path: "inbox/imap/client.go", Imports: []string{"handoff/store"}}},
			want:  []string{"inbox/imap/client.go: package inbox/imap must not import handoff/store"},
		},
		{
			name: "SQL outside the store",
			files: []arch.File{
				{Path: "cmd/handoff/status.go", Imports: []string{"database/sql"}},
				{Path: "cmd/handoff/main.go", Imports: []string{"gorm.io/driver/sqlite"}},
			},
			want: []string{
				"cmd/handoff/status.go: only store/ may import database/sql",
				"cmd/handoff/main.go: only store/ may import gorm.io/driver/sqlite",
			},
		},
		{
			name:  "test servers in the product",
			files: []arch.File{{Path: "cmd/handoff/serve.go", Imports: []string{"handoff/internal/mailtest"}}},
			want:  []string{"cmd/handoff/serve.go: only internal/bench/, cmd/handoff/demo*.go, cmd/handoff/demo/ may import handoff/internal/mailtest"},
		},
		{
			name: "gorm through a package between",
			files: []arch.File{
				{Path: "proxy/apply.go", Imports: []string{"handoff/internal/rows"}},
				{Path: "internal/rows/rows.go", Imports: []string{"handoff/store"}},
				{Path: "store/open.go", Imports: []string{"gorm.io/gorm"}},
			},
			want: []string{"package proxy must not reach gorm.io: handoff/proxy -> handoff/internal/rows -> handoff/store -> gorm.io/gorm"},
		},
		{
			name:  "a name that only begins like a forbidden one",
			files: []arch.File{{Path: "web/routes.go", Imports: []string{"handoff/storefront", "gorm.iota/x"}}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, arch.Handoff().Check(tt.files)); diff != "" {
				t.Errorf("breaches (-want +got):\n%s", diff)
			}
		})
	}
}

// Every single rule is broken once, so that none of them is dead.
func TestEveryRuleBites(t *testing.T) {
	rules := arch.Handoff()
	inside := func(p string) string {
		if p == "./..." {
			return "handoff/elsewhere"
		}
		if rest, ok := strings.CutPrefix(p, "./"); ok {
			return "handoff/" + rest
		}
		return p + "/part"
	}
	for _, rule := range rules.Rules {
		for _, never := range rule.Never {
			file := arch.File{Path: rule.Package + "/broken.go", Imports: []string{inside(never)}}
			if len(rules.Check([]arch.File{file})) == 0 {
				t.Errorf("package %s importing %s goes unnoticed", rule.Package, inside(never))
			}
		}
	}
	for _, fence := range rules.Fences {
		file := arch.File{Path: "elsewhere/broken.go", Imports: []string{inside(fence.Path)}}
		if len(rules.Check([]arch.File{file})) == 0 {
			t.Errorf("the fence around %s is open", fence.Path)
		}
	}
	for _, reach := range rules.Reaches {
		files := []arch.File{
			{Path: reach.Package + "/broken.go", Imports: []string{"handoff/between"}},
			{Path: "between/between.go", Imports: []string{inside(reach.Path)}},
		}
		breaches := rules.Check(files)
		found := false
		for _, b := range breaches {
			found = found || strings.HasPrefix(b, "package "+reach.Package+" must not reach "+reach.Path+":")
		}
		if !found {
			t.Errorf("package %s reaching %s goes unnoticed: %q", reach.Package, reach.Path, breaches)
		}
	}
}

func TestParse(t *testing.T) {
	tree := fstest.MapFS{
		"a/a.go":               {Data: []byte("package a\n\nimport (\n\t\"fmt\"\n\tx \"handoff/b\"\n)\n")},
		"a/a_windows.go":       {Data: []byte("//go:build windows\n\npackage a\n\nimport \"syscall\"\n")},
		"a/testdata/broken.go": {Data: []byte("not Go")},
		".hidden/h.go":         {Data: []byte("not Go")},
		"a/notes.txt":          {Data: []byte("not Go")},
	}
	files, err := arch.Parse(tree)
	if err != nil {
		t.Fatal(err)
	}
	want := []arch.File{
		{Path: "a/a.go", Imports: []string{"fmt", "handoff/b"}},
		{Path: "a/a_windows.go", Imports: []string{"syscall"}},
	}
	if diff := cmp.Diff(want, files); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}

	tree["b/b.go"] = &fstest.MapFile{Data: []byte("package b\nimport oops")}
	if _, err := arch.Parse(tree); err == nil {
		t.Error("a file that does not parse must be an error")
	}
}
