package templates

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"text/template/parse"
	"time"

	"handoff/internal/spell"
)

// The checker follows the types of text/template's values through a parse tree, branches that no sample would run
// included, so that a template which loads cannot fail on a name, a type or an absent value when it is rendered. It
// also ends every printing action in the part's printer, which makes its value text.

// operand is what the checker knows of a value.
type operand struct {
	typ    reflect.Type // nil: a literal number or nil
	path   string       // where it came from, "$.Next"; "" if it is not a variable or field
	quoted *string      // the text itself where it stands there in quotes
	of     []string     // the variables of the Data that it is made of
}

// scope is what may be used at one place.
type scope struct {
	dot     operand
	vars    map[string]operand
	present map[string]bool // paths that an enclosing if or with has found not to be nil
	ranges  int             // how deep in ranges
	depth   int             // how deep in any actions
	shows   bool            // what is looked at gets printed, now or by a variable
	fixed   bool            // in a branch of an if that asks for nothing of the Data: it counts as showing nothing
}

func (s scope) inner() scope {
	s.vars, s.present = maps.Clone(s.vars), maps.Clone(s.present)
	return s
}

// checker walks one tree.
type checker struct {
	file    string
	tree    *parse.Tree
	printer string
	funcs   map[string]reflect.Type
	shown   map[string]bool // the variables of the Data itself that get printed
	found   []*Problem
	serial  int // tells the paths of range elements apart
}

var (
	timeType   = reflect.TypeFor[time.Time]()
	stringType = reflect.TypeFor[string]()
	intType    = reflect.TypeFor[int]()
	boolType   = reflect.TypeFor[bool]()
	markupType = reflect.TypeFor[markup]()
)

// maxRanges bounds the depth of loops; each runs over a list of the Data, so a template always ends.
const maxRanges = 3

// problem carries an error up to check; it never leaves this file.
type problem struct{ at *Problem }

// check type-checks tree against data and rewrites it for printing; shown are the variables of data that it prints, in whole or
// in part: to ask for one in an if does not show it.
func check(file string, tree *parse.Tree, data reflect.Type, printer string) (shown map[string]bool, err error) {
	c := &checker{file: file, tree: tree, printer: printer, funcs: map[string]reflect.Type{}, shown: map[string]bool{}}
	for name, f := range functions(english, new(runner)) {
		if _, builtin := builtins[name]; !builtin && !strings.HasPrefix(name, "_") {
			c.funcs[name] = reflect.TypeOf(f)
		}
	}
	root := operand{typ: data, path: "$"}
	c.caught(func() {
		c.nodes(tree.Root, scope{dot: root, vars: map[string]operand{"$": root}, present: map[string]bool{}})
	})
	if len(c.found) > 0 {
		first := c.found[0]
		first.More = c.found[1:min(len(c.found), maxProblems)]
		return nil, first
	}
	return c.shown, nil
}

// maxProblems is how many mistakes of one text are told at once.
const maxProblems = 10

// caught runs f and notes the problem that it ends in; false if it did.
func (c *checker) caught(f func()) (ok bool) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case problem:
			c.found, ok = append(c.found, p.at), false
		default:
			panic(p)
		}
	}()
	f()
	return true
}

func (c *checker) fail(n parse.Node, format string, args ...any) {
	panic(problem{at(c.file, c.tree, n, format, args...)})
}

// nodes checks a list; variables declared in it end with it.
func (c *checker) nodes(list *parse.ListNode, s scope) {
	if list == nil {
		return
	}
	s = s.inner()
	if s.depth++; s.depth > maxDepth {
		c.fail(list, "more than %d actions inside each other", maxDepth)
	}
	branch := func(n *parse.BranchNode, s scope, enter func(operand, scope) scope) {
		c.caught(func() { c.branch(n, s, enter) })
	}
	for _, n := range list.Nodes {
		switch n := n.(type) {
		case *parse.TextNode, *parse.CommentNode, *parse.BreakNode, *parse.ContinueNode:
		case *parse.ActionNode:
			s.shows = !s.fixed && (len(n.Pipe.Decl) == 0 || n.Pipe.IsAssign) // an assignment may be in a branch, and printed behind it
			ok := c.caught(func() {
				if v := c.pipe(n.Pipe, s); len(n.Pipe.Decl) == 0 {
					c.printable(n, v)
					c.append(n.Pipe, c.printer)
				}
			})
			if s.shows = false; !ok && len(n.Pipe.Decl) > 0 {
				return // what uses the variable would be told as wrong
			}
		case *parse.IfNode:
			branch(&n.BranchNode, s, func(v operand, in scope) scope {
				if v.typ == timeType {
					c.append(n.Pipe, "_given")
				}
				return in
			})
		case *parse.WithNode:
			branch(&n.BranchNode, s, func(v operand, in scope) scope {
				if v.typ == timeType {
					c.fail(n.Pipe, "a date cannot be the value of with: write {{if %s}} instead", n.Pipe)
				}
				in.dot = v
				return in
			})
		case *parse.RangeNode:
			c.caught(func() { c.loop(n, s) })
		default:
			c.fail(n, "%s is not available here", strings.SplitN(strings.Trim(n.String(), "{}"), " ", 2)[0])
		}
	}
}

// branch checks an if or with.
func (c *checker) branch(n *parse.BranchNode, s scope, enter func(operand, scope) scope) {
	in := s.inner()
	v := c.pipe(n.Pipe, in)
	in.fixed = in.fixed || len(v.of) == 0
	otherwise := in.inner()
	c.markPresent(n.Pipe, in)
	if v.path != "" {
		in.present[v.path] = true
	}
	c.nodes(n.List, enter(v, in))
	c.nodes(n.ElseList, otherwise)
}

// markPresent notes what a true condition says is there: the value itself, or every argument of and.
func (c *checker) markPresent(n parse.Node, s scope) {
	switch n := n.(type) {
	case *parse.PipeNode:
		if len(n.Cmds) == 1 {
			c.markPresent(n.Cmds[0], s)
		}
	case *parse.CommandNode:
		if id, ok := n.Args[0].(*parse.IdentifierNode); ok && id.Ident == "and" {
			for _, a := range n.Args[1:] {
				c.markPresent(a, s)
			}
		} else if len(n.Args) == 1 {
			c.markPresent(n.Args[0], s)
		}
	case *parse.FieldNode, *parse.VariableNode:
		if v := c.value(n, s); v.path != "" {
			s.present[v.path] = true
		}
	}
}

func (c *checker) loop(n *parse.RangeNode, s scope) {
	in := s.inner()
	v := c.pipe(n.Pipe, in)
	if v.typ == nil || v.typ.Kind() != reflect.Slice {
		c.fail(n.Pipe, "range goes over a list; %s is %s", n.Pipe, describe(v.typ))
	}
	if in.ranges++; in.ranges > maxRanges {
		c.fail(n, "more than %d ranges inside each other", maxRanges)
	}
	c.serial++
	element := operand{typ: v.typ.Elem(), path: fmt.Sprintf("range%d", c.serial), of: v.of}
	in.dot = element
	switch d := n.Pipe.Decl; len(d) {
	case 1:
		in.vars[d[0].Ident[0]] = element
	case 2:
		in.vars[d[0].Ident[0]] = operand{typ: intType}
		in.vars[d[1].Ident[0]] = element
	}
	c.nodes(n.List, in)
	c.nodes(n.ElseList, s)
	c.count(n)
}

// count has each turn of a loop counted by the number of its actions, those of loops in it apart.
func (c *checker) count(n *parse.RangeNode) {
	actions := 0
	var walk func(list *parse.ListNode)
	walk = func(list *parse.ListNode) {
		if list == nil {
			return
		}
		for _, n := range list.Nodes {
			actions++
			switch n := n.(type) {
			case *parse.IfNode:
				walk(n.List)
				walk(n.ElseList)
			case *parse.WithNode:
				walk(n.List)
				walk(n.ElseList)
			}
		}
	}
	walk(n.List)
	number := &parse.NumberNode{NodeType: parse.NodeNumber, Pos: n.Pos, IsInt: true, Int64: int64(actions) + 1, Text: strconv.Itoa(actions + 1)}
	pipe := &parse.PipeNode{NodeType: parse.NodePipe, Pos: n.Pos, Line: n.Line}
	c.append(pipe, "_step", number)
	n.List.Nodes = append([]parse.Node{&parse.ActionNode{NodeType: parse.NodeAction, Pos: n.Pos, Line: n.Line, Pipe: pipe}}, n.List.Nodes...)
}

// pipe is the value of a pipeline; its declarations go into s.
func (c *checker) pipe(p *parse.PipeNode, s scope) operand {
	var v operand
	for i, cmd := range p.Cmds {
		var final *operand
		if i > 0 {
			before := v
			final = &before
		}
		v = c.command(cmd, final, s)
	}
	for _, d := range p.Decl {
		name := d.Ident[0]
		if old, known := s.vars[name]; p.IsAssign && known && old.typ != v.typ {
			c.fail(d, "%s is %s and cannot become %s", name, describe(old.typ), describe(v.typ))
		}
		if p.IsAssign && v.typ != nil && v.typ != timeType && (v.typ.Kind() == reflect.Pointer || v.typ.Kind() == reflect.Struct) {
			c.fail(d, "%s is, or has in it, what may be missing and cannot be changed: declare another variable", name)
		}
		if p.IsAssign {
			v.path = "" // which value it has depends on the way here
		}
		v.quoted = nil
		s.vars[name] = v
	}
	return v
}

func (c *checker) command(cmd *parse.CommandNode, final *operand, s scope) operand {
	first := cmd.Args[0]
	if id, ok := first.(*parse.IdentifierNode); ok {
		s.shows = s.shows && id.Ident != "len" // how many there are is not what they are
		args := make([]operand, 0, len(cmd.Args))
		for _, a := range cmd.Args[1:] {
			args = append(args, c.value(a, s))
		}
		if final != nil {
			args = append(args, *final)
		}
		v := c.call(id, args, s)
		for _, a := range args {
			v.of = append(v.of, a.of...)
		}
		return v
	}
	if len(cmd.Args) > 1 || final != nil {
		c.fail(first, "%s is not a function", first)
	}
	return c.value(first, s)
}

// value is one operand.
func (c *checker) value(n parse.Node, s scope) operand {
	v := c.operand(n, s)
	if s.shows {
		for _, name := range v.of {
			c.shown[name] = true
		}
	}
	return v
}

func (c *checker) operand(n parse.Node, s scope) operand {
	switch n := n.(type) {
	case *parse.DotNode:
		return s.dot
	case *parse.FieldNode:
		return c.fields(n, s.dot, n.Ident, s)
	case *parse.VariableNode:
		v, ok := s.vars[n.Ident[0]]
		if !ok { // the parser refuses undeclared ones; this one belongs to another branch
			c.fail(n, "variable %s is not known here", n.Ident[0])
		}
		return c.fields(n, v, n.Ident[1:], s)
	case *parse.ChainNode:
		if id, ok := n.Node.(*parse.IdentifierNode); ok && slices.Contains(parts(s.vars["$"].typ), id.Ident) {
			c.fail(id, "a variable begins with a dot: write .%s", n)
		}
		return c.fields(n, c.value(n.Node, s), n.Field, s)
	case *parse.PipeNode:
		return c.pipe(n, s)
	case *parse.IdentifierNode:
		return c.call(n, nil, s)
	case *parse.StringNode:
		return operand{typ: stringType, quoted: &n.Text}
	case *parse.BoolNode:
		return operand{typ: boolType}
	case *parse.NumberNode:
		if _, err := strconv.Atoi(n.Text); err != nil {
			c.fail(n, "%s: only whole numbers are used here", n)
		}
		return operand{}
	}
	c.fail(n, "%s cannot be used here", n)
	return operand{}
}

// fields follows .A.B from v.
func (c *checker) fields(n parse.Node, v operand, names []string, s scope) operand {
	whole, pos := n, fieldPos(n)
	for _, name := range names {
		n := &parse.TextNode{NodeType: parse.NodeText, Pos: pos} // for the place of this name
		pos += parse.Pos(len(".") + len(name))
		if v.typ == nil {
			c.fail(n, "%s: a number has no .%s", whole, name)
		}
		t := v.typ
		if t.Kind() == reflect.Pointer {
			if !s.present[v.path] {
				field := strings.TrimPrefix(v.path, "$")
				c.fail(n, "%s may be missing: put this inside {{with %s}} … {{end}}", field, field)
			}
			t = t.Elem()
		}
		if t == timeType && name == "IsZero" {
			v = operand{typ: boolType, of: v.of}
			continue
		}
		var field reflect.StructField
		ok := t.Kind() == reflect.Struct && t != timeType
		if ok {
			field, ok = t.FieldByName(name)
		}
		if !ok || field.Anonymous {
			text := fmt.Sprintf("unknown variable .%s: %s has no such part", name, describe(t))
			if v.path == "$" {
				text = fmt.Sprintf("unknown variable .%s", name)
			}
			if near := spell.Nearest(name, parts(t)); near != "" {
				text += fmt.Sprintf(" (did you mean .%s?)", near)
			} else if p := parts(t); len(p) > 0 {
				text += " (there are ." + strings.Join(p, ", .") + ")"
			}
			c.fail(n, "%s", text)
		}
		part := operand{typ: field.Type, of: v.of}
		if v.path == "$" {
			part.of = []string{name}
		}
		if v.path != "" {
			part.path = v.path + "." + name
		}
		v = part
	}
	return v
}

// fieldPos is where the first name of n stands: of several, the parser notes the second.
func fieldPos(n parse.Node) parse.Pos {
	if f, ok := n.(*parse.FieldNode); ok && len(f.Ident) > 1 {
		return f.Pos - parse.Pos(len(".")+len(f.Ident[0]))
	}
	return n.Position()
}

// parts are the names that a template may use on a t.
func parts(t reflect.Type) []string {
	if t == timeType {
		return []string{"IsZero"}
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	var names []string
	for _, f := range reflect.VisibleFields(t) {
		if !f.Anonymous {
			names = append(names, f.Name)
		}
	}
	slices.Sort(names)
	return names
}

// printable refuses what has no form for people.
func (c *checker) printable(n *parse.ActionNode, v operand) {
	switch {
	case v.typ == nil || v.typ.Kind() == reflect.String || isInt(v.typ):
		if v.typ == markupType && c.printer == "_line" {
			c.fail(n, "this function has no place in a subject or a why")
		}
	case v.typ == timeType:
		c.fail(n, "a date is put into words by a function: {{date %s}}", n.Pipe)
	case len(parts(deref(v.typ))) > 0:
		c.fail(n, "%s is %s: choose one of its parts, .%s", n.Pipe, describe(v.typ), strings.Join(parts(deref(v.typ)), ", ."))
	case v.typ.Kind() == reflect.Slice:
		c.fail(n, "%s is %s: use {{range %s}} … {{end}}, or list", n.Pipe, describe(v.typ), n.Pipe)
	default:
		c.fail(n, "%s is %s and cannot be printed", n.Pipe, describe(v.typ))
	}
}

// append ends p in a call of f.
func (c *checker) append(p *parse.PipeNode, f string, args ...parse.Node) {
	id := parse.NewIdentifier(f).SetTree(c.tree).SetPos(p.Pos)
	p.Cmds = append(p.Cmds, &parse.CommandNode{NodeType: parse.NodeCommand, Pos: p.Pos, Args: append([]parse.Node{id}, args...)})
}
