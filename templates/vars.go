package templates

import (
	"embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
)

// Variable is one of what a template's text may use.
type Variable struct {
	Path    string // as it is written: .Piece.Code; of a list's elements .Files[].Name, inside range: .Name
	Type    string // in words: text, date, list of File
	Meaning string
	Example string // from the sample, "" for what has no form of its own
}

// Vars lists the variables of the named template, what belongs to it alone first; nil if there is none.
func Vars(name string) []Variable {
	t := types[name]
	if t == nil {
		return nil
	}
	var own, common []Variable
	base := reflect.TypeFor[Base]()
	sample := reflect.ValueOf(Sample(name))
	for _, f := range reflect.VisibleFields(t) {
		if f.Anonymous {
			continue
		}
		to := &own
		if _, shared := base.FieldByName(f.Name); shared {
			to = &common
		}
		in := t
		for _, i := range f.Index[:len(f.Index)-1] {
			in = in.Field(i).Type
		}
		*to = appendVars(*to, "."+f.Name, in, f, sample.FieldByIndex(f.Index), 0)
	}
	return append(own, common...)
}

// appendVars adds a field and the fields of its parts, twice deep.
func appendVars(list []Variable, path string, in reflect.Type, f reflect.StructField, sample reflect.Value, depth int) []Variable {
	list = append(list, Variable{Path: path, Type: typeName(f.Type), Meaning: Meaning(in, f), Example: exampleOf(sample)})
	part := f.Type
	if part.Kind() == reflect.Slice {
		part = part.Elem()
		path += "[]"
		if sample.IsValid() && sample.Len() > 0 {
			sample = sample.Index(0)
		} else {
			sample = reflect.Value{}
		}
	}
	if part.Kind() == reflect.Pointer {
		part = part.Elem()
		if sample.IsValid() {
			sample = sample.Elem()
		}
	}
	if part.Kind() != reflect.Struct || part == timeType || depth == 2 {
		return list
	}
	for _, inner := range reflect.VisibleFields(part) {
		var v reflect.Value
		if sample.IsValid() {
			v = sample.FieldByIndex(inner.Index)
		}
		list = appendVars(list, path+"."+inner.Name, part, inner, v, depth+1)
	}
	return list
}

// exampleOf is how English shows a value to people.
func exampleOf(v reflect.Value) string {
	if !v.IsValid() {
		return ""
	}
	switch x := v.Interface().(type) {
	case time.Time:
		return english.when(x.UTC(), english.date)
	case string:
		return strings.Join(strings.Fields(cut(x, 60)), " ")
	case bool:
		return map[bool]string{true: "yes", false: "no"}[x]
	case int, int64:
		return fmt.Sprint(x)
	}
	return ""
}

// typeName is t as people who write templates know it.
func typeName(t reflect.Type) string {
	switch {
	case t == timeType:
		return "date"
	case t.Kind() == reflect.Pointer:
		return typeName(t.Elem()) + ", may be missing"
	case t.Kind() == reflect.Slice:
		return "list of " + typeName(t.Elem())
	case t.Kind() == reflect.String:
		return "text"
	case t.Kind() == reflect.Bool:
		return "yes or no"
	case t.Kind() == reflect.Struct:
		return t.Name()
	}
	return "number"
}

// Meaning is what the field f of in is, "" if nothing tells.
func Meaning(in reflect.Type, f reflect.StructField) string {
	if means := meanings()[in.Name()+"."+f.Name]; means != "" {
		return means
	}
	if f.Type.Kind() != reflect.Struct {
		return ""
	}
	_, means, _ := strings.Cut(strings.TrimSuffix(meanings()[f.Type.Name()], "."), " is ")
	return means
}

// About is what the comment on the Data type of the named template says beyond what the mail does, "" nothing.
func About(name string) string {
	_, more, _ := strings.Cut(meanings()[types[name].Name()], ". ")
	return more
}

// The comments on the Data types are their documentation; this keeps it where they are declared.
//
//go:embed data*.go catalogue.go
var declarations embed.FS

// meanings are those comments, by type and field: "Piece.Code", and of the types: "Piece".
var meanings = sync.OnceValue(func() map[string]string {
	found := map[string]string{}
	files, err := declarations.ReadDir(".")
	if err != nil {
		panic(err) // the binary itself is broken
	}
	for _, file := range files {
		text, err := declarations.ReadFile(file.Name())
		if err != nil {
			panic(err)
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file.Name(), text, parser.ParseComments)
		if err != nil {
			panic(err)
		}
		for _, d := range parsed.Decls {
			decl, ok := d.(*ast.GenDecl)
			if !ok || decl.Tok != token.TYPE {
				continue
			}
			spec := decl.Specs[0].(*ast.TypeSpec)
			found[spec.Name.Name] = strings.Join(strings.Fields(decl.Doc.Text()), " ")
			if s, ok := spec.Type.(*ast.StructType); ok {
				for _, f := range s.Fields.List {
					for _, name := range f.Names {
						found[spec.Name.Name+"."+name.Name] = strings.TrimSpace(f.Comment.Text())
					}
				}
			}
		}
	}
	return found
})

// Functions lists what a text may call, with what each does.
func Functions() []Variable {
	list := []Variable{
		{"date DATE", "text", "in the reader's time zone; with the time of day where it is not the last minute of the day, there or for who has to keep it", "Tuesday, 5 May 2026"},
		{"datetime DATE", "text", "with the time of day", "Tuesday, 5 May 2026 at 17:00 (CEST)"},
		{"days NUMBER", "text", "a number of days", "3 days"},
		{"count NUMBER \"file\" \"files\"", "text", "a number of anything", "2 files"},
		{"size NUMBER", "text", "a number of bytes", "2.3 MB"},
		{"stage TEXT", "text", "a stage in words", "copy edit"},
		{"sentence TEXT", "text", "with a capital at its beginning", "Copy edit"},
		{"full TEXT", "text", "as a full sentence", "Copy edit."},
		{"say TEXT", "text", "a phrase of Handoff's own in the reader's language: a reason, what is missing", ""},
		{"marked TEXT", "text", "the text of changes, with Handoff's own remarks in the reader's language", ""},
		{"re TEXT", "text", "the subject of an answer", "Re: Heat pumps"},
		{"list TEXTS", "text", "a list of texts", "a, b and c"},
		{"hello PERSON", "text", "a greeting", "Hello Anna Berg,"},
		{"quote TEXT", "paragraph", "as a quotation, its lines kept", ""},
		{"markdown TEXT", "paragraph", "the team's guidelines as their Markdown says, in a quotation; for .Guidelines alone", ""},
		{"link TEXT", "link", "an address that can be clicked", "https://agency.example"},
		{"answers ANSWERS", "paragraph", "the one-tap answers, as links; a paragraph of its own", ""},
		{"drafts DRAFTS", "paragraph", "what goes with the mail: versions with their files, links and text; a paragraph of its own", ""},
		{"eq A B", "yes or no", "whether two texts or numbers are the same, for if", ""},
		{"ne A B", "yes or no", "whether they are not", ""},
		{"lt A B", "yes or no", "whether the first is less", ""},
		{"le A B", "yes or no", "whether it is less or the same", ""},
		{"gt A B", "yes or no", "whether the first is more", ""},
		{"ge A B", "yes or no", "whether it is more or the same", ""},
		{"and A B", "yes or no", "whether both are there, for if", ""},
		{"or A B", "yes or no", "whether one of them is there", ""},
		{"not A", "yes or no", "whether it is not there", ""},
		{"len LIST", "number", "how many there are in a list, or bytes in a text", "2"},
		{"print A B", "text", "texts and numbers, one after the other", ""},
		{"printf \"%s (%d)\" A B", "text", "a format: %s and %q for texts, %d for numbers, %v for either", "heat pumps (2)"},
	}
	slices.SortFunc(list, func(a, b Variable) int { return strings.Compare(a.Path, b.Path) })
	return list
}
