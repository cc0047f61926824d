package main

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"handoff/workflow"
)

// Every key is described, and every command is in the README.
func TestDocumentation(t *testing.T) {
	configuration := readDoc(t, "docs", "configuration.md")
	var walk func(t reflect.Type, visit func(key string))
	walk = func(rt reflect.Type, visit func(string)) {
		for _, key := range knownKeys(rt, nil) {
			visit(key)
		}
		for rt.Kind() == reflect.Slice || rt.Kind() == reflect.Pointer {
			rt = rt.Elem()
		}
		if rt.Kind() != reflect.Struct || rt == reflect.TypeFor[Duration]() {
			return
		}
		for f := range rt.Fields() {
			walk(f.Type, visit)
		}
	}
	walk(reflect.TypeFor[Config](), func(key string) {
		if !strings.Contains(configuration, "`"+key+"`") && !strings.Contains(configuration, "["+key+"]") {
			t.Errorf("docs/configuration.md does not describe %q", key)
		}
	})
	readme := readDoc(t, "README.md")
	for line := range strings.Lines(runLine(t.Context(), "").out) {
		name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		if !strings.HasPrefix(line, "  ") || strings.HasPrefix(line, "   ") || strings.HasPrefix(name, "-") {
			continue
		}
		if !strings.Contains(readme, "handoff "+name) && !strings.Contains(readme, "`"+name) && !strings.Contains(readme, name+" --once`") {
			t.Errorf("README.md does not name the command %q", name)
		}
	}
}

// The README's import files are taken in as they stand there.
func TestReadmeFilesImport(t *testing.T) {
	blocks := strings.Split(readDoc(t, "README.md"), "\n\n")
	var people, pieces string
	for _, b := range blocks {
		text := strings.ReplaceAll(strings.TrimPrefix(b, "    "), "\n    ", "\n") + "\n"
		switch {
		case strings.HasPrefix(text, "email,"):
			people = text
		case strings.HasPrefix(text, "code,"):
			pieces = text
		}
	}
	a := newAgency(t)
	a.run(a.initArgs()...)
	a.try("import", a.write("people.csv", people), a.write("pieces.csv", pieces)).want(t, exitOK, "people: 3 added", "pieces: 1 added")
	a.try("piece", "show", "BREW-1").want(t, exitOK, "copy edit    waiting  Cora Lee")
}

// The README's commands on people and pieces do what it says, in its order.
func TestReadmeCommands(t *testing.T) {
	readme := readDoc(t, "README.md")
	a := newAgency(t)
	a.run(a.initArgs()...)
	people := regexp.MustCompile(`(?m)^    (email,.*(?:\n    \S+@.*)+)`).FindStringSubmatch(readme)
	if people == nil {
		t.Fatal("no people.csv in the README")
	}
	a.run("import", a.write("people.csv", strings.ReplaceAll(people[1], "\n    ", "\n")+"\n"))
	words := regexp.MustCompile(`"[^"]*"|\S+`)
	commands := 0
	for _, section := range []string{"## A piece from start to finish", "## Contributors begin"} {
		_, text, _ := strings.Cut(readme, section)
		text, _, _ = strings.Cut(text, "\n## ")
		for line := range strings.Lines(text) {
			if !strings.HasPrefix(line, "    handoff ") {
				continue
			}
			line, _, _ = strings.Cut(line, " #")
			var args []string
			for _, w := range words.FindAllString(line, -1)[1:] {
				args = append(args, strings.Trim(w, `"`))
			}
			if args[1] == "pass" { // what comes by mail before
				a.run("person", "acknowledged", args[2])
				for range 4 {
					a.run("piece", "advance", "DEMO-1")
				}
			}
			commands++
			if r := a.try(args...); r.code != exitOK || strings.Contains(r.out, "already") {
				t.Errorf("%s: exit code %d\n%s%s", strings.TrimSpace(line), r.code, r.out, r.err)
			}
		}
	}
	if commands != 12 {
		t.Errorf("%d commands", commands)
	}
}

func readDoc(t *testing.T, name ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(append([]string{"..", ".."}, name...)...))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

// Every wait, every sort of risk and every flag of the report is described.
func TestReportsDocumented(t *testing.T) {
	reports := readDoc(t, "docs", "reports.md")
	for _, i := range workflow.NewReport(workflow.ReportOptions{}).Report().Interfaces {
		name := "`" + i.Name + "`"
		if i.Part == workflow.Handoffs {
			name = i.Stage.Label()
		}
		if !strings.Contains(reports, name) {
			t.Errorf("docs/reports.md does not describe %s", name)
		}
	}
	for _, k := range workflow.RiskKinds() {
		if !strings.Contains(reports, "| `"+string(k)+"` |") {
			t.Errorf("docs/reports.md does not describe the risk %s", k)
		}
	}
	for line := range strings.Lines(runLine(t.Context(), "", "report", "--help").out) {
		flag, _, _ := strings.Cut(strings.TrimSpace(line), "=")
		flag, _, _ = strings.Cut(flag, " ")
		if strings.HasPrefix(flag, "--") && flag != "--config" && flag != "--log-level" && !strings.Contains(reports, flag) {
			t.Errorf("docs/reports.md does not name %s", flag)
		}
	}
}
