package draft_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"handoff/inbox/draft"
	"handoff/inbox/draft/pdf"
)

// TestMain is also the command that reads PDFs: tests start themselves with this argument.
const readPDF = "read-pdf"

func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == readPDF {
		os.Exit(pdf.Main(os.Stdin, os.Stdout, os.Stderr))
	}
	flag.Parse()
	os.Exit(m.Run())
}

func options(t testing.TB) draft.Options {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return draft.Options{PDF: []string{self, readPDF}}
}

func read(t testing.TB, name string, raw []byte) (draft.Draft, error) {
	t.Helper()
	return draft.Read(context.Background(), name, "", bytes.NewReader(raw), int64(len(raw)), options(t))
}

// load reads a file of testdata. One called x.docx.parts holds the parts of an archive x.docx, each after a line with its
// name: -- name --.
func load(t testing.TB, file string) (name string, raw []byte) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	name, parts := strings.CutSuffix(filepath.Base(file), ".parts")
	if !parts {
		return name, raw
	}
	var files []part
	for l := range strings.Lines(string(raw)) {
		if s, ok := strings.CutPrefix(l, "-- "); ok && strings.HasSuffix(s, " --\n") {
			files = append(files, part{name: strings.TrimSuffix(s, " --\n")})
			continue
		}
		files[len(files)-1].text += l
	}
	return name, archive(t, files...)
}

type part struct{ name, text string }

func archive(t testing.TB, parts ...part) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, p := range parts {
		w, err := z.Create(p.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(p.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestCases reads every file of testdata and compares with x.want.md and x.want.json. To see a change of either,
// run it with -update and look at the difference.
func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/[0-9]*")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		if strings.Contains(file, ".want.") {
			continue
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			name, raw := load(t, file)
			d, err := read(t, name, raw)
			if err != nil {
				t.Fatal(err)
			}
			got := d.Markdown
			d.Markdown = ""
			rest, err := json.MarshalIndent(d, "", "\t")
			if err != nil {
				t.Fatal(err)
			}
			compare(t, file+".want.md", got)
			compare(t, file+".want.json", string(rest)+"\n")
		})
	}
}

var update = flag.Bool("update", false, "write the want files")

func compare(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}
