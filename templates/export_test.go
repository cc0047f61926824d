package templates

import (
	"reflect"
	"strings"
)

// Sparse is sparse, for tests.
func Sparse(d Data) Data { return sparse(d) }

// Clean is clean, for tests.
func Clean(s string) string { return clean(s) }

// Compile is what Load does first with one text, for tests.
func Compile(name, content string) error {
	_, err := compile(Own{Name: name, Locale: "en", Text: content}, nil)
	return err
}

// TypeName is typeName, for tests.
func TypeName(t reflect.Type) string { return typeName(t) }

// Needs are the variables that a text of the named template has to have.
func Needs(name string) []string { return entries[name].Keeps() }

// FunctionNames are all that a text may call.
func FunctionNames() map[string]bool {
	names := map[string]bool{}
	for name := range functions(english, new(runner)) {
		if !strings.HasPrefix(name, "_") {
			names[name] = true
		}
	}
	for name := range builtins {
		names[name] = true
	}
	return names
}
