package templates

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"text/template/parse"

	"handoff/internal/spell"
)

// builtins are those of text/template's functions that templates have, with the fewest and the most arguments (-1: any).
var builtins = map[string][2]int{
	"and": {1, -1}, "or": {1, -1}, "not": {1, 1}, "eq": {2, -1}, "ne": {2, 2}, "lt": {2, 2}, "le": {2, 2}, "gt": {2, 2},
	"ge": {2, 2}, "len": {1, 1}, "print": {1, maxDepth}, "printf": {1, maxDepth},
}

// call is the value of a function on args.
func (c *checker) call(id *parse.IdentifierNode, args []operand, s scope) operand {
	if f, ok := c.funcs[id.Ident]; ok {
		return c.callOurs(id, f, args, s)
	}
	bounds, ok := builtins[id.Ident]
	if !ok && slices.Contains(parts(s.vars["$"].typ), id.Ident) {
		c.fail(id, "a variable begins with a dot: write .%s", id.Ident)
	}
	if !ok {
		known := slices.Sorted(maps.Keys(builtins))
		known = append(known, slices.Sorted(maps.Keys(c.funcs))...)
		text := fmt.Sprintf("unknown function %s", id.Ident)
		if near := spell.Nearest(id.Ident, known); near != "" {
			text += fmt.Sprintf(" (did you mean %s?)", near)
		}
		c.fail(id, "%s", text)
	}
	c.arity(id, len(args), bounds[0], bounds[1])
	for _, a := range args {
		if a.typ == markupType {
			c.fail(id, "%s cannot take what quote or link made", id.Ident)
		}
	}
	switch id.Ident {
	case "and", "or", "not":
		for _, a := range args {
			if a.typ == timeType {
				c.fail(id, "a date is always true for %s: ask whether it is missing with .IsZero", id.Ident)
			}
			if id.Ident != "not" && a.typ != args[0].typ {
				return operand{typ: boolType} // good for a condition only
			}
		}
		if id.Ident == "not" {
			return operand{typ: boolType}
		}
		return operand{typ: args[0].typ}
	case "eq", "ne", "lt", "le", "gt", "ge":
		for _, a := range args {
			c.comparable(id, args[0], a)
		}
		return operand{typ: boolType}
	case "len":
		if t := args[0].typ; t == nil || t.Kind() != reflect.Slice && t.Kind() != reflect.String {
			c.fail(id, "len counts a list or a text, not %s", describe(args[0].typ))
		}
		return operand{typ: intType}
	}
	for _, a := range args {
		if a.typ != nil && a.typ.Kind() != reflect.String && !isInt(a.typ) {
			c.fail(id, "%s takes texts and numbers, not %s", id.Ident, describe(a.typ))
		}
	}
	if id.Ident == "printf" {
		c.format(id, args[0].quoted, args[1:])
	}
	return operand{typ: stringType}
}

// verb is what a format of printf may have: a width of two digits at most, as fmt writes a million blanks as well.
var verb = regexp.MustCompile(`%[-+# 0]*\d{0,2}(?:\.\d{0,2})?([sdvq])`)

// format checks what printf is told to do with args.
func (c *checker) format(id *parse.IdentifierNode, format *string, args []operand) {
	if format == nil {
		c.fail(id, "printf begins with its format in quotes: {{printf \"%%s\" .Team}}")
	}
	plain := strings.ReplaceAll(*format, "%%", "")
	verbs := verb.FindAllStringSubmatch(plain, -1)
	if strings.Contains(verb.ReplaceAllString(plain, ""), "%") {
		c.fail(id, "printf knows %%s, %%d, %%q and %%v, with a width up to 99, and %%%%")
	}
	if len(verbs) != len(args) {
		c.fail(id, "the format %q is for %s, not %d", *format, english.count(len(verbs), "value", "values"), len(args))
	}
	for i, v := range verbs {
		number := args[i].typ == nil || isInt(args[i].typ)
		if v[1] == "d" && !number || (v[1] == "s" || v[1] == "q") && number {
			c.fail(id, "%s of the format %q is not for %s", v[0], *format, describe(args[i].typ))
		}
	}
}

func (c *checker) callOurs(id *parse.IdentifierNode, f reflect.Type, args []operand, s scope) operand {
	c.arity(id, len(args), f.NumIn(), f.NumIn())
	if id.Ident == "markdown" && args[0].path != "$.Guidelines" {
		c.fail(id, "markdown is for .Guidelines, the team's own words: what others write stays as they wrote it, with quote")
	}
	for i, a := range args {
		want := f.In(i)
		ok := a.typ == want || a.typ == nil && isInt(want)
		if !ok && a.typ != nil && a.typ.Kind() == reflect.Pointer && a.typ.Elem() == want {
			if ok = s.present[a.path]; !ok {
				c.fail(id, "%s may be missing: put this inside {{with}} … {{end}}", strings.TrimPrefix(a.path, "$"))
			}
		}
		if !ok {
			c.fail(id, "%s takes %s, not %s", id.Ident, describe(want), describe(a.typ))
		}
	}
	return operand{typ: f.Out(0)}
}

func (c *checker) arity(id *parse.IdentifierNode, n, least, most int) {
	switch {
	case n >= least && (n <= most || most < 0):
	case least == most:
		c.fail(id, "%s takes %s, not %d", id.Ident, english.count(least, "argument", "arguments"), n)
	case n > most && most >= 0:
		c.fail(id, "%s takes at most %s", id.Ident, english.count(most, "argument", "arguments"))
	default:
		c.fail(id, "%s takes at least %s", id.Ident, english.count(least, "argument", "arguments"))
	}
}

// comparable refuses comparisons that text/template would fail on.
func (c *checker) comparable(id *parse.IdentifierNode, a, b operand) {
	kind := func(o operand) string {
		switch {
		case o.typ == nil || isInt(o.typ):
			return "number"
		case o.typ.Kind() == reflect.String:
			return "text"
		case o.typ.Kind() == reflect.Bool && (id.Ident == "eq" || id.Ident == "ne"):
			return "bool"
		}
		c.fail(id, "%s compares texts and numbers, not %s", id.Ident, describe(o.typ))
		return ""
	}
	if kind(a) != kind(b) {
		c.fail(id, "%s cannot compare %s with %s", id.Ident, describe(a.typ), describe(b.typ))
	}
}

func isInt(t reflect.Type) bool {
	return t != nil && t.Kind() >= reflect.Int && t.Kind() <= reflect.Int64
}

func deref(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// describe names a type for the people who write templates.
func describe(t reflect.Type) string {
	switch {
	case t == nil:
		return "a number"
	case t == timeType:
		return "a date"
	case t == markupType:
		return "what quote or link made"
	case t.Kind() == reflect.Pointer:
		return describe(t.Elem())
	case t.Kind() == reflect.Slice:
		return "a list of " + strings.TrimPrefix(describe(t.Elem()), "a ") + "s"
	case t.Kind() == reflect.String:
		return "a text"
	case isInt(t):
		return "a number"
	case t.Kind() == reflect.Bool:
		return "a yes or no"
	}
	return "a " + t.Name()
}
