//go:build ignore

// Count reads what `go test -json` prints and shows it as `go test` would: a line a package and the whole output of what
// failed; then what was skipped and why, and a closing line with the counts, which is also written to the file named by its argument.
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// event is one line of test2json.
type event struct {
	Action      string
	Package     string
	ImportPath  string // of build output
	Test        string
	Output      string
	FailedBuild string
}

type test struct{ pkg, name string }

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(file string) error {
	output := map[test]*strings.Builder{}
	verdicts := map[string][]test{}
	skips := map[test]string{}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 16<<20)
	for in.Scan() {
		var e event
		if err := json.Unmarshal(in.Bytes(), &e); err != nil {
			fmt.Println(in.Text()) // the go command's own words
			continue
		}
		if e.Action == "build-output" {
			fmt.Print(e.Output)
			continue
		}
		t := test{e.Package, e.Test}
		if output[t] == nil {
			output[t] = &strings.Builder{}
		}
		switch e.Action {
		case "output":
			output[t].WriteString(e.Output)
			continue
		case "pass", "fail", "skip":
		default:
			continue
		}
		if e.Test != "" {
			verdicts[e.Action] = append(verdicts[e.Action], t)
			if e.Action == "skip" {
				skips[t] = output[t].String()
			}
			if e.Action == "fail" {
				fmt.Print(output[t])
			}
			delete(output, t)
			continue
		}
		if e.Action == "fail" {
			fmt.Print(output[t])
			// What was still running when the package ended: a panic or a timeout left it without a verdict.
			for open, text := range output {
				if open.pkg == e.Package && open.name != "" {
					verdicts["fail"] = append(verdicts["fail"], open)
					fmt.Print(text)
				}
			}
			if !slices.ContainsFunc(verdicts["fail"], func(failed test) bool { return failed.pkg == e.Package }) {
				verdicts["fail"] = append(verdicts["fail"], test{e.Package, "(does not build, or ended early)"})
			}
		} else {
			fmt.Print(lastLine(output[t].String()))
		}
		for open := range output {
			if open.pkg == e.Package {
				delete(output, open)
			}
		}
	}
	if err := in.Err(); err != nil {
		return err
	}
	if len(skips) > 0 {
		fmt.Println("\nskipped:")
		for _, t := range slices.SortedFunc(maps.Keys(skips), compare) {
			fmt.Printf("  %s %s: %s\n", t.pkg, t.name, reason(skips[t]))
		}
	}
	passed, failed := len(verdicts["pass"]), len(verdicts["fail"])
	if failed > 0 {
		fmt.Println("\nfailed:")
		slices.SortFunc(verdicts["fail"], compare)
		for _, t := range verdicts["fail"] {
			fmt.Printf("  %s %s\n", t.pkg, t.name)
		}
	}
	closing := fmt.Sprintf("%d passed, %d failed, %d skipped\n", passed, failed, len(skips))
	fmt.Print("\n" + closing)
	if err := os.WriteFile(file, []byte(closing), 0o644); err != nil {
		return err
	}
	if passed == 0 {
		return fmt.Errorf("no test ran")
	}
	return nil
}

func compare(a, b test) int { return cmp.Or(cmp.Compare(a.pkg, b.pkg), cmp.Compare(a.name, b.name)) }

// lastLine is the package's "ok" line, without what its tests printed.
func lastLine(s string) string {
	s = strings.TrimRight(s, "\n")
	return s[strings.LastIndexByte(s, '\n')+1:] + "\n"
}

// reason is what t.Skip said.
func reason(output string) string {
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "===") && !strings.HasPrefix(line, "---") {
			return line
		}
	}
	return "no reason given"
}
