package main

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"handoff/internal/spell"
)

// ConfigError is everything that is wrong with a configuration file.
type ConfigError struct {
	Path     string
	Problems []Problem
}

// Problem is one mistake. Line is 0 when no line is to blame.
type Problem struct {
	Line int
	Text string
}

func (e *ConfigError) Error() string {
	each := e.Each()
	if len(each) == 1 {
		return each[0].Error()
	}
	text := fmt.Sprintf("%s has %d mistakes:", e.Path, len(each))
	for _, one := range each {
		text += "\n  " + one.Error()
	}
	return text
}

// Each are the mistakes one by one, with file and line.
func (e *ConfigError) Each() []error {
	each := make([]error, len(e.Problems))
	for i, p := range e.Problems {
		at := e.Path
		if p.Line > 0 {
			at += ":" + strconv.Itoa(p.Line)
		}
		each[i] = fmt.Errorf("%s: %s", at, p.Text)
	}
	return each
}

// lineIndex is the line of each key that a file sets, by path: "mailbox[1].user".
type lineIndex map[string]int

// of is the line of key, or of the nearest table around it.
func (x lineIndex) of(key string) int {
	for key != "" {
		if line, ok := x[key]; ok {
			return line
		}
		key = key[:max(strings.LastIndexByte(key, '.'), 0)]
	}
	return 0
}

func indexLines(text []byte) lineIndex {
	index := lineIndex{}
	counts := map[string]int{}
	prefix := ""
	var p unstable.Parser
	p.Reset(text)
	for p.NextExpression() {
		e := p.Expression()
		var path []string
		line := 0
		for it := e.Key(); it.Next(); {
			n := it.Node()
			path = append(path, string(n.Data))
			line = p.Shape(n.Raw).Start.Line
		}
		key := strings.Join(path, ".")
		switch e.Kind {
		case unstable.ArrayTable:
			prefix = fmt.Sprintf("%s[%d]", key, counts[key])
			counts[key]++
			index[prefix] = line
		case unstable.Table:
			// A table inside the array's last element: mailbox.oauth is mailbox[1].oauth.
			for name, n := range counts {
				if rest, ok := strings.CutPrefix(key, name+"."); ok {
					key = fmt.Sprintf("%s[%d].%s", name, n-1, rest)
				}
			}
			prefix = key
			index[prefix] = line
		case unstable.KeyValue:
			if prefix != "" {
				key = prefix + "." + key
			}
			index[key] = line
		}
	}
	return index
}

// decodeError puts go-toml's errors into words with lines.
func decodeError(path string, text []byte, err error) error {
	ce := &ConfigError{Path: path}
	var strict *toml.StrictMissingError
	var one *toml.DecodeError
	switch {
	case errors.As(err, &strict):
		for i := range strict.Errors {
			e := &strict.Errors[i]
			line, _ := e.Position()
			ce.Problems = append(ce.Problems, Problem{line, unknownKey(e.Key())})
		}
	case errors.As(err, &one):
		line, _ := one.Position()
		ce.Problems = append(ce.Problems, Problem{line, valueError(one)})
	default:
		ce.Problems = append(ce.Problems, Problem{bareValueLine(text, err), err.Error()})
	}
	return ce
}

// bareValueLine is where a value stands that was to be in quotes, 0 if err is about something else: go-toml hands a bare
// number to UnmarshalText as well, and then tells no position.
func bareValueLine(text []byte, err error) int {
	var wrong *valueMistake
	if !errors.As(err, &wrong) {
		return 0
	}
	var p unstable.Parser
	p.Reset(text)
	for p.NextExpression() {
		e := p.Expression()
		if e.Kind != unstable.KeyValue || e.Value().Kind == unstable.String || string(e.Value().Data) != wrong.value {
			continue
		}
		for it := e.Key(); it.Next(); {
			return p.Shape(it.Node().Raw).Start.Line
		}
	}
	return 0
}

var secretKeys = []string{"password", "passwd", "pass", "secret", "token", "client_secret", "refresh_token"}

func unknownKey(key toml.Key) string {
	if len(key) == 0 {
		return "unknown key"
	}
	last := key[len(key)-1]
	if slices.Contains(secretKeys, last) {
		return fmt.Sprintf("%s must not be written into this file: put it into an environment variable and name that with %s_env, or into a file and name that with %s_file",
			strings.Join(key, "."), last, last)
	}
	text := fmt.Sprintf("unknown key %q", strings.Join(key, "."))
	known := knownKeys(reflect.TypeFor[Config](), key[:len(key)-1])
	if near := spell.Nearest(last, known); near != "" {
		return text + fmt.Sprintf("; did you mean %q?", near)
	}
	if len(known) > 0 {
		text += "; known here: " + strings.Join(known, ", ")
	}
	return text
}

// knownKeys are the keys of the table at path.
func knownKeys(t reflect.Type, path []string) []string {
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	var keys []string
	for f := range t.Fields() {
		name, tagged := f.Tag.Lookup("toml")
		switch {
		case f.Anonymous && !tagged:
			if len(path) == 0 {
				keys = append(keys, knownKeys(f.Type, nil)...)
			} else if sub := knownKeys(f.Type, path); sub != nil {
				return sub
			}
		case !tagged:
		case len(path) == 0:
			keys = append(keys, name)
		case path[0] == name:
			return knownKeys(f.Type, path[1:])
		}
	}
	return keys
}

var mismatch = regexp.MustCompile(`cannot decode TOML (\w+(?: \w+)*) into (?:struct field \S+|a Go value) of type (\S+)`)

// valueError tells a value's mistake in the file's words, not in Go's.
func valueError(e *toml.DecodeError) string {
	text := strings.TrimPrefix(e.Error(), "toml: ")
	if m := mismatch.FindStringSubmatch(text); m != nil {
		want := map[string]string{
			"string": "text in quotes", "int": "a number", "float64": "a number", "bool": "true or false", "[]string": "a list of texts",
			"[]int": "a list of numbers", "main.Duration": `a duration in quotes, like "2m"`, "main.Size": `a size in quotes, like "25MB"`,
		}[m[2]]
		if want == "" {
			want = "a table"
		}
		text = fmt.Sprintf("this takes %s, not a TOML %s", want, m[1])
	}
	if key := e.Key(); len(key) > 0 {
		text = strings.Join(key, ".") + ": " + text
	}
	return text
}
